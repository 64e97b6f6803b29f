/** A file name that makes SQLite read the file alone: no locks, no `-wal`, no `-shm`. */
export function immutableUrl(path: string): string {
  return `${sqliteUrl(path)}?immutable=1`;
}

/** A file name that makes SQLite refuse every write to the file, whatever it is opened for. */
export function readOnlyUrl(path: string): string {
  return `${sqliteUrl(path)}?mode=ro`;
}

function sqliteUrl(path: string): string {
  return `file:${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}`;
}
