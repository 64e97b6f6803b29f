import { sessionName } from '../../engines/postgres/session-name.ts';
import type { LeftSession } from '../../operations/diagnosis/diagnosis.ts';
import type { Query } from '../../sql/statement.ts';
import { fateOf, processOf } from '../lock/run-key.ts';

/** A run that is not known to be alive, by its key, and where it was. */
export interface CutRun {
  readonly run: string;
  readonly host: string;
}

/**
 * Sessions on the server that still work for runs that were cut off: a server goes on with a statement whose client is
 * gone until it looks, which it does not do everywhere.
 */
export async function leftSessions(query: Query, runs: readonly CutRun[]): Promise<readonly LeftSession[]> {
  const names = runs.flatMap(({ run, host }) => {
    const pid = fateOf(run) === 'alive' ? undefined : processOf(run);
    return pid === undefined ? [] : [sessionName({ pid, host })];
  });
  if (query.dialect !== 'postgres' || names.length === 0) return [];
  const rows = await query({ sql: working, args: [JSON.stringify([...new Set(names)])] });
  return rows.map(({ pid, name, since, statement }) => ({
    pid: Number(pid),
    name: String(name),
    since: String(since),
    ...(typeof statement === 'string' && { statement }),
  }));
}

// A role sees what its own sessions run, and those of roles that it is a member of.
const working = `SELECT a.pid, a.application_name AS name, a.query AS statement,
    to_char(coalesce(a.query_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
  FROM pg_catalog.pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND a.state IS DISTINCT FROM 'idle'
    AND a.application_name IN (SELECT json_array_elements_text($1::json)) ORDER BY a.pid`;
