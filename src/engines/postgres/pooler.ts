import { MigrateError } from '../../lib/errors.ts';
import type { Connection } from './connection.ts';

/**
 * Refuses a pooler in transaction mode: a second connection that gets the server process of the first, while that is
 * still open, proves it. What a session keeps there (settings, advisory locks, temporary tables) falls to strangers.
 *
 * @throws MigrateError `config`; the connection is closed then
 */
export async function refuseSharedBackends(
  connection: Connection,
  connect: () => Promise<Connection>,
): Promise<void> {
  const isShared = await (async () => {
    await using second = await connect();
    return second.backend === connection.backend;
  })().catch(async (error: unknown) => {
    await connection[Symbol.asyncDispose]();
    throw error;
  });
  if (!isShared) return;
  await connection[Symbol.asyncDispose]();
  throw new MigrateError(
    'config',
    `${connection.location} is a connection pooler in transaction mode, which gives each statement any session`,
    {
      next: 'Name the server itself for changes (at most hosts another port or host name), or the pooler in session mode.',
    },
  );
}
