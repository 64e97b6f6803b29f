import { isLoopback } from '../../lib/loopback.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { PostgresAddress } from '../../engines/address.ts';
import type { Address } from '../project.ts';

/** Whether a database is on this machine: a file, a folder, memory, or a server on loopback or a socket. */
export function isLocal(address: Address): boolean {
  switch (address.kind) {
    case 'libsql-file':
    case 'libsql-memory':
    case 'd1-local':
    case 'pglite':
      return true;
    case 'postgres':
      return isLocalServer(address);
    case 'libsql-remote':
      return isCalledLocal(new URL(address.url).hostname);
    case 'd1-remote':
    case 'unavailable':
      return false;
    default:
      return unreachable(address);
  }
}

/** The same of a PostgreSQL server. */
export function isLocalServer({ url }: Pick<PostgresAddress, 'url'>): boolean {
  const { hostname } = new URL(url);
  return /^%2f/i.test(hostname) || isCalledLocal(hostname.toLowerCase());
}

/** Names below `localhost` are this machine's own by convention. */
function isCalledLocal(hostname: string): boolean {
  return isLoopback(hostname) || hostname === '::1' || hostname.endsWith('.localhost');
}
