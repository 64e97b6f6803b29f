import { dialectNames, type Dialect } from '../sql/statement.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Address, Database } from './project.ts';

/** What a Drizzle configuration's `dialect` is here; undefined: one that this version does not serve. */
export function dialectNamed(name: string): Dialect | undefined {
  if (name === 'postgresql') return 'postgres';
  return name === 'sqlite' || name === 'turso' ? 'sqlite' : undefined;
}

/** What a database at this address speaks; undefined where the address is not known. */
export function dialectAt(address: Address): Dialect | undefined {
  switch (address.kind) {
    case 'libsql-file':
    case 'libsql-memory':
    case 'libsql-remote':
    case 'd1-local':
    case 'd1-remote':
      return 'sqlite';
    case 'postgres':
    case 'pglite':
      return 'postgres';
    case 'unavailable':
      return undefined;
    default:
      return unreachable(address);
  }
}

/** Why an address cannot be a target of a database: their SQL is not the same. To be said of the address. */
export function speaksOther(
  address: Address,
  { name, dialect }: Pick<Database, 'name' | 'dialect'>,
): string | undefined {
  const spoken = dialectAt(address);
  if (spoken === undefined || spoken === dialect) return undefined;
  return `leads to ${dialectNames[spoken]}, and ${name} is kept in ${dialectNames[dialect]}`;
}
