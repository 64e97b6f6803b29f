import type { DatabaseSync } from 'node:sqlite';
import { MigrateError } from '../../lib/errors.ts';
import { raisedGuard } from '../../sql/guard.ts';
import { asking, type Row, type Statement } from '../../sql/statement.ts';
import { SqlError } from '../engine.ts';
import type { Sent, Unit, UnitOptions, UnitOutcome, UnitStatement } from '../engine.ts';
import { allRows, runToEnd } from '../node-sqlite-rows.ts';
import { refuseUnit } from '../one-statement.ts';
import { busyError } from '../sql-errors.ts';
import { told } from '../told.ts';
import { othersTurn, whileBusy } from '../waiting.ts';
import { isBusy, toQueryError, toSqlError } from './local-errors.ts';
import { underD1Limits } from './local-limits.ts';
import { refusedByD1 } from '../../sql/d1-rules.ts';

export interface LocalUnitOptions extends UnitOptions {
  readonly location: string;
  /** Milliseconds. */
  readonly busyTimeout: number;
}

/** Runs a unit as D1 runs a batch: one transaction with foreign keys on, and nothing that D1 would refuse. */
export function runUnit(db: DatabaseSync, unit: Unit, options: LocalUnitOptions): Promise<UnitOutcome> {
  return new UnitRun(db, unit, options).outcome();
}

class UnitRun {
  readonly #db: DatabaseSync;
  readonly #unit: Unit;
  readonly #options: LocalUnitOptions;
  readonly #took: number[] = [];

  constructor(db: DatabaseSync, unit: Unit, options: LocalUnitOptions) {
    this.#db = db;
    this.#unit = unit;
    this.#options = options;
  }

  async outcome(): Promise<UnitOutcome> {
    // All of it before BEGIN: workerd does not wait for our lock, it fails its own request at once.
    const refused = refuseUnit(this.#unit) ?? refuseByRules(this.#unit);
    if (refused) return refused;
    try {
      const begin = await this.#control('BEGIN IMMEDIATE');
      if (begin) return begin;
      return (await this.#statements()) ?? (await this.#control('COMMIT')) ?? this.#committed();
    } catch (error) {
      return { kind: 'failed', error: toSqlError(error, this.#options.location) };
    } finally {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    }
  }

  #committed(): UnitOutcome {
    return { kind: 'committed', took: this.#took };
  }

  /** Undefined: done. */
  async #control(sql: string): Promise<UnitOutcome | undefined> {
    const { busyTimeout, signal, location } = this.#options;
    const attempt = async () => this.#db.exec(sql);
    const answer = await this.#sent('control', sql, () =>
      whileBusy(attempt, { isBusy, timeout: busyTimeout, signal }),
    );
    if (answer.kind === 'ok') return undefined;
    if (answer.kind === 'stopped') return { kind: 'stopped' };
    return { kind: 'busy', error: busyError(location, busyTimeout, answer.cause) };
  }

  async #statements(): Promise<UnitOutcome | undefined> {
    for (const statement of this.#unit.statements) {
      if (this.#options.signal?.aborted) return { kind: 'stopped' };
      const failed = await this.#statement(statement);
      if (failed) return failed;
      if (statement.role === 'migration' && statement.number !== undefined) {
        await this.#options.afterStatement?.(
          statement.number,
          asking('sqlite', (asked) => this.#query(asked)),
        );
      }
    }
    return undefined;
  }

  async #statement({ sql, args, role, number }: UnitStatement): Promise<UnitOutcome | undefined> {
    const report = role === 'migration' && number !== undefined ? this.#options.onStatement : undefined;
    const at = number ?? 0;
    report?.({ number: at, phase: 'begun' });
    await othersTurn();
    if (this.#options.signal?.aborted) return { kind: 'stopped' };
    const begun = performance.now();
    try {
      await this.#sent(role, sql, async () => this.#run(args ? { sql, args } : { sql }));
    } catch (error) {
      return this.#failed(error, number);
    }
    const took = performance.now() - begun;
    if (!this.#db.isTransaction) return this.#leftTransaction();
    if (role === 'migration') this.#took.push(took);
    report?.({ number: at, phase: 'done', took });
    return undefined;
  }

  #run(statement: Statement): void {
    underD1Limits(this.#db, () => runToEnd(this.#db, statement));
  }

  async #query(statement: Statement): Promise<readonly Row[]> {
    try {
      return allRows(this.#db, statement);
    } catch (error) {
      throw toQueryError(error, this.#options.location);
    }
  }

  #failed(error: unknown, number: number | undefined): UnitOutcome {
    const { location, busyTimeout } = this.#options;
    if (isBusy(error)) return { kind: 'busy', error: busyError(location, busyTimeout, error) };
    const refused = toSqlError(error, location);
    const guard = raisedGuard(refused.message);
    if (guard) return { kind: 'guarded', guard: guard.name, detail: guard.detail };
    return { kind: 'failed', ...(number === undefined ? {} : { number }), error: refused };
  }

  // `refuseUnit` lets no such statement through; should one be new to it, this is the truth about it.
  #leftTransaction(): UnitOutcome {
    const error = new MigrateError(
      'stopped-part-way',
      `a statement ended the transaction it ran in on ${this.#options.location}, and what stood before it may be committed`,
      { next: 'Compare the records with the schema before anything else is run.' },
    );
    return { kind: 'unknown', error };
  }

  #sent<T>(role: Sent['role'], what: string, send: () => Promise<T>): Promise<T> {
    return told(
      this.#options,
      { role, what },
      send,
      (error) => toSqlError(error, this.#options.location).code,
    );
  }
}

/** What D1 would not take, found before anything is run. Guards and records are this program's own. */
function refuseByRules({ statements }: Unit): UnitOutcome | undefined {
  for (const { sql, role, number } of statements) {
    if (role !== 'migration') continue;
    const why = refusedByD1(sql);
    if (why === undefined) continue;
    const error = new SqlError(`D1 ${why}`, { code: 'D1_REFUSES' });
    return { kind: 'failed', ...(number === undefined ? {} : { number }), error };
  }
  return undefined;
}
