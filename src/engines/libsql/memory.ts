import { createClient } from '@libsql/client/sqlite3';
import type { Engine } from '../engine.ts';
import { localEngine } from './local.ts';

/** A new, empty database in memory, gone when it is disposed. */
export function openLibsqlMemory({ signal }: { readonly signal?: AbortSignal } = {}): Engine {
  const client = createClient({ url: ':memory:', concurrency: 1, intMode: 'bigint', timeout: 0 });
  return localEngine(client, {
    name: 'libsql-memory',
    location: ':memory:',
    busyTimeout: 0,
    signal,
    onDispose: () => undefined,
  });
}
