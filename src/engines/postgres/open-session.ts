import type { Address } from '../address.ts';
import { openServerSession, type ServerSessionOptions } from './server-session.ts';
import type { TableSession } from './table-session.ts';

/**
 * Opens a session of its own with a PostgreSQL database.
 *
 * @throws MigrateError `unreachable`, `interrupted`
 */
export async function openTableSession(
  address: Address,
  options: ServerSessionOptions = {},
): Promise<TableSession> {
  if (address.kind === 'postgres') return openServerSession(address, options);
  throw new Error(`A ${address.kind} database is not copied table by table.`);
}
