import { statSync } from 'node:fs';

/**
 * Tells whether a database file was written between two looks, and whether a journal or a WAL came or went. No file is
 * opened for it: closing one gives up the locks that this process has on it.
 */
export function fileStamp(path: string): string {
  return ['', '-journal', '-wal'].map((suffix) => stampOf(`${path}${suffix}`)).join(' ');
}

/** When anybody last wrote to a database file; a change that is still in its WAL counts. */
export function lastWritten(path: string): Date | undefined {
  const times = [path, `${path}-wal`].flatMap((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found && found.size > 0 ? [found.mtimeMs] : [];
  });
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '-' : `${found.mtimeNs}/${found.size}/${found.ino}`;
}
