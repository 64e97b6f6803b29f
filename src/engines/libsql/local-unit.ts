import type { Transaction } from '@libsql/client/sqlite3';
import { MigrateError } from '../../lib/errors.ts';
import { raisedGuard } from '../../sql/guard.ts';
import { asking } from '../../sql/statement.ts';
import type { Sent, Unit, UnitOptions, UnitOutcome, UnitStatement } from '../engine.ts';
import { oneText } from '../one-text.ts';
import { refuseUnit } from '../one-statement.ts';
import { busyError, isBusy, toSqlError } from '../sql-errors.ts';
import { told, toldTogether } from '../told.ts';
import { tripsOf, type Trips } from '../trips.ts';
import { toArgs } from '../values.ts';
import { othersTurn, whileBusy } from '../waiting.ts';
import { settingForeignKeys, type Connection } from './connection.ts';
import { foreignKeysAre, foreignKeysGuard, foreignKeysNotSet } from './foreign-keys.ts';
import { fitsLocalText, literalOf } from './literal.ts';
import { leavingNothing, localQuery } from './local-query.ts';

type LocalUnitOptions = UnitOptions & { readonly busyTimeout: number };

/**
 * Runs a unit on a connection, which nobody else uses meanwhile: one call for our own statements in
 * front, one for each of the migration's, whose failure must be told apart, and one for our own behind them and COMMIT.
 */
export async function runLocalUnit(
  connection: Connection,
  unit: Unit,
  location: string,
  options: LocalUnitOptions,
): Promise<UnitOutcome> {
  return refuseUnit(unit) ?? (await new UnitRun(connection, unit, location, options).outcome());
}

/** From the pragma before BEGIN to the pragma after COMMIT. */
class UnitRun {
  readonly #connection: Connection;
  readonly #unit: Unit;
  readonly #trips: Trips;
  readonly #location: string;
  readonly #options: LocalUnitOptions;
  readonly #took: number[] = [];
  /** Whether SQLite itself waits for other connections, in the middle of a call, as it does at COMMIT alone. */
  #waitsInside = false;

  constructor(connection: Connection, unit: Unit, location: string, options: LocalUnitOptions) {
    this.#connection = connection;
    this.#unit = unit;
    this.#trips = tripsOf(unit, fitsLocalText);
    this.#location = location;
    this.#options = options;
  }

  async outcome(): Promise<UnitOutcome> {
    try {
      const before = await this.#connection.foreignKeys();
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

  async #setForeignKeys(value: 'on' | 'off'): Promise<void> {
    await this.#sent('control', settingForeignKeys(value), () => this.#connection.setForeignKeys(value));
  }

  async #begun(): Promise<UnitOutcome> {
    const attempt = leavingNothing(
      () => this.#connection.client.transaction('write'),
      () => this.#renew(),
    );
    const { busyTimeout, signal } = this.#options;
    const begin = await this.#sent('control', 'BEGIN IMMEDIATE', () =>
      whileBusy(attempt, { isBusy, timeout: busyTimeout, signal }),
    );
    if (begin.kind === 'stopped') return { kind: 'stopped' };
    if (begin.kind === 'busy') return { kind: 'busy', error: this.#busy(begin.cause) };
    const transaction = begin.value;
    try {
      return (await this.#untilCommit(transaction)) ?? (await this.#commit(transaction));
    } finally {
      // Rolls back whatever is still open.
      transaction.close();
      if (this.#waitsInside) await this.#connection.client.executeMultiple(waitFor(0));
    }
  }

  async #renew(): Promise<void> {
    this.#connection.renew();
    await this.#connection.setForeignKeys(this.#unit.foreignKeys);
  }

  async #untilCommit(transaction: Transaction): Promise<UnitOutcome | undefined> {
    const { first, alone } = this.#trips;
    const { foreignKeys } = this.#unit;
    // The pragma does nothing inside a transaction that somebody left open: then this connection is not ours.
    const proof = this.#connection.proven === foreignKeys ? [] : [{ sql: foreignKeysAre(foreignKeys) }];
    const text = oneText([...proof, ...first], literalOf);
    const failed = await this.#failing(undefined, () =>
      toldTogether(this.#options, first, () => transaction.executeMultiple(text)),
    );
    if (failed) return failed;
    this.#connection.proven = foreignKeys;
    return await this.#statements(transaction, alone);
  }

  async #statements(
    transaction: Transaction,
    statements: readonly UnitStatement[],
  ): Promise<UnitOutcome | undefined> {
    for (const statement of statements) {
      if (this.#options.signal?.aborted) return { kind: 'stopped' };
      const failed = await this.#statement(transaction, statement);
      if (failed) return failed;
      if (statement.role === 'migration' && statement.number !== undefined) {
        await this.#options.afterStatement?.(statement.number, this.#askingInside(transaction));
      }
    }
    return (await this.#isStopped()) ? { kind: 'stopped' } : undefined;
  }

  async #isStopped(): Promise<boolean> {
    await othersTurn();
    return this.#options.signal?.aborted ?? false;
  }

  async #statement(
    transaction: Transaction,
    { sql, args, role, number }: UnitStatement,
  ): Promise<UnitOutcome | undefined> {
    const report = role === 'migration' && number !== undefined ? this.#options.onStatement : undefined;
    const at = number ?? 0;
    report?.({ number: at, phase: 'begun' });
    if (await this.#isStopped()) return { kind: 'stopped' };
    const begun = performance.now();
    const failed = await this.#failing(number, () =>
      // Nobody reads the answer: it is not prepared where nothing has to be bound either.
      this.#sent<unknown>(role, sql, () =>
        args === undefined
          ? transaction.executeMultiple(sql)
          : transaction.execute({ sql, args: toArgs(args) }),
      ),
    );
    if (failed) return failed;
    const took = performance.now() - begun;
    if (transaction.closed) return this.#leftTransaction();
    if (role === 'migration') this.#took.push(took);
    report?.({ number: at, phase: 'done', took });
    return undefined;
  }

  #askingInside(transaction: Transaction) {
    const options = {
      location: this.#location,
      busyTimeout: 0,
      signal: undefined,
      onBusy: () => undefined,
    };
    return asking('sqlite', (asked) => localQuery(transaction, asked, options));
  }

  async #commit(transaction: Transaction): Promise<UnitOutcome> {
    const { last } = this.#trips;
    // Readers in the way are waited for by SQLite itself, though that holds up the event loop: a COMMIT that
    // fails stays begun, and would keep a read lock over the next one (see `leavingNothing`). New readers do
    // not get in meanwhile, so it is only those that are reading now.
    const text = oneText(
      [...last, { sql: waitFor(this.#options.busyTimeout) }, { sql: 'COMMIT' }, { sql: waitFor(0) }],
      literalOf,
    );
    const said = [...last, { role: 'control', sql: 'COMMIT' }] as const;
    this.#waitsInside = true;
    const failed = await this.#failing(undefined, () =>
      toldTogether(this.#options, said, () => transaction.executeMultiple(text)),
    );
    if (failed) return failed;
    this.#waitsInside = false;
    return { kind: 'committed', took: this.#took };
  }

  #sent<T>(role: Sent['role'], what: string, send: () => Promise<T>): Promise<T> {
    return told(this.#options, { role, what }, send);
  }

  /** What became of the unit where something of it fails. */
  async #failing(number: number | undefined, send: () => Promise<unknown>): Promise<UnitOutcome | undefined> {
    try {
      await send();
      return undefined;
    } catch (error) {
      if (isBusy(error)) return { kind: 'busy', error: this.#busy(error) };
      const refused = toSqlError(error, this.#location);
      const guard = raisedGuard(refused.message);
      if (guard?.name === foreignKeysGuard)
        return { kind: 'failed', error: foreignKeysNotSet(this.#unit.foreignKeys, this.#location, error) };
      if (guard) return { kind: 'guarded', guard: guard.name, detail: guard.detail };
      return { kind: 'failed', ...(number === undefined ? {} : { number }), error: refused };
    }
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

/** @param time milliseconds */
function waitFor(time: number): string {
  return `PRAGMA busy_timeout = ${Math.round(time)}`;
}
