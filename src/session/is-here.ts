import { isOnThisMachine, placeOf } from '../engines/postgres/place.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Address } from '../project/project.ts';

/** Whether a database is on this machine; one on a server elsewhere may be somebody else's work. */
export function isHere(address: Address): boolean {
  switch (address.kind) {
    case 'libsql-file':
    case 'libsql-memory':
    case 'd1-local':
    case 'pglite':
      return true;
    case 'postgres':
      return isOnThisMachine(placeOf(address.url));
    case 'libsql-remote':
    case 'd1-remote':
    case 'unavailable':
      return false;
    default:
      return unreachable(address);
  }
}
