import { createClient } from '@libsql/client/sqlite3';
import type { Engine } from '../engine.ts';
import { holdFile } from '../held-files.ts';
import { fileUrl } from './file.ts';
import { localEngine } from './local.ts';

/** A file through libSQL for questions only: the connection itself refuses writes, after any recovery. */
export function openRecoveringReader({
  path,
  busyTimeout,
  signal,
}: {
  readonly path: string;
  readonly busyTimeout: number;
  readonly signal?: AbortSignal;
}): Engine {
  const held = holdFile(path, 'libsql');
  const client = createClient({ url: fileUrl(path), concurrency: 1, intMode: 'bigint', timeout: 0 });
  const onDispose = () => held[Symbol.dispose]();
  const engine = localEngine(client, {
    name: 'libsql-file',
    location: path,
    busyTimeout,
    signal,
    beforeQuery: 'PRAGMA query_only = ON',
    onDispose,
  });
  return { ...engine, name: 'sqlite-reader' };
}
