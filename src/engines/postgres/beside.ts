import type { Connection } from './connection.ts';
import type { Beside, Holder } from './session.ts';

/**
 * Looks at a session from a second connection, which is opened when it is first needed and closed by `end`. Where it
 * cannot be opened, nobody is known and the session is cut instead of cancelled.
 */
export function besideOf(
  watched: Pick<Connection, 'cut' | 'backend'>,
  connect: () => Promise<Connection>,
): Beside & { readonly end: () => Promise<void> } {
  let second: Promise<Connection> | undefined;
  const connection = () => (second ??= connect());
  const asked = async (sql: string, args: readonly unknown[]): Promise<readonly Holder[]> => {
    try {
      const { client } = await connection();
      const { rows } = await client.query<HolderRow>(sql, [...args]);
      return rows.map(toHolder);
    } catch {
      // Only the name in a message is missing then.
      return [];
    }
  };
  return {
    blockers: () => asked(holdersSql('pg_catalog.pg_blocking_pids($1::int)'), [watched.backend]),
    holders: (pids) => asked(holdersSql('$1::int[]'), [pids]),
    async cancel() {
      try {
        const { client } = await connection();
        await client.query('SELECT pg_catalog.pg_cancel_backend($1)', [watched.backend]);
      } catch {
        watched.cut();
      }
    },
    async end() {
      const opened = await second?.catch(() => undefined);
      second = undefined;
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

/** A prepared transaction has no process: its number is 0. */
function holdersSql(pids: string): string {
  return `SELECT p.pid, a.application_name AS program, a.usename::text AS "user",
      to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
      coalesce(a.state LIKE 'idle%', false)::int AS idle
    FROM (SELECT DISTINCT pid FROM pg_catalog.unnest(${pids}) AS pid) AS p
    LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = p.pid
    ORDER BY a.xact_start NULLS LAST`;
}

interface HolderRow {
  readonly pid: number;
  readonly program: string | null;
  readonly user: string | null;
  readonly since: string | null;
  readonly idle: number;
}

function toHolder({ pid, program, user, since, idle }: HolderRow): Holder {
  return {
    pid,
    program: program || undefined,
    user: user ?? undefined,
    since: since ?? undefined,
    isIdle: idle === 1,
  };
}
