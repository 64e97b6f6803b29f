/*
 * A server for tests: Hrana over HTTP (JSON, versions 2 and 3, with cursors) on loopback, on the real `libsql` engine,
 * with faults that a test switches on. What differs from a real sqld, so that no test claims more than it shows:
 *
 * - It has one process, one database and one thread: requests run one after the other, whole.
 * - Of the list of statements that sqld refuses it knows VACUUM, ANALYZE, ATTACH, DETACH, temporary objects and
 *   the pragmas not named in `allowedPragmas`; sqld decides with a parser, this with the first words.
 * - A write transaction beyond its limit is rolled back when the limit passes; sqld waits until another writer wants in.
 *   Afterwards both let later statements of that stream run outside any transaction.
 * - There is no protobuf, no WebSocket, no replication, no `/dump`, no TLS, no namespaces; a token is compared, not verified.
 * - Statement errors carry the engine's codes, and sqld's names for refusals as far as they are known.
 * - ROLLBACK is sent before a connection is closed: the engine would otherwise keep its locks until garbage collection.
 */
import { randomUUID } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { HranaStream, type HranaRequest, type HranaResult, type HranaTrouble } from './hrana-stream.ts';

export interface HranaServerOptions {
  /** A database file to serve; without it, a new one that goes away with the server. */
  readonly file?: string;
  /** Requests must carry it as their bearer token. */
  readonly token?: string;
  /** Milliseconds that a write transaction may stay open between requests. */
  readonly writeLimit?: number;
  /** Milliseconds that a stream may stay unused. */
  readonly idleLimit?: number;
}

/** What goes wrong with the next requests that it can befall, so many `times`. */
export type HranaFault =
  | { readonly kind: 'none' }
  /** The connection breaks when everything ran but the COMMIT. Requests with a COMMIT only. */
  | { readonly kind: 'cut-before-commit'; readonly times: number }
  /** The connection breaks after the COMMIT, before the answer. Requests with a COMMIT only. */
  | { readonly kind: 'cut-after-commit'; readonly times: number }
  /** The connection breaks after everything ran, before the answer. Requests that run something. */
  | { readonly kind: 'cut-answer'; readonly times: number }
  /** Waits for the test's word: then it runs, is dropped, or runs and its answer is lost. Requests with a COMMIT only. */
  | { readonly kind: 'held'; readonly until: () => Promise<'run' | 'drop' | 'cut'>; readonly times: number }
  /** A write transaction takes longer than a server grants. Requests with a COMMIT only. */
  | { readonly kind: 'transaction-limit'; readonly at: 'middle' | 'commit'; readonly times: number }
  /** A stream that goes on was unused for longer than a server keeps it. Requests with a baton only. */
  | { readonly kind: 'stream-limit'; readonly times: number }
  /** A statement is refused as one that the server does not allow. */
  | { readonly kind: 'refused'; readonly times: number }
  /** The connection breaks before anything runs, for reads too. */
  | { readonly kind: 'cut'; readonly times: number }
  | { readonly kind: 'status'; readonly status: number; readonly times: number }
  | { readonly kind: 'slow'; readonly milliseconds: number; readonly times: number };

export interface HranaServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The file it serves. No other SQLite library of the same process may open it while the server runs. */
  readonly file: string;
  /** Method and path of every request, and the SQL it brought. */
  readonly requests: readonly { readonly path: string; readonly sql: readonly string[] }[];
  /** Serves a copy of another file from now on, at the same address. */
  replace(from: string): void;
  fault(fault: HranaFault, options?: FaultOptions): void;
  /** Whether no fault is waiting for its request any more. */
  faultIsOver(): boolean;
  /** Whether the fault befell a request. */
  wasMet(): boolean;
}

export interface FaultOptions {
  /** So many of the requests that it is for go through before. */
  readonly after?: number;
}

export async function startHranaServer(options: HranaServerOptions = {}): Promise<HranaServer> {
  const folder = options.file === undefined ? await mkdtemp(join(tmpdir(), 'hrana-')) : undefined;
  const file = options.file ?? join(folder ?? '', 'served.db');
  const state: State = {
    file,
    options,
    streams: new Map(),
    requests: [],
    fault: { kind: 'none' },
    before: 0,
    met: false,
  };
  const server = createServer((request, response) => {
    serve(request, response, state).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    file,
    requests: state.requests,
    replace: (from) => {
      forgetStreams(state);
      // A new file under the old name: what still has the old one open keeps that.
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
      copyFileSync(from, file);
    },
    fault: (fault, { after = 0 } = {}) => {
      state.fault = fault;
      state.before = after;
      state.met = false;
    },
    faultIsOver: () => state.fault.kind === 'none',
    wasMet: () => state.met,
    async [Symbol.asyncDispose]() {
      forgetStreams(state);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function forgetStreams({ streams }: State): void {
  for (const { stream, idle } of streams.values()) {
    clearTimeout(idle);
    stream.close();
  }
  streams.clear();
}

interface State {
  readonly file: string;
  readonly options: HranaServerOptions;
  readonly streams: Map<string, { readonly stream: HranaStream; readonly idle: NodeJS.Timeout }>;
  readonly requests: { readonly path: string; readonly sql: readonly string[] }[];
  fault: HranaFault;
  before: number;
  met: boolean;
}

interface Body {
  readonly baton?: string | null;
  readonly requests?: readonly HranaRequest[];
  readonly batch?: Extract<HranaRequest, { type: 'batch' }>['batch'];
}

async function serve(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const path = request.url ?? '/';
  const token = state.options.token;
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
    return reply(response, 401, { error: 'Unauthorized: the token is missing or wrong' });
  }
  if (request.method === 'GET') return answerProbe(path, response, state);
  if (!/^\/v[23]\/(pipeline|cursor)$/.test(path)) return reply(response, 404, { error: 'no such path' });
  const body = await bodyOf(request);
  const asked = body.requests ?? [{ type: 'batch' as const, batch: body.batch ?? { steps: [] } }];
  state.requests.push({ path: `${request.method} ${path}`, sql: asked.flatMap(sqlOf) });
  const fault = takeFault(state, asked, body.baton ?? undefined);
  if (fault.kind === 'cut') return void response.destroy();
  if (fault.kind === 'status') return reply(response, fault.status, { error: 'a fault for the test' });
  if (fault.kind === 'slow') await wait(fault.milliseconds);
  const word = fault.kind === 'held' ? await fault.until() : 'run';
  if (word === 'drop') return void response.destroy();
  const found = streamOf(body.baton ?? undefined, state);
  if (fault.kind === 'stream-limit') found?.close();
  if (!found || found.closed) {
    return reply(response, 400, { error: 'The stream has expired', code: 'STREAM_EXPIRED' });
  }
  const results = asked.map((one) => found.run(one, troubleOf(fault)));
  if (word === 'cut' || cutsTheAnswer.has(fault.kind)) {
    found.close();
    return void response.destroy();
  }
  const baton = keep(found, state);
  if (path.endsWith('/cursor')) return replyWithCursor(response, baton, results[0]);
  return reply(response, 200, { baton, base_url: null, results });
}

const cutsTheAnswer: ReadonlySet<HranaFault['kind']> = new Set([
  'cut-before-commit',
  'cut-after-commit',
  'cut-answer',
]);

/** A client asks first which versions there are. */
async function answerProbe(path: string, response: ServerResponse, state: State): Promise<void> {
  state.requests.push({ path: `GET ${path}`, sql: [] });
  const fault = takeFault(state, [], undefined);
  if (fault.kind === 'cut') return void response.destroy();
  if (fault.kind === 'status') return reply(response, fault.status, { error: 'a fault for the test' });
  if (fault.kind === 'slow') await wait(fault.milliseconds);
  return reply(response, path === '/v2' || path === '/v3' ? 200 : 404, {});
}

function troubleOf(fault: HranaFault): HranaTrouble {
  switch (fault.kind) {
    case 'cut-before-commit':
      return { kind: 'without-commit' };
    case 'transaction-limit':
      return { kind: 'too-long', at: fault.at };
    case 'refused':
      return { kind: 'refused' };
    case 'none':
    case 'cut':
    case 'cut-after-commit':
    case 'cut-answer':
    case 'held':
    case 'status':
    case 'slow':
    case 'stream-limit':
      return { kind: 'none' };
  }
}

const needsCommit: ReadonlySet<HranaFault['kind']> = new Set([
  'cut-before-commit',
  'cut-after-commit',
  'held',
  'transaction-limit',
]);

function canBefall({ kind }: HranaFault, asked: readonly HranaRequest[], baton: string | undefined): boolean {
  if (needsCommit.has(kind)) return asked.flatMap(sqlOf).includes('COMMIT');
  if (kind === 'refused' || kind === 'cut-answer')
    return asked.some(({ type }) => type === 'batch' || type === 'execute');
  return kind !== 'stream-limit' || baton !== undefined;
}

function takeFault(state: State, asked: readonly HranaRequest[], baton: string | undefined): HranaFault {
  const { fault } = state;
  if (fault.kind === 'none') return fault;
  if (!canBefall(fault, asked, baton)) return { kind: 'none' };
  if (state.before > 0) {
    state.before -= 1;
    return { kind: 'none' };
  }
  state.met = true;
  state.fault = fault.times > 1 ? { ...fault, times: fault.times - 1 } : { kind: 'none' };
  return fault;
}

function streamOf(baton: string | undefined, { streams, file, options }: State): HranaStream | undefined {
  if (baton === undefined) return new HranaStream(file, { writeLimit: options.writeLimit ?? 5000 });
  const kept = streams.get(baton);
  streams.delete(baton);
  clearTimeout(kept?.idle);
  return kept?.stream;
}

function keep(stream: HranaStream, { streams, options }: State): string | null {
  if (stream.closed) return null;
  const baton = randomUUID();
  const idle = setTimeout(() => {
    streams.delete(baton);
    stream.close();
  }, options.idleLimit ?? 10_000);
  idle.unref();
  streams.set(baton, { stream, idle });
  return baton;
}

function sqlOf(request: HranaRequest): readonly string[] {
  switch (request.type) {
    case 'execute':
      return [request.stmt.sql ?? `stored ${request.stmt.sql_id}`];
    case 'batch':
      return request.batch.steps.map(({ stmt }) => stmt.sql ?? `stored ${stmt.sql_id}`);
    case 'sequence':
    case 'describe':
    case 'store_sql':
      return request.sql == null ? [] : [request.sql];
    case 'close':
    case 'close_sql':
    case 'get_autocommit':
      return [];
  }
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  // The clients under test write it; a malformed one is a bug that shows as a broken connection.
  const body: Body = JSON.parse(Buffer.concat(chunks).toString());
  return body;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function replyWithCursor(
  response: ServerResponse,
  baton: string | null,
  result: HranaResult | undefined,
): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const line = (value: unknown) => response.write(`${JSON.stringify(value)}\n`);
  line({ baton, base_url: null });
  if (result?.type === 'error') line({ type: 'error', error: result.error });
  else if (result?.response.type === 'batch') {
    const { step_results: answers, step_errors: errors } = result.response.result;
    for (const [step, answer] of answers.entries()) {
      const error = errors[step];
      if (error) line({ type: 'step_error', step, error });
      if (!answer) continue;
      line({ type: 'step_begin', step, cols: answer.cols });
      for (const row of answer.rows) line({ type: 'row', row });
      line({
        type: 'step_end',
        affected_row_count: answer.affected_row_count,
        last_insert_rowid: answer.last_insert_rowid,
      });
    }
  }
  response.end();
}
