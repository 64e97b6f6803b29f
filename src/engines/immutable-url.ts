/** A file name that makes SQLite read the file alone: no locks, no `-wal`, no `-shm`. */
export function immutableUrl(path: string): string {
  return `file:${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}?immutable=1`;
}
