import { MigrateError } from '../../lib/errors.ts';
import { raisedGuard } from '../../sql/guard.ts';
import { asking } from '../../sql/statement.ts';
import { SqlError } from '../engine.ts';
import type { Sent, Unit, UnitOptions, UnitOutcome, UnitStatement } from '../engine.ts';
import { fitsOneText, oneText } from '../one-text.ts';
import { told, toldTogether, type Said } from '../told.ts';
import { tripsOf, type Trips } from '../trips.ts';
import { asSqlError, beginning, notSent, takeSession, type UnitPlace } from './begin.ts';
import { isBusy, pidsInDeadlock, postgresBusy } from './busy.ts';
import { literalOf } from './literal.ts';
import { mayOutliveUnit, refusePostgresUnit } from './refuse-statement.ts';
import { ConnectionLost } from './server-errors.ts';
import type { Answer, Commanded, Holder, Session } from './session.ts';
import { watchedFor } from './watch.ts';

/**
 * Runs a unit as one transaction: one trip for what begins it and our own statements in front, one for each of the
 * migration's, whose failure must be told apart, and one for our own behind them and COMMIT. Only the last holds a
 * COMMIT: a unit whose program dies before is undone, whatever the server had been sent.
 */
export async function runPostgresUnit(
  unit: Unit,
  place: UnitPlace,
  options: UnitOptions & { readonly busyTimeout: number },
): Promise<UnitOutcome> {
  const refused = refusePostgresUnit(unit);
  if (refused) return refused;
  // A connection that broke while nobody used it is found out by the first trip, which commits nothing: a new one is
  // taken then.
  for (let isLast = false; ; isLast = true) {
    if (options.signal?.aborted) return { kind: 'stopped' };
    const taken = await takeSession(place);
    if (taken.kind === 'refused') return { kind: 'failed', error: taken.error };
    const outcome = await new UnitRun(taken.session, unit, place.location, options).outcome();
    if (outcome.kind !== 'lost-at-first') return outcome;
    if (isLast) return { kind: 'failed', error: notSent(outcome.error.message, outcome.error) };
  }
}

type LostAtFirst = { readonly kind: 'lost-at-first'; readonly error: ConnectionLost };

/** One unit in a session, from BEGIN until COMMIT or ROLLBACK. */
class UnitRun {
  readonly #session: Session;
  readonly #unit: Unit;
  readonly #trips: Trips;
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
    this.#trips = tripsOf(unit, fitsOneText);
    this.#location = location;
    this.#options = options;
  }

  async outcome(): Promise<UnitOutcome | LostAtFirst> {
    const ended = await this.#untilCommit().catch(async (error: unknown) => {
      await this.#rollback();
      throw error;
    });
    if (!ended) return this.#commit();
    if (ended.kind !== 'lost-at-first') await this.#rollback();
    return ended;
  }

  async #untilCommit(): Promise<UnitOutcome | LostAtFirst | undefined> {
    return (await this.#begin()) ?? (await this.#statements());
  }

  async #begin(): Promise<UnitOutcome | LostAtFirst | undefined> {
    const { signal, busyTimeout } = this.#options;
    if (signal?.aborted) return { kind: 'stopped' };
    const begin = { role: 'control', sql: beginning(this.#session, busyTimeout) } as const;
    const sent = await this.#together([begin, ...this.#trips.first]);
    if (sent.kind === 'answered') return this.#wrongAnswer(sent.answer, undefined);
    const { error, holders } = sent;
    if (error instanceof ConnectionLost && !signal?.aborted) return { kind: 'lost-at-first', error };
    return this.#failed(error, undefined, holders);
  }

  async #statements(): Promise<UnitOutcome | undefined> {
    for (const statement of this.#trips.alone) {
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

  #wrongAnswer({ command, transaction }: Commanded, number: number | undefined): UnitOutcome | undefined {
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
    const sent = await this.#together([...this.#trips.last, { role: 'control', sql: 'COMMIT' }]);
    if (sent.kind === 'answered') {
      await this.#clean();
      // The server's answer when the transaction had failed before: https://www.postgresql.org/docs/current/sql-commit.html
      return sent.answer.command === 'ROLLBACK'
        ? { kind: 'failed', error: rolledBack() }
        : { kind: 'committed', took: this.#took };
    }
    const { error, holders } = sent;
    if (error instanceof ConnectionLost) return { kind: 'unknown', error: this.#unknown(error) };
    // A guard, or a constraint that waits for the end: behind what failed the server takes no COMMIT.
    const failed = await this.#failed(error, undefined, holders);
    await this.#rollback();
    return failed;
  }

  /** Sends statements of our own as one text. */
  async #together(statements: readonly Said[]): Promise<SentTogether> {
    const { busyTimeout, signal } = this.#options;
    const watched = watchedFor(this.#session.beside, { signal, lockTimeout: busyTimeout });
    try {
      const text = oneText(statements, literalOf);
      const answer = await toldTogether(this.#options, statements, () => this.#session.command(text));
      await watched.end();
      return { kind: 'answered', answer };
    } catch (error) {
      return { kind: 'failed', error, holders: await watched.end() };
    }
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
      cause.next ?? 'Check that the server is up; it undoes what was begun.',
    );
  }

  #unknown(cause: ConnectionLost): MigrateError {
    return new MigrateError(
      'unreachable',
      `${this.#location} did not say whether the unit was committed: the connection was lost (${cause.message})`,
      { cause, next: cause.next ?? 'Ask for the status: the records say what was applied.' },
    );
  }
}

type SentTogether =
  | { readonly kind: 'answered'; readonly answer: Commanded }
  | { readonly kind: 'failed'; readonly error: unknown; readonly holders: readonly Holder[] };

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
