/*
 * A server for tests: Cloudflare's REST API for D1, as far as databases go, on loopback, on D1's real engine (workerd,
 * through miniflare), with faults that a test switches on. The unmodified wrangler and its own requests prove the
 * shapes. What differs from the real service, so that no test claims more than it shows:
 *
 * - The text of a request is cut as reports say the service cuts it (`d1-splitter.ts`); that a file with many tables
 *   and then a trigger can be refused there, too, is not reproduced.
 * - An import is a plain connection of SQLite without a transaction, taken back from a copy when it fails. It is run at
 *   the last of so many requests (`polls`), which are kept out until then; it has no limit of size.
 * - Bookmarks have the real ones' form and order; each stands for a copy of the file, kept until the server ends.
 *   A restore writes that copy into the live file; it is not limited to ten in ten minutes. A batch that was undone
 *   can move the bookmark, too: workerd commits the pages that it put back.
 * - Numbers in `meta` are miniflare's. There is no limit of 30 s, no rate limit but the fault, no replicas, no regions.
 * - /raw runs statements that only read one by one; with a write among them all are one batch, and the columns of an
 *   answer without rows are then unknown.
 * - The words of 10000, 7403, 7406 and of the answer to a token that may only read are from public reports or guessed.
 * - Databases are prepared when the server starts, so that making one takes no restart; their number is limited.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { answer, refusal, type ApiAnswer } from './d1-answer.ts';
import { serveDatabase, type ServedDatabase } from './d1-database.ts';
import { callOf, effectOf, type D1Call, type D1Endpoint } from './d1-endpoint.ts';
import { D1Refusal, startD1Engine, type D1Answer, type D1Engine, type D1Statement } from './d1-engine.ts';
import { Faults, type D1Fault, type D1FaultOptions } from './d1-faults.ts';
import { splitAsService } from './d1-splitter.ts';
import { Transfers, type ExportBody, type ImportBody, type Polls } from './d1-transfers.ts';

export interface D1ServerOptions {
  /** Names of databases that are there from the beginning. */
  readonly databases?: readonly string[];
  /** How many more can be made; 2 unless told. */
  readonly room?: number;
}

export interface D1Server extends AsyncDisposable {
  /** Base of the API: what CLOUDFLARE_API_BASE_URL holds. */
  readonly url: string;
  readonly account: string;
  /** May read and write. */
  readonly token: string;
  /** May only read. */
  readonly readToken: string;
  /** For programs that work with it: wrangler's variables with the token that may write. */
  readonly env: Readonly<Record<string, string>>;
  readonly requests: readonly D1Request[];
  database(name: string): D1TestDatabase;
  /** Until `noFault`, or until the test ends, however it ends: the next one has a server without faults. */
  fault(fault: D1Fault, options?: D1FaultOptions): void;
  noFault(): void;
  /** Does something once, before the next request of that endpoint is looked at: what somebody else does meanwhile. */
  before(endpoint: D1Endpoint, action: () => Promise<void>): void;
  /** Carries out what arrives late. */
  deliver(): Promise<void>;
  /** Whether no fault is waiting for its request any more. */
  faultIsOver(): boolean;
  /** Whether the last fault that was switched on has hit a request. */
  faultWasMet(): boolean;
  /** `one-by-one`: each statement stands for itself, and what ran before one that fails stays. */
  readonly batches: { kept: 'whole-or-not' | 'one-by-one' };
  /** How many requests meet an export or import that is active; 1 each unless set. */
  readonly polls: Polls;
}

/** One request, as a test counts it. */
export interface D1Request {
  readonly method: string;
  /** Below the base, with its query. */
  readonly path: string;
  readonly endpoint: D1Endpoint;
  /** Whether it can change a database. */
  readonly kind: 'read' | 'write';
  /** The statements of /query and /raw, as the service cuts them. */
  readonly sql: readonly string[];
}

/** A database as a test looks at it, past the API. */
export interface D1TestDatabase {
  readonly uuid: string;
  readonly name: string;
  readonly bookmark: string;
  /** Runs statements as one batch; gives the rows of the last. */
  run(...statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** As it was at a bookmark. */
  takeBack(bookmark: string): Promise<void>;
}

export async function startD1Server(options: D1ServerOptions = {}): Promise<D1Server> {
  const folder = await mkdtemp(join(tmpdir(), 'd1-server-'));
  const names = options.databases ?? ['app'];
  const ids = Array.from({ length: names.length + (options.room ?? 2) }, () => randomUUID());
  const engine = await startD1Engine({ ids, folder });
  let origin = '';
  const state: State = {
    account: randomBytes(16).toString('hex'),
    tokens: {
      edit: `edit-${randomBytes(20).toString('hex')}`,
      read: `read-${randomBytes(20).toString('hex')}`,
    },
    folder,
    unused: [...engine.databases],
    databases: [],
    requests: [],
    faults: new Faults(),
    transfers: new Transfers(() => origin),
    actions: new Map(),
    late: [],
    batches: { kept: 'whole-or-not' },
  };
  for (const name of names) await create(state, name);
  const server = createServer((request, response) => {
    serve(request, response, state).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    ...facade(state, `${origin}${basePath}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const database of state.databases) database[Symbol.dispose]();
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const basePath = '/client/v4';

interface State {
  readonly account: string;
  readonly tokens: { readonly edit: string; readonly read: string };
  readonly folder: string;
  readonly unused: D1Engine['databases'][number][];
  readonly databases: ServedDatabase[];
  readonly requests: D1Request[];
  readonly faults: Faults;
  readonly transfers: Transfers;
  readonly actions: Map<D1Endpoint, () => Promise<void>>;
  /** Requests that arrive late. */
  readonly late: (() => Promise<unknown>)[];
  readonly batches: D1Server['batches'];
}

function facade(state: State, url: string): Omit<D1Server, typeof Symbol.asyncDispose> {
  const { account, tokens, requests, faults, transfers, batches } = state;
  return {
    url,
    account,
    token: tokens.edit,
    readToken: tokens.read,
    env: {
      CLOUDFLARE_API_BASE_URL: url,
      CLOUDFLARE_API_TOKEN: tokens.edit,
      CLOUDFLARE_ACCOUNT_ID: account,
    },
    requests,
    polls: transfers.polls,
    batches,
    fault: (fault, options = {}) => {
      faults.set(fault, options);
      onTestFinished(() => faults.clear());
    },
    noFault: () => faults.clear(),
    before: (endpoint, action) => {
      state.actions.set(endpoint, action);
      onTestFinished(() => state.actions.clear());
    },
    deliver: async () => {
      for (const request of state.late.splice(0)) await request();
    },
    faultIsOver: () => faults.isOver,
    faultWasMet: () => faults.wasMet,
    database: (name) => {
      const found = find(state, name);
      if (!found) throw new Error(`The server has no database ${name}`);
      return testDatabase(found);
    },
  };
}

function testDatabase(database: ServedDatabase): D1TestDatabase {
  const { uuid, name, engine } = database;
  return {
    uuid,
    name,
    get bookmark() {
      return database.bookmark;
    },
    run: (...statements) =>
      database.inTurn(async () => {
        const answers = await engine.batch(statements.map((sql) => ({ sql })));
        await database.noteWrite();
        return answers.at(-1)?.results ?? [];
      }),
    takeBack: (bookmark) =>
      database.inTurn(async () => {
        if (!(await database.takeBack(bookmark))) throw new Error(`${name} was never at ${bookmark}`);
        await database.noteWrite();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://loopback');
  const method = request.method ?? 'GET';
  const bytes = await bytesOf(request);
  const path = url.pathname.startsWith(basePath) ? url.pathname.slice(basePath.length) : url.pathname;
  const call = callOf(method, path);
  const body = call.endpoint === 'upload' ? {} : bodyOf(bytes);
  const statements = statementsOf(call.endpoint, body);
  const { endpoint } = call;
  const kind = effectOf(endpoint, statements);
  const logged = {
    method,
    path: `${path}${url.search}`,
    endpoint,
    kind,
    sql: statements.map(({ sql }) => sql),
  };
  state.requests.push(logged);
  const action = state.actions.get(endpoint);
  state.actions.delete(endpoint);
  await action?.();
  const fault = state.faults.take(logged);
  const allowed = refuseAccess(request, call, kind, state);
  const carryOut = async () => allowed ?? answerTo({ call, url, body, bytes, statements }, state);
  if (fault?.kind === 'late') {
    state.late.push(carryOut);
    return void response.destroy();
  }
  const word = fault?.kind === 'held' ? await fault.until() : 'run';
  if (word === 'drop') return void response.destroy();
  const hits = fault?.kind === 'status' || fault?.kind === 'cut' ? fault : undefined;
  if (hits?.when === 'before') return hit(response, hits);
  const given = await carryOut();
  if (fault?.kind === 'slow') await wait(fault.milliseconds);
  if (hits) return hit(response, hits);
  if (word === 'cut') return void response.destroy();
  send(response, given);
}

function hit(response: ServerResponse, fault: Extract<D1Fault, { kind: 'status' | 'cut' }>): void {
  if (fault.kind === 'cut') return void response.destroy();
  const { status, code = status === 429 ? 971 : 7500, message = faultWords(status), retryAfter } = fault;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  send(response, refusal(status, code, message, headers));
}

function faultWords(status: number): string {
  return status === 429 ? 'Please wait and consider throttling your request speed' : 'Internal error';
}

function refuseAccess(
  request: IncomingMessage,
  { endpoint, account }: D1Call,
  kind: 'read' | 'write',
  { tokens, account: ours }: State,
): ApiAnswer | undefined {
  if (endpoint === 'upload' || endpoint === 'download') return undefined;
  const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token !== tokens.edit && token !== tokens.read) return refusal(401, 10_000, 'Authentication error');
  if (account !== undefined && account !== ours) {
    return refusal(403, 7403, 'The given account is not valid or is not authorized to access this service');
  }
  if (token === tokens.read && kind === 'write') return refusal(403, 10_000, 'Authentication error');
  return undefined;
}

interface Asked {
  readonly call: D1Call;
  readonly url: URL;
  readonly body: Body;
  readonly bytes: Buffer;
  readonly statements: readonly D1Statement[];
}

interface Body extends ExportBody, ImportBody {
  readonly name?: string;
  readonly sql?: string;
  readonly params?: readonly unknown[];
  readonly batch?: readonly D1Statement[];
}

async function answerTo(asked: Asked, state: State): Promise<ApiAnswer> {
  const { call, url, body } = asked;
  switch (call.endpoint) {
    case 'accounts':
      return answer([{ id: state.account, name: 'Test account', type: 'standard' }], pages(1, 1, 20));
    case 'token':
      return answer({ id: state.account, status: 'active' });
    case 'list':
      return list(url, state);
    case 'create':
      return create(state, body.name ?? '');
    case 'upload':
    case 'download':
      return transfer(asked, state);
    case 'unknown':
      return refusal(404, 7003, `Could not route to ${url.pathname}`);
    default:
      return ofDatabase(asked, state);
  }
}

async function ofDatabase(asked: Asked, state: State): Promise<ApiAnswer> {
  const { call, url, body } = asked;
  const database = find(state, call.database ?? '');
  if (!database) return refusal(404, 7404, `The database ${call.database} could not be found`);
  switch (call.endpoint) {
    case 'get':
      return answer(await describe(database, url));
    case 'delete':
      state.databases.splice(state.databases.indexOf(database), 1);
      database[Symbol.dispose]();
      return answer(null);
    case 'query':
    case 'raw':
      return database.inTurn(() => runStatements(asked, database, state));
    case 'export':
      return database.inTurn(() => state.transfers.export(database, body));
    case 'import':
      return database.inTurn(() => state.transfers.import(database, body));
    case 'bookmark':
      return database.inTurn(async () => bookmark(database, url));
    case 'restore':
      return database.inTurn(() => restore(database, url));
    default:
      return refusal(404, 7003, `Could not route to ${url.pathname}`);
  }
}

async function runStatements(
  { call, body, statements }: Asked,
  database: ServedDatabase,
  { transfers, batches }: State,
): Promise<ApiAnswer> {
  const holding = await transfers.holding(database);
  if (holding) return refusal(400, 7500, `Currently processing a long-running ${holding}.`);
  const withParams = [body, ...(body.batch ?? [])].filter(({ params = [] }) => params.length > 0);
  if (withParams.some(({ sql = '' }) => splitAsService(sql).length > 1)) {
    return refusal(400, 7400, 'The request is malformed: params with multiple statements is not supported');
  }
  try {
    return answer(await run(call.endpoint, database.engine, statements, batches));
  } catch (error) {
    if (!(error instanceof D1Refusal)) throw error;
    return refusal(400, 7500, error.message);
  } finally {
    await database.noteWrite();
  }
}

async function run(
  endpoint: D1Endpoint,
  engine: D1Engine['databases'][number],
  statements: readonly D1Statement[],
  batches: D1Server['batches'],
) {
  if (endpoint === 'query') return runBatch(engine, statements, batches);
  if (effectOf(endpoint, statements) === 'write') {
    const answers = await runBatch(engine, statements, batches);
    return answers.map(({ results, ...rest }) => {
      const columns = Object.keys(results[0] ?? {});
      return { ...rest, results: { columns, rows: results.map((row) => Object.values(row)) } };
    });
  }
  if (statements.length === 0) throw new D1Refusal('No SQL statements detected.');
  const meta = { served_by: 'miniflare.db', duration: 0, changes: 0, last_row_id: 0, changed_db: false };
  return (await engine.raw(statements)).map((results) => ({ success: true, meta, results }));
}

async function runBatch(
  engine: D1Engine['databases'][number],
  statements: readonly D1Statement[],
  { kept }: D1Server['batches'],
): Promise<readonly D1Answer[]> {
  if (kept === 'whole-or-not') return engine.batch(statements);
  const answers: D1Answer[] = [];
  for (const statement of statements) answers.push(...(await engine.batch([statement])));
  return answers;
}

async function bookmark(database: ServedDatabase, url: URL): Promise<ApiAnswer> {
  const timestamp = url.searchParams.get('timestamp');
  const found = timestamp === null ? database.bookmark : database.bookmarkAt(Date.parse(timestamp));
  return found === undefined ? tooOld : answer({ bookmark: found });
}

async function restore(database: ServedDatabase, url: URL): Promise<ApiAnswer> {
  const timestamp = url.searchParams.get('timestamp');
  const wanted =
    timestamp === null ? url.searchParams.get('bookmark') : database.bookmarkAt(Date.parse(timestamp));
  const before = database.bookmark;
  if (wanted === null || wanted === undefined || !(await database.takeBack(wanted))) return tooOld;
  await database.noteWrite();
  return answer({ bookmark: wanted, previous_bookmark: before, message: 'Database restored' });
}

const tooOld = refusal(400, 7400, 'The request is malformed: there is no such bookmark');

function list(url: URL, { databases }: State): ApiAnswer {
  const page = Number(url.searchParams.get('page') ?? 1);
  const size = Number(url.searchParams.get('per_page') ?? 100);
  const name = url.searchParams.get('name') ?? '';
  const found = databases.filter((one) => one.name.includes(name));
  const shown = found.slice((page - 1) * size, page * size).map(summary);
  return answer(shown, pages(page, found.length, size));
}

function pages(page: number, total: number, size: number) {
  const count = Math.max(0, Math.min(size, total - (page - 1) * size));
  return { page, per_page: size, count, total_count: total };
}

async function create(state: State, name: string): Promise<ApiAnswer> {
  if (state.databases.some((one) => one.name === name)) {
    return refusal(400, 7502, `A database with the name ${name} already exists`);
  }
  const engine = state.unused.shift();
  if (!engine) return refusal(400, 7406, 'The account has reached its limit of databases');
  const database = await serveDatabase(engine, name, state.folder);
  state.databases.push(database);
  return answer(await describe(database, new URL('http://loopback')));
}

const summary = ({ uuid, name, createdAt }: ServedDatabase) => {
  return { uuid, name, version: 'production', created_at: createdAt, jurisdiction: null };
};

async function describe(database: ServedDatabase, url: URL) {
  const whole: Record<string, unknown> = {
    ...summary(database),
    file_size: await database.size(),
    num_tables: 0,
    running_in_region: 'WEUR',
    read_replication: { mode: 'disabled' },
  };
  const fields = url.searchParams.get('fields')?.split(',');
  return fields ? Object.fromEntries(fields.map((field) => [field, whole[field]])) : whole;
}

function transfer({ call, url, bytes }: Asked, { transfers }: State): ApiAnswer {
  const name = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
  if (call.endpoint === 'upload') {
    const { etag } = transfers.upload(name, bytes);
    return { status: 200, body: '', headers: { etag: `"${etag}"` } };
  }
  const text = transfers.file(name);
  return text === undefined ? { status: 404, body: 'NoSuchKey' } : { status: 200, body: text };
}

function find({ databases }: State, idOrName: string): ServedDatabase | undefined {
  return databases.find(({ uuid, name }) => uuid === idOrName || name === idOrName);
}

function statementsOf(endpoint: D1Endpoint, { sql, params, batch }: Body): readonly D1Statement[] {
  if (endpoint !== 'query' && endpoint !== 'raw') return [];
  const asked = batch ?? [{ sql: sql ?? '', ...(params ? { params } : {}) }];
  return asked.flatMap((one) => splitAsService(one.sql).map((piece) => ({ ...one, sql: piece })));
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function bodyOf(bytes: Buffer): Body {
  // The clients under test write it; a malformed one is a bug that shows as a broken connection.
  return bytes.length === 0 ? {} : JSON.parse(bytes.toString());
}

function send(response: ServerResponse, { status, body, headers = {} }: ApiAnswer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(text);
}
