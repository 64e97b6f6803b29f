import { MigrateError } from '../../lib/errors.ts';
import { raisedGuard } from '../../sql/guard.ts';
import { asking } from '../../sql/statement.ts';
import { SqlError } from '../engine.ts';
import type { Sent, Unit, UnitOptions, UnitOutcome, UnitStatement } from '../engine.ts';
import { asSqlError, begin, notSent, type UnitPlace } from './begin.ts';
import { isBusy, pidsInDeadlock, postgresBusy } from './busy.ts';
import { mayOutliveUnit, refusePostgresUnit } from './refuse-statement.ts';
import { ConnectionLost } from './server-errors.ts';
import type { Answer, Holder, Session } from './session.ts';
import { told } from './told.ts';
import { watchedFor } from './watch.ts';

/** Runs a unit as one transaction, statement by statement. */
export async function runPostgresUnit(
  unit: Unit,
  place: UnitPlace,
  options: UnitOptions & { readonly busyTimeout: number },
): Promise<UnitOutcome> {
  const refused = refusePostgresUnit(unit);
  if (refused) return refused;
  if (options.signal?.aborted) return { kind: 'stopped' };
  // A connection that broke while nobody used it is found out by BEGIN, which changes nothing: a new one is taken then.
  for (let isLast = false; ; isLast = true) {
    const begun = await begin(place, options);
    if (begun.kind === 'open') return new UnitRun(begun.session, unit, place.location, options).outcome();
    if (begun.kind === 'refused') return { kind: 'failed', error: begun.error };
    if (isLast) return { kind: 'failed', error: notSent(begun.error.message, begun.error) };
  }
}

/** One unit in a session whose transaction is open, until COMMIT or ROLLBACK. */
class UnitRun {
  readonly #session: Session;
  readonly #unit: Unit;
  readonly #location: string;
  readonly #options: UnitOptions & { readonly busyTimeout: number };
  readonly #took: number[] = [];

  constructor(
    session: Session,
    unit: Unit,
    location: string,
    options: UnitOptions & { readonly busyTimeout: number },
  ) {
    this.#session = session;
    this.#unit = unit;
    this.#location = location;
    this.#options = options;
  }

  async outcome(): Promise<UnitOutcome> {
    const ended = await this.#statements().catch(async (error: unknown) => {
      await this.#rollback();
      throw error;
    });
    if (!ended) return this.#commit();
    await this.#rollback();
    return ended;
  }

  async #statements(): Promise<UnitOutcome | undefined> {
    for (const statement of this.#unit.statements) {
      if (this.#options.signal?.aborted) return { kind: 'stopped' };
      const failed = await this.#statement(statement);
      if (failed) return failed;
      if (statement.role !== 'migration' || statement.number === undefined) continue;
      const looked = await this.#lookInside(statement.number);
      if (looked) return looked;
    }
    return this.#options.signal?.aborted ? { kind: 'stopped' } : undefined;
  }

  async #statement(statement: UnitStatement): Promise<UnitOutcome | undefined> {
    const { role, number, sql } = statement;
    const report = role === 'migration' && number !== undefined ? this.#options.onStatement : undefined;
    const at = number ?? 0;
    report?.({ number: at, phase: 'begun' });
    const begun = performance.now();
    const { busyTimeout, signal } = this.#options;
    const watched = watchedFor(this.#session.beside, { signal, lockTimeout: busyTimeout });
    let answer: Answer;
    try {
      answer = await this.#sent(role, sql, () => this.#session.run(statement));
    } catch (error) {
      return await this.#failed(error, number, await watched.end());
    }
    await watched.end();
    const wrong = this.#wrongAnswer(answer, number);
    if (wrong) return wrong;
    const took = performance.now() - begun;
    if (role === 'migration') this.#took.push(took);
    report?.({ number: at, phase: 'done', took });
    return undefined;
  }

  #wrongAnswer({ command, transaction }: Answer, number: number | undefined): UnitOutcome | undefined {
    // `refusePostgresUnit` lets no such statement through; should one be new to it, this is the truth about it.
    if (transaction === 'none') {
      const error = new MigrateError(
        'stopped-part-way',
        `a statement ended the transaction it ran in on ${this.#location}, and what stood before it may be committed`,
        { next: 'Compare the records with the schema before anything else is run.' },
      );
      return { kind: 'unknown', error };
    }
    if (command !== undefined) return undefined;
    const error = new SqlError('the text holds no statement, only comments or spaces', {
      code: 'EMPTY_STATEMENT',
    });
    return { kind: 'failed', ...numbered(number), error };
  }

  async #lookInside(number: number): Promise<UnitOutcome | undefined> {
    const { afterStatement } = this.#options;
    if (!afterStatement) return undefined;
    const query = asking('postgres', async (statement) => (await this.#session.run(statement)).rows);
    try {
      await afterStatement(number, query);
      return undefined;
    } catch (error) {
      if (error instanceof SqlError) return { kind: 'failed', error };
      if (error instanceof ConnectionLost) return { kind: 'failed', error: this.#lost(error) };
      throw error;
    }
  }

  async #commit(): Promise<UnitOutcome> {
    try {
      const answer = await this.#sent('control', 'COMMIT', () => this.#session.run({ sql: 'COMMIT' }));
      // The server's answer when the transaction had failed before: https://www.postgresql.org/docs/current/sql-commit.html
      if (answer.command === 'ROLLBACK') return { kind: 'failed', error: rolledBack() };
    } catch (error) {
      if (error instanceof ConnectionLost) return { kind: 'unknown', error: this.#unknown(error) };
      // A constraint that waits for the end; the server has rolled back.
      await this.#clean();
      return this.#failed(error, undefined, []);
    }
    await this.#clean();
    return { kind: 'committed', took: this.#took };
  }

  async #rollback(): Promise<void> {
    try {
      await this.#session.command('ROLLBACK');
      await this.#clean();
    } catch {
      // Whatever is wrong with the session, the server rolls back when it ends.
      this.#session.cut();
    }
  }

  /** Each unit begins in a session as new: what a migration's SET or temporary table leaves would meet the next one. */
  async #clean(): Promise<void> {
    const leaves = this.#unit.statements.some(({ role, sql }) => role === 'migration' && mayOutliveUnit(sql));
    if (!leaves) return;
    const sql = 'DISCARD ALL';
    await this.#sent('control', sql, () => this.#session.command(sql)).catch(() => this.#session.cut());
  }

  #sent<T>(role: Sent['role'], what: string, send: () => Promise<T>): Promise<T> {
    return told(this.#options, { role, what }, send);
  }

  async #failed(
    error: unknown,
    number: number | undefined,
    holders: readonly Holder[],
  ): Promise<UnitOutcome> {
    if (this.#options.signal?.aborted && isStop(error)) return { kind: 'stopped' };
    if (error instanceof ConnectionLost) {
      return { kind: 'failed', ...numbered(number), error: this.#lost(error) };
    }
    const refused = asSqlError(error);
    if (isBusy(refused)) return { kind: 'busy', error: await this.#busy(refused, holders) };
    const guard = raisedGuard(refused.message);
    if (guard) return { kind: 'guarded', guard: guard.name, detail: guard.detail };
    return { kind: 'failed', ...numbered(number), error: refused };
  }

  async #busy(error: SqlError, seen: readonly Holder[]): Promise<MigrateError> {
    const pids = pidsInDeadlock(error);
    const holders = pids.length > 0 ? ((await this.#session.beside?.holders(pids)) ?? []) : seen;
    return postgresBusy(this.#location, { error, holders, waited: this.#options.busyTimeout });
  }

  #lost(cause: ConnectionLost): SqlError {
    return notSent(
      `the connection to ${this.#location} was lost before the commit (${cause.message})`,
      cause,
      'Check that the server is up; it undoes what was begun.',
    );
  }

  #unknown(cause: ConnectionLost): MigrateError {
    return new MigrateError(
      'unreachable',
      `${this.#location} did not say whether the unit was committed: the connection was lost (${cause.message})`,
      { cause, next: 'Ask for the status: the records say what was applied.' },
    );
  }
}

/** A connection that was cut instead of its statement, because nothing else reached the server, is a stop as well. */
function isStop(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof SqlError && error.code === '57014');
}

function rolledBack(): SqlError {
  return new SqlError('the server rolled the transaction back instead of committing it', {
    code: 'ROLLED_BACK',
  });
}

const numbered = (number: number | undefined) => (number === undefined ? {} : { number });
