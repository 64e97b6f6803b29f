import { unreachable } from '../lib/unreachable.ts';
import type { Dialect } from '../sql/statement.ts';
import { postgresLease } from './lease-postgres.ts';
import { sqliteLease } from './lease-sqlite.ts';
import type { LeaseTexts } from './lease.ts';

/** The lease of a database that speaks this dialect. */
export function leaseTexts(dialect: Dialect): LeaseTexts {
  switch (dialect) {
    case 'sqlite':
      return sqliteLease;
    case 'postgres':
      return postgresLease;
    default:
      return unreachable(dialect);
  }
}
