import type { Address } from '../../address.ts';
import { openPgliteTables } from '../pglite/tables.ts';
import { openServerSession, type ServerSessionOptions } from '../server-session.ts';
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
  switch (address.kind) {
    case 'postgres':
      return openServerSession(address, options);
    case 'pglite':
      return openPgliteTables(address, options);
    default:
      throw new Error(`A ${address.kind} database is not copied table by table.`);
  }
}
