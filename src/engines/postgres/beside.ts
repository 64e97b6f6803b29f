import { turns } from '../turns.ts';
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
  let second: Connection | undefined;
  const asked = async <R extends object>(sql: string, args: readonly unknown[]): Promise<readonly R[]> => {
    if (!second?.isAlive()) second = await connect();
    try {
      return (await second.client.query<R>(sql, [...args])).rows;
    } catch (error) {
      second.cut();
      throw error;
    }
  };
  const holders = async (pids: string, args: readonly unknown[]): Promise<readonly Holder[]> => {
    try {
      return (await asked<HolderRow>(holdersSql(pids), args)).map(toHolder);
    } catch {
      // Only the name in a message is missing then.
      return [];
    }
  };
  const inTurn = turns();
  return {
    blockers: () => inTurn(() => holders('pg_catalog.pg_blocking_pids($1::int)', [watched.backend])),
    holders: (pids) => inTurn(() => holders('$1::int[]', [pids])),
    async cancel() {
      const giveUp = setTimeout(watched.cut, patience);
      try {
        await inTurn(() => asked('SELECT pg_catalog.pg_cancel_backend($1)', [watched.backend]));
      } catch {
        watched.cut();
      } finally {
        clearTimeout(giveUp);
      }
    },
    end: () =>
      inTurn(async () => {
        await second?.[Symbol.asyncDispose]();
        second = undefined;
      }),
  };
}

/** Milliseconds after which a server that is asked to cancel is taken for lost. */
const patience = 10_000;

/** A prepared transaction has no process: its number is 0. */
function holdersSql(pids: string): string {
  return `SELECT p.pid, a.application_name AS program, a.usename::text AS "user",
      to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
      coalesce(a.state LIKE 'idle in transaction%', false)::int AS idle
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
