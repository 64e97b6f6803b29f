import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Target } from '../../project/project.ts';
import { shownAddress } from './shown-address.ts';

/**
 * Said before a database of SQLite is made together with its folder, which may also be a slip in the path or a disk
 * that is not mounted. Miniflare's own folders are made by whoever comes first, and are nothing to speak of.
 */
export function missingFolder({ address }: Target, root: string): readonly string[] {
  if (address.kind !== 'libsql-file' || existsSync(dirname(address.path))) return [];
  return [
    `The folder of ${shownAddress(address, root)} does not exist yet; a deploy makes it with the database.`,
  ];
}
