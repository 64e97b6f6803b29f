import { AsyncLocalStorage } from 'node:async_hooks';
import { createClient, LibsqlBatchError, LibsqlError, type Client } from '@libsql/client/http';
import { quantity } from '../../lib/numbers.ts';
import type { Secret } from '../../lib/secret.ts';
import { MigrateError } from '../../lib/errors.ts';
import { raisedGuard } from '../../sql/guard.ts';
import { SqlError } from '../engine.ts';
import type { Engine, Unit, UnitOptions, UnitOutcome } from '../engine.ts';
import { refuseUnit } from '../one-statement.ts';
import { outcomeCode } from '../outcome-code.ts';
import { busyError, isBusy, toQueryError, toSqlError } from '../sql-errors.ts';
import { together } from '../together.ts';
import { toArgs, toRows } from '../values.ts';
import { pause } from '../waiting.ts';
import { foreignKeysAre, foreignKeysGuard, foreignKeysNotSet } from './foreign-keys.ts';
import { RequestFailure, requestThrough } from './remote-request.ts';

export interface LibsqlRemoteOptions {
  readonly url: string;
  readonly authToken: Secret | undefined;
  /** How long the first answer may take, in milliseconds. */
  readonly connectTimeout: number;
  /** `with-first-answer`: nothing is asked before the first question. */
  readonly reach?: 'now' | 'with-first-answer';
  readonly signal?: AbortSignal;
}

/** How long a single read may take, in milliseconds: a lost server must not hold a question for ever. */
const readTimeout = 120_000;
/** Milliseconds before each repetition of a read. */
const backoff = [100, 300];

/** A remote database together with what dumping and restoring it need. */
export interface RemoteConnection {
  readonly client: Client;
  readonly location: string;
  /** Reads, repeated a few times while the connection fails. Throws what `Engine.query` throws. */
  read<T>(work: () => Promise<T>): Promise<T>;
  /** The same, never repeated: for a statement inside a transaction. */
  once<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** Connects and asks one question, unless the first is to be the caller's. Throws `MigrateError` `unreachable`. */
export async function openLibsqlRemote(options: LibsqlRemoteOptions): Promise<Engine> {
  const connection = await connectRemote(options);
  return remoteEngine(connection);
}

/** The same connection as an engine; disposing the engine closes it. */
function remoteEngine(connection: RemoteConnection): Engine {
  const { client, location } = connection;
  return {
    name: 'libsql-remote',
    location,
    delivery: 'one-request',
    foreignKeys: 'switchable',
    query: together({
      alone: ({ sql, args }) =>
        connection.read(async () => toRows(await client.execute({ sql, args: toArgs(args) }))),
      atOnce: (statements) => {
        const batch = statements.map(({ sql, args }) => ({ sql, args: toArgs(args) }));
        return connection.read(async () => (await client.batch(batch, 'read')).map(toRows));
      },
    }),
    unit: (unit, options = {}) => sendUnit(client, unit, options, location),
    async [Symbol.asyncDispose]() {
      connection.close();
    },
  };
}

/** Connects and asks one question. Throws `MigrateError` `unreachable` with the reason. */
export async function connectRemote({
  url,
  authToken,
  connectTimeout,
  reach = 'now',
  signal,
}: LibsqlRemoteOptions): Promise<RemoteConnection> {
  const location = shownUrl(url);
  // Each read carries its own limit through the client to the request; a unit has none and is never cut by us.
  const limits = new AsyncLocalStorage<AbortSignal>();
  const client = openClient(url, authToken, location, () => limits.getStore());
  const reads = readsWithin(limits, { location, connectTimeout, ...(signal ? { signal } : {}) });
  try {
    if (reach === 'now') await reads.read(() => client.execute('SELECT 1'));
  } catch (error) {
    client.close();
    throw error;
  }
  return { client, location, ...reads, close: () => client.close() };
}

/** Reads that end in time: the first that is answered within the time to connect, the others within `readTimeout`. */
function readsWithin(
  limits: AsyncLocalStorage<AbortSignal>,
  {
    location,
    connectTimeout,
    signal,
  }: Pick<LibsqlRemoteOptions, 'connectTimeout' | 'signal'> & { readonly location: string },
): Pick<RemoteConnection, 'read' | 'once'> {
  let limit = connectTimeout;
  const repeated = async <T>(work: () => Promise<T>, waits: readonly number[]): Promise<T> => {
    for (let attempt = 0; ; attempt += 1) {
      const timed = AbortSignal.timeout(limit);
      try {
        const answer = await limits.run(signal ? AbortSignal.any([signal, timed]) : timed, work);
        limit = readTimeout;
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        const wait = waits[attempt];
        const failure = requestFailureIn(error);
        if (failure?.lasting !== 'for-now' || wait === undefined) throw readError(error, location);
        await pause(wait, signal);
      }
    }
  };
  return { read: (work) => repeated(work, backoff), once: (work) => repeated(work, []) };
}

/** A URL for people: no user, no password, no query (which may hold a token). */
function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  } catch {
    throw new MigrateError('config', 'The URL of a remote database cannot be read: it is not a URL', {
      next: 'Write it as libsql://host, https://host or http://host:port.',
    });
  }
}

function openClient(
  url: string,
  authToken: Secret | undefined,
  location: string,
  signal: () => AbortSignal | undefined,
): Client {
  // A libSQL server answers HTTP where it answers WebSockets, and only HTTP says clearly what became of a request.
  const overHttp = url.replace(/^ws(s?):/, 'http$1:');
  try {
    return createClient({
      url: overHttp,
      ...(authToken ? { authToken: authToken.reveal() } : {}),
      intMode: 'bigint',
      fetch: requestThrough(location, signal),
    });
  } catch (error) {
    if (!(error instanceof LibsqlError)) throw error;
    throw new MigrateError('config', `${location} is not an address of a libSQL database (${error.code})`, {
      next: 'Write it as libsql://host, https://host or http://host:port.',
    });
  }
}

async function sendUnit(
  client: Client,
  unit: Unit,
  { signal, onStatement, onSent }: UnitOptions,
  location: string,
): Promise<UnitOutcome> {
  const refused = refuseUnit(unit);
  if (refused) return refused;
  if (signal?.aborted) return { kind: 'stopped' };
  const numbers = unit.statements.flatMap(({ number }) => (number === undefined ? [] : [number]));
  for (const number of numbers) onStatement?.({ number, phase: 'begun' });
  const begun = performance.now();
  const outcome = await sendBatch(client, unit, location);
  const took = performance.now() - begun;
  if (outcome.kind === 'committed') for (const number of numbers) onStatement?.({ number, phase: 'done' });
  onSent?.({
    role: 'request',
    what: `POST ${location} one batch of ${quantity(unit.statements.length, 'statement')}, foreign keys ${unit.foreignKeys}`,
    took,
    outcome: outcome.kind === 'committed' ? { kind: 'ok' } : { kind: 'failed', code: outcomeCode(outcome) },
  });
  return outcome;
}

async function sendBatch(client: Client, unit: Unit, location: string): Promise<UnitOutcome> {
  const statements = [
    ...unit.statements.map(({ sql, args }) => ({ sql, args: toArgs(args) })),
    // Last, when nothing is committed yet: no earlier read may stand before the unit's first write.
    { sql: foreignKeysAre(unit.foreignKeys), args: [] },
  ];
  try {
    if (unit.foreignKeys === 'off') await client.migrate(statements);
    else await client.batch(statements, 'write');
    return { kind: 'committed', took: [] };
  } catch (error) {
    return outcomeOf(error, unit, location);
  }
}

function outcomeOf(error: unknown, { statements, foreignKeys }: Unit, location: string): UnitOutcome {
  const failure = requestFailureIn(error);
  if (failure?.kind === 'lost') return { kind: 'unknown', error: failure.toMigrateError() };
  if (failure)
    return { kind: 'failed', error: new SqlError(failure.message, { code: 'NOT_SENT', cause: failure }) };
  if (isBusy(error)) return { kind: 'busy', error: busyError(location, 0, error) };
  if (error instanceof LibsqlError && !(error instanceof LibsqlBatchError) && unclear.has(error.code)) {
    return {
      kind: 'unknown',
      error: new MigrateError(
        'unreachable',
        `${location} did not say whether the unit was committed (${error.code})`,
        { cause: error, next: 'Ask for the status: the records say what was applied.' },
      ),
    };
  }
  const refused = toSqlError(error, location);
  const raised = raisedGuard(refused.message);
  if (raised?.name === foreignKeysGuard) {
    return { kind: 'failed', error: foreignKeysNotSet(foreignKeys, location, error) };
  }
  if (raised) return { kind: 'guarded', guard: raised.name, detail: raised.detail };
  const number = error instanceof LibsqlBatchError ? statements[error.statementIndex]?.number : undefined;
  return { kind: 'failed', ...(number === undefined ? {} : { number }), error: refused };
}

// The client itself could not make sense of what came back.
const unclear = new Set([
  'HRANA_PROTO_ERROR',
  'HRANA_CLOSED_ERROR',
  'INTERNAL_ERROR',
  'SERVER_ERROR',
  'UNKNOWN',
]);

function readError(error: unknown, location: string): Error {
  const failure = requestFailureIn(error);
  if (failure) return failure.toMigrateError();
  return isBusy(error) ? busyError(location, 0, error) : toQueryError(error, location);
}

function requestFailureIn(error: unknown): RequestFailure | undefined {
  if (error instanceof RequestFailure) return error;
  return error instanceof Error && error.cause !== undefined ? requestFailureIn(error.cause) : undefined;
}
