import { createClient } from '@libsql/client/sqlite3';
import type { Engine } from '../engine.ts';
import { localEngine } from './local.ts';

/**
 * A file through libSQL for questions only.
 *
 * @param url the file's name for SQLite, which says that it is read-only or immutable
 */
export function openLibsqlReader(
  url: string,
  {
    path,
    busyTimeout,
    signal,
  }: { readonly path: string; readonly busyTimeout: number; readonly signal?: AbortSignal },
): Engine {
  // The client would take `mode` for an option of its own and refuse it; as a part of the path it reaches SQLite.
  const client = createClient({
    url: `file:${encodeURIComponent(url)}`,
    concurrency: 1,
    intMode: 'bigint',
    timeout: 0,
  });
  return localEngine(client, {
    name: 'libsql-file',
    location: path,
    busyTimeout,
    signal,
    beforeQuery: 'PRAGMA query_only = ON',
    onDispose: () => undefined,
  });
}
