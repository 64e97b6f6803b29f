import { MigrateError } from '../../lib/errors.ts';
import { asking, type Row, type Statement } from '../../sql/statement.ts';
import type { PostgresAddress } from '../address.ts';
import { SqlError, type Engine } from '../engine.ts';
import { turns } from '../turns.ts';
import { pause } from '../waiting.ts';
import { runAlone } from './alone.ts';
import { besideOf } from './beside.ts';
import { againAfterDeadlock, isBusy, postgresBusy } from './busy.ts';
import { clientSession } from './client-session.ts';
import { connectPostgres, type Connection } from './connection.ts';
import { endLeftSession } from './left-session.ts';
import { isForNow } from './open-errors.ts';
import { refuseSharedBackends } from './pooler.ts';
import { placeOf } from './place.ts';
import { refuseNoQuestion } from './read-only.ts';
import { ConnectionLost } from './server-errors.ts';
import type { Session } from './session.ts';
import { runPostgresUnit } from './unit.ts';
import { watchedFor } from './watch.ts';

export interface PostgresOptions {
  /** For a question the server refuses writes, and so does the engine. */
  readonly purpose: 'question' | 'change';
  /** How long the server may take to let us in, in milliseconds. */
  readonly connectTimeout: number;
  /** How long to wait for another's lock, in milliseconds. */
  readonly busyTimeout: number;
  /** `with-first-answer`: nothing is connected before the first question. */
  readonly reach?: 'now' | 'with-first-answer';
  readonly signal?: AbortSignal;
}

/**
 * Opens a database on a PostgreSQL server, over one connection. Reads are repeated on a new one when it breaks; of a
 * unit whose COMMIT was not answered the outcome is `unknown`.
 *
 * @throws MigrateError `unreachable` or `config`, with what to check; no password is ever in it
 */
export async function openPostgres(address: PostgresAddress, options: PostgresOptions): Promise<Engine> {
  const server = new Server(address, options);
  if (options.reach !== 'with-first-answer') await server.open(options.signal);
  return {
    name: 'postgres',
    location: server.location,
    delivery: 'statement-by-statement',
    foreignKeys: 'always-on',
    query: asking('postgres', (statement) => server.read(statement)),
    unit: (unit, given = {}) => {
      if (options.purpose === 'question') {
        return Promise.reject(openForReading(server));
      }
      const { busyTimeout, signal } = options;
      const run = () =>
        runPostgresUnit(unit, server, { busyTimeout, ...(signal ? { signal } : {}), ...given });
      return server.inTurn(() => againAfterDeadlock(run));
    },
    alone: (statement, given = {}) => {
      if (options.purpose === 'question') return Promise.reject(openForReading(server));
      const { signal } = options;
      return server.inTurn(() => runAlone(statement, server, { ...(signal ? { signal } : {}), ...given }));
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** One connection at a time, and who looks at it from beside. */
class Server {
  readonly location: string;
  /** One statement or unit after the other: a question must not land in the middle of a unit. */
  readonly inTurn = turns();
  readonly #address: PostgresAddress;
  readonly #options: PostgresOptions;
  #open: Open | undefined;
  /** The server process of a connection that broke. */
  #left: number | undefined;
  #disposed = false;

  constructor(address: PostgresAddress, options: PostgresOptions) {
    this.location = placeOf(address.url).shown;
    this.#address = address;
    this.#options = options;
  }

  /** The session there is, or a new one where it broke: for a unit, which goes by a signal of its own. */
  async session(): Promise<Session> {
    return (await this.open(undefined)).session;
  }

  read(statement: Statement): Promise<readonly Row[]> {
    if (this.#options.purpose === 'question') {
      try {
        refuseNoQuestion(statement.sql, this.location);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return this.inTurn(() => this.#read(statement));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const open = this.#open;
    this.#open = undefined;
    await open?.end();
    await open?.connection[Symbol.asyncDispose]();
  }

  async #read(statement: Statement): Promise<readonly Row[]> {
    const { signal } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted();
      try {
        return await this.#readOnce(statement);
      } catch (error) {
        signal?.throwIfAborted();
        const wait = backoff[attempt];
        if (!mayPass(error, attempt)) throw error;
        if (wait === undefined) throw error instanceof ConnectionLost ? this.#lost(error) : error;
        await pause(wait, signal);
      }
    }
  }

  async #readOnce(statement: Statement): Promise<readonly Row[]> {
    const { signal, busyTimeout } = this.#options;
    const { session, connection } = await this.open(signal);
    const watched = watchedFor(session.beside, { signal, lockTimeout: busyTimeout });
    try {
      const rows = await (this.#options.purpose === 'question' && !connection.refusesWrites
        ? inReadOnlyTransaction(session, statement, busyTimeout)
        : session.run(statement).then((answer) => answer.rows));
      await watched.end();
      return rows;
    } catch (error) {
      const holders = await watched.end();
      if (!(error instanceof SqlError) || !isBusy(error)) throw error;
      throw postgresBusy(this.location, { error, holders, waited: busyTimeout });
    }
  }

  async open(signal: AbortSignal | undefined): Promise<Open> {
    if (this.#open?.connection.isAlive()) return this.#open;
    if (this.#open) this.#left = this.#open.connection.backend;
    await this.#open?.end();
    this.#open = undefined;
    if (this.#disposed) throw new MigrateError('unreachable', `${this.location} is closed already`);
    const connection = await this.#connect(signal);
    // What is done from beside is done because of the signal.
    const connectBeside = () => this.#connect(undefined);
    if (this.#options.purpose === 'change' && connection.isPooled) {
      await refuseSharedBackends(connection, connectBeside);
    }
    if (this.#left !== undefined && !connection.isPooled) await endLeftSession(connection, this.#left);
    this.#left = undefined;
    const { end, ...beside } = besideOf(connection, connectBeside);
    this.#open = { connection, end, session: clientSession(connection, beside) };
    return this.#open;
  }

  #connect(signal: AbortSignal | undefined): Promise<Connection> {
    const { purpose, connectTimeout, busyTimeout: lockTimeout } = this.#options;
    const session = purpose === 'question' ? 'reads' : 'changes';
    const passed = signal ? { signal } : {};
    return connectPostgres(this.#address, { session, connectTimeout, lockTimeout, ...passed });
  }

  #lost(cause: ConnectionLost): MigrateError {
    return new MigrateError('unreachable', `The connection to ${this.location} was lost (${cause.message})`, {
      cause,
      next: cause.next ?? 'Check that the server is up and the network holds, and try again.',
    });
  }
}

function openForReading({ location }: Pick<Server, 'location'>): MigrateError {
  return new MigrateError('refused', `${location} is open for reading only`);
}

interface Open {
  readonly connection: Connection;
  readonly session: Session;
  readonly end: () => Promise<void>;
}

/** Behind a pooler that drops settings, each question says for itself that it only reads. */
async function inReadOnlyTransaction(
  session: Session,
  statement: Statement,
  lockTimeout: number,
): Promise<readonly Row[]> {
  const timeout = Math.max(1, Math.round(lockTimeout));
  await session.command(`BEGIN READ ONLY; SET LOCAL lock_timeout = ${timeout}`);
  try {
    return (await session.run(statement)).rows;
  } finally {
    await session.command('ROLLBACK').catch(() => session.cut());
  }
}

/** Whether asking again may help: the connection broke, and after that the server may need a moment to be back. */
function mayPass(error: unknown, attempt: number): boolean {
  if (error instanceof ConnectionLost) return true;
  return attempt > 0 && error instanceof MigrateError && isForNow(error.cause);
}

/** Milliseconds before each repetition of a read. */
const backoff = [100, 300];
