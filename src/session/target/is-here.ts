import { isLocal } from '../../project/addresses/is-local.ts';
import type { Address } from '../../project/project.ts';

/** Whether a database is this machine's own; a libSQL server may be somebody else's work, wherever it listens. */
export function isHere(address: Address): boolean {
  return address.kind !== 'libsql-remote' && isLocal(address);
}
