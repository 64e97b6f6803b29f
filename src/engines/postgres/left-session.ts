import { pause } from '../waiting.ts';
import type { Connection } from './connection.ts';
import { toLimitedError } from './session-limits.ts';
import { ownName } from './session-name.ts';

/**
 * Ends what a broken connection of ours left behind on the server: until the server notices that nobody is there any
 * more, its transaction keeps its locks, and a COMMIT that was on its way may still come true. Once it is gone, what
 * became of it can be read back.
 *
 * @param backend the server process that it had
 */
export async function endLeftSession(connection: Connection, backend: number): Promise<void> {
  const until = performance.now() + patience;
  while ((await isThere(connection, backend)) && performance.now() < until) await pause(20, undefined);
}

/** The name tells it from a stranger's session that got the number meanwhile. */
async function isThere(connection: Connection, backend: number): Promise<boolean> {
  const sql = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE pid = $1 AND pid <> pg_catalog.pg_backend_pid() AND application_name = $2`;
  const asked = connection.client.query(sql, [backend, ownName()]);
  const { rows } = await asked.catch((error: unknown) => {
    throw toLimitedError(error, sql, connection);
  });
  return rows.length > 0;
}

/** Milliseconds: who still waits for its locks then is told so. */
const patience = 5000;
