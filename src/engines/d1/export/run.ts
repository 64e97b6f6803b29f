import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MigrateError } from '../../../lib/errors.ts';
import type { D1Connection } from '../remote/connection.ts';
import { field, listField, textField } from '../remote/shape.ts';

export interface ExportOptions {
  /** `sqlite`: a form that only SQLite's own shell reads, but with virtual tables, which the other refuses. */
  readonly form: 'd1' | 'sqlite';
  readonly signal?: AbortSignal;
  /** The server's words about how far it is. */
  readonly onProgress?: (says: string) => void;
}

/**
 * Has the server write the whole database as SQL, and fetches that. From the first request until the last poll the
 * database answers nobody else; when nobody polls any more, the server gives up by itself.
 *
 * @param to path of a file that is written
 * @returns the place in the history that was exported
 */
export async function runExport(
  connection: D1Connection,
  to: string,
  { form, signal, onProgress }: ExportOptions,
): Promise<{ readonly position: string | undefined }> {
  const { ask, path, location } = connection;
  const options = {
    no_schema: false,
    no_data: false,
    tables: [],
    ...(form === 'sqlite' ? { compatibility: 'sqlite3_cli_only' } : {}),
  };
  for (let bookmark: string | undefined; ;) {
    const body = {
      output_format: 'polling',
      dump_options: options,
      ...(bookmark === undefined ? {} : { current_bookmark: bookmark }),
    };
    // To poll again is to go on with the same export, so a lost answer costs nothing.
    const { result } = await ask((client) => client.read({ method: 'POST', path: `${path}/export`, body }));
    signal?.throwIfAborted();
    for (const message of listField(result, 'messages')) onProgress?.(String(message));
    const status = textField(result, 'status');
    if (status === 'complete') {
      const url = textField(field(result, 'result'), 'signed_url');
      if (url === undefined) throw failed(location, 'it gave no place to fetch it from');
      await download(url, to, location, signal);
      return { position: textField(result, 'at_bookmark') };
    }
    if (status === 'error' || field(result, 'success') === false)
      throw failed(location, textField(result, 'error') ?? 'no reason was given');
    bookmark = textField(result, 'at_bookmark');
  }
}

/** The place has its own key in the URL, good for an hour; the token is not for it. */
async function download(
  url: string,
  to: string,
  location: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const response = await fetch(url, { redirect: 'follow', ...(signal ? { signal } : {}) });
    if (!response.ok || !response.body)
      throw failed(location, `it could not be fetched (HTTP ${response.status})`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(to, { mode: 0o600 }));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof MigrateError) throw error;
    throw failed(location, 'the connection broke while it was fetched', error);
  }
}

function failed(location: string, why: string, cause?: unknown): MigrateError {
  return new MigrateError('backup-failed', `The export of ${location} failed: ${why}`, {
    next: 'Try again when the database is quiet; it answers again as soon as the export is over.',
    ...(cause === undefined ? {} : { cause }),
  });
}
