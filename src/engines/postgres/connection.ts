import { Socket } from 'node:net';
import { Client, DatabaseError } from 'pg';
import { MigrateError } from '../../lib/errors.ts';
import type { PostgresAddress } from '../address.ts';
import { openError } from './open-errors.ts';
import { placeOf, type Place } from './place.ts';
import { limitsSql, type LimitedSession, type SessionLimit } from './session-limits.ts';
import { ownName } from './session-name.ts';
import { tlsOf, type Tls } from './tls.ts';
import { parserOf } from './values.ts';

export interface ConnectOptions {
  /** `reads`: the server itself refuses every statement that writes. */
  readonly session: 'reads' | 'changes';
  /** How long the server may take to let us in, in milliseconds. */
  readonly connectTimeout: number;
  /** How long a statement waits for a lock, in milliseconds, where nothing else is said. */
  readonly lockTimeout: number;
  readonly signal?: AbortSignal;
}

/** One open connection. It never emits an unhandled error: a lost one is told by what is asked next. */
export interface Connection extends AsyncDisposable, LimitedSession {
  readonly client: Client;
  /** For people, without a password. */
  readonly location: string;
  /** The number of the server process, where the server itself says it: what `pg_blocking_pids` and a cancel go by. */
  readonly backend: number;
  /** Whether the server can be told to look in a statement now and then whether its client is still there. */
  readonly canCheckClient: boolean;
  /** Whether it can still be asked. */
  readonly isAlive: () => boolean;
  /** Whether the server refuses writes by itself; behind some poolers a session cannot be told to. */
  readonly refusesWrites: boolean;
  /** Whether something stands between that hands out the server's connections. */
  readonly isPooled: boolean;
  /** Cuts it at once; the server rolls back what was not committed. */
  readonly cut: () => void;
}

/**
 * @throws MigrateError `unreachable`, or `config` for a URL that cannot be used; the password is never in it
 */
export async function connectPostgres(
  address: Pick<PostgresAddress, 'url' | 'password'>,
  options: ConnectOptions,
): Promise<Connection> {
  const place = placeOf(address.url);
  const tried = await tlsOf(place);
  let failure: unknown;
  for (const tls of tried) {
    try {
      return await connectWith({ address, place, tls }, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      // Whom the server refuses anyway it refuses a second time for the missing encryption, which is not the reason.
      if (tls !== false || !isRefusal(failure) || !isRefusal(error)) failure = error;
      if (!isAboutTls(error)) break;
    }
  }
  throw failure instanceof MigrateError
    ? failure
    : openError(failure, { place, timeout: options.connectTimeout });
}

interface Attempt {
  readonly address: Pick<PostgresAddress, 'url' | 'password'>;
  readonly place: Place;
  readonly tls: Tls;
}

/** Poolers know few start parameters and refuse the others: then the session is opened without. */
async function connectWith(attempt: Attempt, options: ConnectOptions): Promise<Connection> {
  try {
    return await connectOnce(attempt, options, sessionSettings(attempt.place, options));
  } catch (error) {
    if (!isAboutStartParameters(error)) throw error;
    return connectOnce(attempt, options, attempt.place.parameters.get('options') ?? undefined);
  }
}

async function connectOnce(
  attempt: Attempt,
  { connectTimeout, signal }: ConnectOptions,
  settings: string | undefined,
): Promise<Connection> {
  signal?.throwIfAborted();
  // Our own, so that it can be cut also while the client waits for the server.
  const socket = new Socket();
  const client = clientOn(socket, attempt, { connectTimeout, settings });
  const life = lifeOf(client, socket);
  const stop = () => socket.destroy(new Error('stopped'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    const location = attempt.place.shown;
    return { client, location, ...(await lookAround(client, location)), ...life };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function clientOn(
  socket: Socket,
  { address, place, tls }: Attempt,
  {
    connectTimeout,
    settings,
  }: Pick<ConnectOptions, 'connectTimeout'> & { readonly settings: string | undefined },
): Client {
  const { host, port, user, database, parameters } = place;
  return new Client({
    host,
    port,
    ...(user === undefined ? {} : { user }),
    ...(database === undefined ? {} : { database }),
    ...(address.password ? { password: address.password.reveal() } : {}),
    ssl: tls,
    ...(parameters.get('sslnegotiation') === 'direct' && tls ? { sslnegotiation: 'direct' as const } : {}),
    enableChannelBinding: parameters.get('channel_binding') === 'require',
    ...(settings === undefined ? {} : { options: settings }),
    application_name: ownName(),
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    stream: () => socket,
    types: { getTypeParser: parserOf },
  });
}

type Life = Pick<Connection, 'isAlive' | 'endedBy' | 'cut' | typeof Symbol.asyncDispose>;

/** Whether a client can still be asked, what ended it, and the two ways to end it. */
function lifeOf(client: Client, socket: Socket): Life {
  let isAlive = true;
  let endedBy: unknown;
  const ended = () => {
    isAlive = false;
  };
  // What the server says while nothing is asked of it is told nowhere else.
  client.on('error', (error) => {
    ended();
    if (error instanceof DatabaseError) endedBy ??= error;
  });
  client.on('end', ended);
  return {
    isAlive: () => isAlive,
    endedBy: () => endedBy,
    cut: () => {
      // The events that tell of it come later.
      ended();
      socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      if (isAlive) await client.end();
    },
  };
}

type Found = Omit<Connection, 'client' | 'location' | keyof Life>;

interface AboutSession {
  readonly backend: number;
  readonly version: number;
  readonly is_unix: number;
  readonly reading: string;
  readonly limits: string | null;
  readonly role: string;
  readonly database: string;
}

const aboutSession = `SELECT pg_catalog.pg_backend_pid() AS backend,
  pg_catalog.current_setting('server_version_num')::int AS version,
  (pg_catalog.version() ~* 'linux|darwin|bsd')::int AS is_unix,
  pg_catalog.current_setting('default_transaction_read_only') AS reading,
  ${limitsSql} AS limits,
  pg_catalog.format('%I', session_user) AS role, pg_catalog.format('%I', pg_catalog.current_database()) AS database`;

/** What the server says of itself and of the session it gave: a pooler may have dropped what it was asked for. */
async function lookAround(client: Client, location: string): Promise<Found> {
  const { rows } = await client.query<AboutSession>(aboutSession);
  const {
    backend = 0,
    version = 0,
    is_unix: isUnix,
    reading,
    limits,
    role = '',
    database = '',
  } = rows[0] ?? {};
  const set: readonly SessionLimit[] = JSON.parse(limits ?? '[]');
  refuseOldServer(version, location);
  // A pooler hands out process numbers of its own. The types of the client leave the field out.
  const told = 'processID' in client ? client.processID : undefined;
  return {
    backend,
    canCheckClient: isUnix === 1 && version >= 150_000,
    refusesWrites: reading === 'on',
    isPooled: told !== backend,
    limits: set,
    role,
    database,
  };
}

/** The catalogues of older ones are other ones; their makers no longer keep them up either. */
function refuseOldServer(version: number, location: string): void {
  if (version >= 140_000) return;
  const shown = `${Math.floor(version / 10_000)}`;
  throw new MigrateError(
    'refused',
    `${location} is PostgreSQL ${shown}, which is too old: 14 and newer are served`,
    {
      next: 'Upgrade the server first.',
    },
  );
}

/** As start parameters, which are the session's own defaults: no statement of ours is needed, and RESET keeps them. */
function sessionSettings({ parameters }: Place, { session, lockTimeout }: ConnectOptions): string {
  const given = parameters.get('options');
  const ours = [
    `-c lock_timeout=${Math.max(1, Math.round(lockTimeout))}`,
    ...(session === 'reads' ? ['-c default_transaction_read_only=on'] : []),
  ];
  return [...(given === null ? [] : [given]), ...ours].join(' ');
}

function isAboutTls(error: unknown): boolean {
  return isRefusal(error) || (error instanceof Error && error.message.includes('does not support SSL'));
}

/** By pg_hba.conf, where lines may ask for encryption. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '28000';
}

function isAboutStartParameters(error: unknown): boolean {
  return error instanceof DatabaseError && /startup parameter|command-line options/i.test(error.message);
}
