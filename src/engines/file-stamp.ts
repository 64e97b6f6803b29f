import { statSync } from 'node:fs';

/**
 * Tells whether a database file was written between two looks, and whether a journal or a WAL came or went. No file is
 * opened for it: closing one gives up the locks that this process has on it.
 */
export function fileStamp(path: string): string {
  return ['', '-journal', '-wal'].map((suffix) => stampOf(`${path}${suffix}`)).join(' ');
}

function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '-' : `${found.mtimeNs}/${found.size}/${found.ino}`;
}
