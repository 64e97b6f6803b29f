import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client/sqlite3';
import { MigrateError } from '../../lib/errors.ts';
import type { Engine } from '../engine.ts';
import { checkWritable, lookAtFile, makeFolderOf } from '../file-check.ts';
import { holdFile } from '../held-files.ts';
import { toQueryError } from '../sql-errors.ts';
import { localEngine } from './local.ts';

export interface LibsqlFileOptions {
  /** Absolute path. */
  readonly path: string;
  readonly ifMissing: 'refuse' | 'create';
  /** How long to wait for other writers, in milliseconds. */
  readonly busyTimeout: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens a database file for changing it. Throws `MigrateError`: `unreachable` when it is missing (unless it is
 * to be created, with its folder) or no database, `storage` when it cannot be written.
 */
export async function openLibsqlFile({
  path,
  ifMissing,
  busyTimeout,
  signal,
}: LibsqlFileOptions): Promise<Engine> {
  const state = await lookAtFile(path);
  if (state.kind === 'missing' && ifMissing === 'refuse') {
    throw new MigrateError('unreachable', `${path} does not exist`, {
      next: 'Correct the path, or deploy: that creates the database.',
    });
  }
  if (state.kind === 'missing') await makeFolderOf(path);
  await checkWritable(path, state);
  const held = holdFile(path, 'libsql');
  try {
    // `timeout: 0`: we wait ourselves, without holding up the event loop.
    const client = createClient({ url: fileUrl(path), concurrency: 1, intMode: 'bigint', timeout: 0 });
    const onDispose = () => held[Symbol.dispose]();
    return localEngine(client, { name: 'libsql-file', location: path, busyTimeout, signal, onDispose });
  } catch (error) {
    held[Symbol.dispose]();
    throw toQueryError(error, path);
  }
}

/** A path as a `file:` URL that the client decodes to the same path: `#`, `?` and `%` included. */
export function fileUrl(path: string): string {
  return pathToFileURL(path).href;
}
