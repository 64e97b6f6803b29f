import type { Client, ResultSet, Transaction } from '@libsql/client/sqlite3';
import { MigrateError } from '../../lib/errors.ts';
import { raisedGuard } from '../../sql/guard.ts';
import { asking, type Row, type Statement } from '../../sql/statement.ts';
import { SqlError } from '../engine.ts';
import type { Engine, EngineName, Sent, Unit, UnitOptions, UnitOutcome, UnitStatement } from '../engine.ts';
import { refuseUnit } from '../one-statement.ts';
import { busyError, isBusy, toQueryError, toSqlError } from '../sql-errors.ts';
import { turns } from '../turns.ts';
import { toArgs, toRows } from '../values.ts';
import { breathe, whileBusy } from '../waiting.ts';

export interface LocalOptions {
  readonly name: Extract<EngineName, 'libsql-file' | 'libsql-memory'>;
  readonly location: string;
  /** Milliseconds. */
  readonly busyTimeout: number;
  readonly signal: AbortSignal | undefined;
  /** Run on the connection before each query: a connection that was busy is replaced by a new one. */
  readonly beforeQuery?: string;
  /** Called once, when the engine is disposed. */
  readonly onDispose: () => void;
}

/** An engine on a client with exactly one connection (`concurrency: 1`, `intMode: 'bigint'`), which it owns. */
export function localEngine(client: Client, options: LocalOptions): Engine {
  const { name, location, busyTimeout, signal, onDispose } = options;
  // A question that meets a lock gives the connection up, which must not be in the middle of another one.
  const inTurn = turns();
  let disposed = false;
  return {
    name,
    location,
    delivery: 'statement-by-statement',
    foreignKeys: 'switchable',
    query: asking('sqlite', (statement) =>
      inTurn(() => query(client, statement, { ...options, onBusy: () => client.reconnect() })),
    ),
    unit: (unit, unitOptions = {}) =>
      new UnitRun(client, unit, location, {
        busyTimeout,
        ...(signal ? { signal } : {}),
        ...unitOptions,
      }).outcome(),
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      client.close();
      onDispose();
    },
  };
}

async function query(
  client: Pick<Client, 'execute'>,
  { sql, args }: Statement,
  { location, busyTimeout, signal, beforeQuery, onBusy }: QueryOptions,
): Promise<readonly Row[]> {
  const attempt = async () => {
    if (beforeQuery !== undefined) await client.execute(beforeQuery);
    return client.execute({ sql, args: toArgs(args) });
  };
  try {
    const answer = await whileBusy(leavingNothing(attempt, onBusy), { isBusy, timeout: busyTimeout, signal });
    if (answer.kind === 'ok') return toRows(answer.value);
    if (answer.kind === 'busy') throw answer.cause;
  } catch (error) {
    throw isBusy(error) ? busyError(location, busyTimeout, error) : toQueryError(error, location);
  }
  signal?.throwIfAborted();
  return [];
}

type QueryOptions = Pick<LocalOptions, 'location' | 'busyTimeout' | 'signal' | 'beforeQuery'> & {
  readonly onBusy: () => Promise<void> | void;
};

/**
 * A statement that meets a lock stays begun in SQLite until it is reset, and the client resets none: whatever its
 * connection reads afterwards then keeps its read lock, which shuts out every writer, and its own COMMIT fails.
 * At that moment the connection holds nothing yet, so it is given up for a new one.
 */
function leavingNothing<T>(attempt: () => Promise<T>, onBusy: () => Promise<void> | void): () => Promise<T> {
  return async () => {
    try {
      return await attempt();
    } catch (error) {
      if (isBusy(error)) await onBusy();
      throw error;
    }
  };
}

/** One unit on one connection, from the pragma before BEGIN to the pragma after COMMIT. */
class UnitRun {
  readonly #client: Client;
  readonly #unit: Unit;
  readonly #location: string;
  readonly #options: UnitOptions & { readonly busyTimeout: number };
  readonly #took: number[] = [];
  /** Whether the setting was made here: then it is read back inside the transaction. */
  #foreignKeysWereSet = false;

  constructor(
    client: Client,
    unit: Unit,
    location: string,
    options: UnitOptions & { readonly busyTimeout: number },
  ) {
    this.#client = client;
    this.#unit = unit;
    this.#location = location;
    this.#options = options;
  }

  async outcome(): Promise<UnitOutcome> {
    const refused = refuseUnit(this.#unit);
    if (refused) return refused;
    try {
      const before = await foreignKeys(this.#client);
      if (before === this.#unit.foreignKeys) return await this.#begun();
      await this.#setForeignKeys(this.#unit.foreignKeys);
      try {
        return await this.#begun();
      } finally {
        await this.#setForeignKeys(before);
      }
    } catch (error) {
      if (isBusy(error)) return { kind: 'busy', error: this.#busy(error) };
      return { kind: 'failed', error: toSqlError(error, this.#location) };
    }
  }

  async #renew(): Promise<void> {
    this.#client.reconnect();
    this.#foreignKeysWereSet = true;
    await this.#client.execute(`PRAGMA foreign_keys = ${this.#unit.foreignKeys}`);
  }

  async #setForeignKeys(value: 'on' | 'off'): Promise<void> {
    this.#foreignKeysWereSet = true;
    const sql = `PRAGMA foreign_keys = ${value}`;
    await this.#sent('control', sql, () => this.#client.execute(sql));
  }

  async #begun(): Promise<UnitOutcome> {
    const attempt = leavingNothing(
      () => this.#client.transaction('write'),
      () => this.#renew(),
    );
    const begin = await this.#waiting('BEGIN IMMEDIATE', attempt);
    if (begin.kind === 'stopped') return { kind: 'stopped' };
    if (begin.kind === 'busy') return { kind: 'busy', error: this.#busy(begin.cause) };
    const transaction = begin.value;
    try {
      // The pragma does nothing inside a transaction that somebody left open: then this connection is not ours.
      const isAsWanted =
        !this.#foreignKeysWereSet || (await foreignKeys(transaction)) === this.#unit.foreignKeys;
      if (!isAsWanted) return this.#foreignKeysNotSet();
      const ended = await this.#statements(transaction);
      if (ended) return ended;
      return await this.#commit(transaction);
    } finally {
      // Rolls back whatever is still open.
      transaction.close();
      await this.#client.executeMultiple('PRAGMA busy_timeout = 0');
    }
  }

  async #statements(transaction: Transaction): Promise<UnitOutcome | undefined> {
    for (const statement of this.#unit.statements) {
      await breathe();
      if (this.#options.signal?.aborted) return { kind: 'stopped' };
      const failed = await this.#statement(transaction, statement);
      if (failed) return failed;
      if (statement.role === 'migration' && statement.number !== undefined) {
        await this.#options.afterStatement?.(
          statement.number,
          asking('sqlite', (asked) =>
            query(transaction, asked, {
              location: this.#location,
              busyTimeout: 0,
              signal: undefined,
              onBusy: () => undefined,
            }),
          ),
        );
      }
    }
    return undefined;
  }

  async #statement(
    transaction: Transaction,
    { sql, args, role, number }: UnitStatement,
  ): Promise<UnitOutcome | undefined> {
    const report = role === 'migration' && number !== undefined ? this.#options.onStatement : undefined;
    const at = number ?? 0;
    report?.({ number: at, phase: 'begun' });
    const begun = performance.now();
    try {
      // Whose answer nobody reads is run without preparing one; of a guard, only its raising is heard.
      await this.#sent<unknown>(role, sql, () =>
        role === 'guard' && args === undefined
          ? transaction.executeMultiple(sql)
          : transaction.execute({ sql, args: toArgs(args) }),
      );
    } catch (error) {
      return this.#failed(error, number);
    }
    const took = performance.now() - begun;
    if (transaction.closed) return this.#leftTransaction();
    if (role === 'migration') this.#took.push(took);
    report?.({ number: at, phase: 'done', took });
    return undefined;
  }

  async #commit(transaction: Transaction): Promise<UnitOutcome> {
    // Readers in the way are waited for by SQLite itself, though that holds up the event loop: a COMMIT that
    // fails stays begun, and would keep a read lock over the next one (see `leavingNothing`). New readers do
    // not get in meanwhile, so it is only those that are reading now.
    await transaction.executeMultiple(`PRAGMA busy_timeout = ${Math.round(this.#options.busyTimeout)}`);
    try {
      await this.#sent('control', 'COMMIT', () => transaction.executeMultiple('COMMIT'));
    } catch (error) {
      if (!isBusy(error)) throw error;
      return { kind: 'busy', error: this.#busy(error) };
    }
    return { kind: 'committed', took: this.#took };
  }

  #waiting<T>(sql: string, attempt: () => Promise<T>) {
    return this.#sent('control', sql, () =>
      whileBusy(attempt, { isBusy, timeout: this.#options.busyTimeout, signal: this.#options.signal }),
    );
  }

  async #sent<T>(role: Sent['role'], what: string, send: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const tell = (outcome: Sent['outcome']) =>
      this.#options.onSent?.({ role, what, took: performance.now() - begun, outcome });
    try {
      const answer = await send();
      tell({ kind: 'ok' });
      return answer;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      tell({ kind: 'failed', code });
      throw error;
    }
  }

  #failed(error: unknown, number: number | undefined): UnitOutcome {
    if (isBusy(error)) return { kind: 'busy', error: this.#busy(error) };
    const refused = toSqlError(error, this.#location);
    const guard = raisedGuard(refused.message);
    if (guard) return { kind: 'guarded', guard: guard.name, detail: guard.detail };
    return { kind: 'failed', ...(number === undefined ? {} : { number }), error: refused };
  }

  #foreignKeysNotSet(): UnitOutcome {
    const error = new SqlError(
      `foreign keys could not be switched ${this.#unit.foreignKeys} before the transaction; nothing was run`,
      { code: 'FOREIGN_KEYS_NOT_SET' },
    );
    return { kind: 'failed', error };
  }

  // `refuseUnit` lets no such statement through; should one be new to it, this is the truth about it.
  #leftTransaction(): UnitOutcome {
    const error = new MigrateError(
      'stopped-part-way',
      `a statement ended the transaction it ran in on ${this.#location}, and what stood before it may be committed`,
      { next: 'Compare the records with the schema before anything else is run.' },
    );
    return { kind: 'unknown', error };
  }

  #busy(cause: unknown) {
    return busyError(this.#location, this.#options.busyTimeout, cause);
  }
}

async function foreignKeys(connection: Pick<Client, 'execute'>): Promise<'on' | 'off'> {
  const answer: ResultSet = await connection.execute('PRAGMA foreign_keys');
  return answer.rows[0]?.[0] === 1n ? 'on' : 'off';
}
