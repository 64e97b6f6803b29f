import { createHash, randomUUID } from 'node:crypto';
import type { D1Connection } from './connection.ts';
import type { Patience } from './rest.ts';
import { toSqlError } from './rest-answer.ts';
import { failureOfConnection, RestFailure } from './rest-failure.ts';
import { SqlError, type UnitOptions } from '../../engine.ts';
import { pause } from '../../waiting.ts';
import { field, listField, textField } from './shape.ts';

/**
 * Runs a text of any size (up to 5 GB) through the import: uploaded, then run by the server while it lets nobody else
 * in. When a statement fails, the server takes the database back to where it was.
 *
 * @throws RestFailure `not-begun` up to the upload; `undone` when the server says that it failed; `lost` when nobody
 *   knows how it ended
 */
export async function importText(
  { client, path, location }: D1Connection,
  sql: string,
  onProgress: UnitOptions['onProgress'] = () => undefined,
): Promise<void> {
  // The server knows a text by its hash, and would answer for an earlier import of the same one.
  const body = Buffer.from(`-- ${randomUUID()}\n${sql}`);
  const etag = createHash('md5').update(body).digest('hex');
  const send = async (action: Readonly<Record<string, string>>) => {
    const { result } = await client.once({ method: 'POST', path: `${path}/import`, body: action });
    return result;
  };
  const begun = await beforeItRuns(() => send({ action: 'init', etag }));
  const url = textField(begun, 'upload_url');
  const filename = textField(begun, 'filename');
  if (url === undefined || filename === undefined)
    throw notBegun(`${location} gave no place to upload an import to`, begun);
  const total = body.length;
  onProgress({ done: 0, total, what: 'uploading' });
  await upload(url, body, etag, location);
  onProgress({ done: total, total, what: 'uploading' });
  await untilEnd(await send({ action: 'ingest', etag, filename }), (bookmark) => {
    onProgress({ done: total, total, what: 'the server runs it' });
    return whileItRuns(() => send({ action: 'poll', current_bookmark: bookmark }));
  });
}

/** Nothing is run before `ingest`, so a lost answer up to there loses nothing. */
async function beforeItRuns<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RestFailure) || error.details.kind !== 'lost') throw error;
    throw new RestFailure(error.message, { ...error.details, kind: 'not-begun' });
  }
}

async function upload(url: string, body: Buffer<ArrayBuffer>, etag: string, location: string): Promise<void> {
  const answer = await beforeItRuns(() => put(url, body));
  const stored = answer.headers.get('etag')?.replaceAll('"', '');
  if (answer.status === 200 && (stored === undefined || stored === etag)) return;
  throw notBegun(`The import for ${location} did not arrive whole (HTTP ${answer.status})`, undefined);
}

/** The place has its own key in the URL; the token is not for it. */
async function put(url: string, body: Buffer<ArrayBuffer>): Promise<Response> {
  try {
    return await fetch(url, { method: 'PUT', body, redirect: 'manual' });
  } catch (error) {
    throw failureOfConnection(error, new URL(url).host);
  }
}

/** Each poll waits a while at the server, so no time is lost between them. */
async function untilEnd(first: unknown, poll: (bookmark: string) => Promise<unknown>): Promise<void> {
  for (let state = first; ;) {
    const status = textField(state, 'status');
    const errors = [textField(state, 'error'), ...listField(state, 'errors').map(String)].filter(
      (text) => text !== undefined,
    );
    if (status === 'complete') return;
    if (status === 'error' || toSqlError(errors.join('; '))) throw failed(errors.join('; '));
    const bookmark = textField(state, 'at_bookmark');
    if (field(state, 'success') === false || bookmark === undefined) throw lost(errors.join('; '));
    state = await poll(bookmark);
  }
}

/**
 * A poll only looks, so it is sent again while it fails for now. Whatever it fails with says nothing about the import:
 * that goes on, also when nobody may look any more.
 */
async function whileItRuns<T>(poll: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  for (let delay = 250; ; delay = Math.min(delay * 2, 5000)) {
    try {
      return await poll();
    } catch (error) {
      if (!(error instanceof RestFailure)) throw error;
      const { lasting, reason, retryAfter = 0 } = error.details;
      const wait = Math.max(delay, retryAfter);
      const limit = patience[reason === 'busy' ? 'busy' : 'broken'];
      if (lasting === 'until-fixed' || performance.now() - begun + wait > limit) throw unseen(error);
      await pause(wait, undefined);
    }
  }
}

/** Milliseconds. */
const patience: Patience = { broken: 2500, busy: 60_000 };

/** What a failed poll says of the import is nothing, also where it says that a statement was refused. */
function unseen({ message, details }: RestFailure): RestFailure {
  const { code, next, cause } = details;
  return new RestFailure(`nobody could see how the import ended (${message})`, {
    kind: 'lost',
    code,
    reason: 'connection',
    lasting: 'for-now',
    next,
    cause,
  });
}

function failed(message: string): RestFailure {
  const statement =
    toSqlError(message) ?? new SqlError(message || 'the import failed', { code: 'IMPORT_FAILED' });
  return new RestFailure(statement.message, {
    kind: 'undone',
    code: statement.code,
    reason: 'statement',
    lasting: 'until-fixed',
    next: 'Correct the statement.',
    statement,
  });
}

/** Also "Not currently importing anything.": it ended while nobody was looking. */
function lost(message: string): RestFailure {
  return new RestFailure(`the import ended unseen${message === '' ? '' : ` (${message})`}`, {
    kind: 'lost',
    code: 'IMPORT_LOST',
    reason: 'connection',
    lasting: 'for-now',
    next: 'Ask for the status: the records say what was applied.',
  });
}

function notBegun(message: string, answer: unknown): RestFailure {
  const said = textField(answer, 'error');
  return new RestFailure(said === undefined ? message : `${message} (${said})`, {
    kind: 'not-begun',
    code: 'IMPORT_NOT_BEGUN',
    reason: 'busy',
    lasting: 'for-now',
    next: 'Try again when no other import is running.',
  });
}
