import { unfinishedTexts } from '../../bookkeeping/unfinished.ts';
import type { AloneOptions, Engine, Unit, UnitOptions, UnitStatement } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { undoHash } from '../../operations/rollback/taken-back.ts';
import type { ExecuteStep } from '../../operations/plan/step.ts';
import type { Statement } from '../../sql/statement.ts';
import { partsToRun, type Part } from '../../sql/postgres/stepwise.ts';
import type { Who } from '../context.ts';
import { invalidIndexes, invalidIndexesNow } from '../postgres/invalid-indexes.ts';
import { refusePassedOver } from '../postgres/passed-over.ts';
import { rememberRole, settingsGuard, settingsGuardName } from '../postgres/settings-guard.ts';
import type { KeptLease } from '../lock/keep-lease.ts';
import { lostAt, refuseLost } from './refuse-lost.ts';
import { settledUnit, type SettledUnit } from './settled-unit.ts';
import { partUnit, recordOf, type UnitGiven } from './unit.ts';

/** What became of a migration that is committed in parts. */
export type PartsOutcome =
  | Extract<SettledUnit, { kind: 'committed' }>
  /** Nothing of it stays. */
  | { readonly kind: 'undone'; readonly outcome: NotCommitted }
  /** The parts up to statement `done` stay; of the next one `left`: indexes that are not valid, as SQL names them. */
  | {
      readonly kind: 'half';
      readonly outcome: NotCommitted;
      readonly done: number;
      readonly left: readonly string[];
    };

type NotCommitted = Exclude<SettledUnit, { kind: 'committed' }>;

export interface PartsPlace {
  readonly engine: Engine;
  readonly given: UnitGiven;
  /** Who stands in what the target keeps of it. */
  readonly who: Pick<Who, 'by' | 'host'>;
  readonly options: UnitOptions & Pick<AloneOptions, 'onWaiting'>;
  /** Renews the lock while a statement runs by itself, which may take longer than a lease is good for. */
  readonly keepLease?: () => Promise<KeptLease>;
  /** Called after each statement that ran by itself, as `afterStatement` is inside a transaction. */
  readonly afterAlone?: (number: number) => Promise<void>;
}

/**
 * Runs a migration part by part. Each is behind the fence: one transaction, or a statement by itself between two of
 * ours. Under a lock the target keeps how far it came, in the transactions of the parts themselves.
 */
export async function runParts(step: ExecuteStep, place: PartsPlace): Promise<PartsOutcome> {
  return new PartsRun(step, place).run();
}

class PartsRun {
  readonly #step: ExecuteStep;
  readonly #place: PartsPlace;
  readonly #parts: readonly Part[];
  readonly #took: number[] = [];
  #done = 0;

  constructor(step: ExecuteStep, place: PartsPlace) {
    this.#step = step;
    this.#place = place;
    this.#parts = partsToRun(step.migration.statements);
  }

  async run(): Promise<PartsOutcome> {
    const refused = refuseLost(this.#step.migration);
    if (refused) return { kind: 'undone', outcome: refused };
    const made = await this.#makeTable();
    if (made.kind !== 'committed') return { kind: 'undone', outcome: made };
    for (const part of this.#parts) {
      const ended = part.kind === 'together' ? await this.#together(part) : await this.#alone(part);
      if (ended) return ended;
      this.#done = part.last;
    }
    return { kind: 'committed', took: this.#took };
  }

  /** By itself and beforehand, so that whether a part was committed can always be asked. */
  async #makeTable(): Promise<SettledUnit> {
    const { given, options } = this.#place;
    if (!given.lock) return { kind: 'committed', took: [] };
    const statements = [...given.lock.fence(this.#step.migration.tag), unfinishedTexts.create];
    return this.#unit(
      {
        foreignKeys: 'on',
        statements: statements.map((statement) => ({ ...statement, role: 'guard' as const })),
      },
      { landed: unfinishedTexts.exists, options },
    );
  }

  async #together(part: Part): Promise<PartsOutcome | undefined> {
    const { first, last } = part;
    const isLast = this.#isLast(part);
    const prepare = [...this.#prepare(part), ...(isLast ? [] : [rememberRole])];
    const end = [...(isLast ? [] : [{ ...settingsGuard, role: 'guard' as const }]), ...this.#end(part)];
    const unit = partUnit(this.#step, { first, last, prepare, end }, this.#place.given);
    const outcome = await this.#unit(unit, { landed: this.#landed(part), options: this.#place.options });
    if (outcome.kind !== 'committed') return this.#stoppedAt(asLost(outcome, last), []);
    this.#took.push(...outcome.took);
    return undefined;
  }

  async #alone(part: Part): Promise<PartsOutcome | undefined> {
    const { engine, options, afterAlone } = this.#place;
    const number = part.first;
    const opened = await this.#open(part);
    if (opened.kind !== 'committed') return this.#stoppedAt(opened, []);
    const before = await invalidIndexes(engine.query).catch(this.#notReached);
    if ('kind' in before) return this.#afterFailure(before, []);
    const sql = this.#step.migration.statements[number - 1]?.sql ?? '';
    const passedOver = refusePassedOver([{ sql, number }], before);
    if (passedOver) return this.#afterFailure(passedOver, []);
    const outcome = await this.#byItself({ sql, number });
    if (outcome.kind !== 'committed') {
      const now = await invalidIndexesNow(engine);
      // The database still has the note of it, and what it left is seen when it can be asked again.
      if (!now) return { kind: 'half', outcome, done: this.#done, left: [] };
      return this.#afterFailure(
        outcome,
        now.filter((name) => !before.includes(name)),
      );
    }
    this.#took.push(...outcome.took);
    await afterAlone?.(number);
    // It is there: what says so is written also where the run was asked to stop meanwhile.
    const { signal } = new AbortController();
    const behind = { first: number + 1, last: number, prepare: [], end: this.#end(part) };
    const closed = await this.#unit(partUnit(this.#step, behind, this.#place.given), {
      landed: this.#landed(part),
      options: { ...options, signal },
    });
    if (closed.kind === 'committed') return undefined;
    this.#done = number;
    return this.#stoppedAt(closed, []);
  }

  /** The fence, and for the first part what says that it is being begun. */
  #open(part: Part): Promise<SettledUnit> {
    const isFirst = part.first === 1;
    const content = {
      first: part.first,
      last: part.first - 1,
      prepare: this.#prepare(part),
      end: isFirst ? this.#progress(0) : [],
    };
    return this.#unit(partUnit(this.#step, content, this.#place.given), {
      landed: isFirst ? this.#reached(0) : { sql: 'SELECT 1 WHERE false' },
      options: this.#place.options,
    });
  }

  async #byItself({ sql, number }: { readonly sql: string; readonly number: number }): Promise<SettledUnit> {
    const { engine, options, keepLease } = this.#place;
    if (!engine.alone) throw new Error(`${engine.name} runs every statement inside a transaction.`);
    const kept = await keepLease?.().catch(this.#notReached);
    if (kept && 'kind' in kept) return kept;
    await using held = kept;
    void held;
    const { signal, onStatement, onSent, onWaiting } = options;
    const outcome = await engine.alone(
      { sql, role: 'migration', number },
      {
        ...(signal && { signal }),
        ...(onStatement && { onStatement }),
        ...(onSent && { onSent }),
        ...(onWaiting && { onWaiting }),
      },
    );
    return outcome.kind === 'unknown' ? { kind: 'open', error: outcome.error } : outcome;
  }

  /** The run was asked to stop, or the database was lost, before the statement was sent. */
  readonly #notReached = (error: unknown): NotCommitted => {
    if (this.#place.options.signal?.aborted) return { kind: 'stopped' };
    if (error instanceof MigrateError) return { kind: 'busy', error };
    throw error;
  };

  /** A first statement that left nothing is as if it had not been begun. */
  async #afterFailure(outcome: NotCommitted, left: readonly string[]): Promise<PartsOutcome> {
    const { lock } = this.#place.given;
    if (this.#done > 0 || left.length > 0 || outcome.kind === 'open') return this.#stoppedAt(outcome, left);
    // What a way out begins with is a part of a file: how far the file came stays known.
    const isOfFile = this.#step.migration.statements.every(({ number }) => number === undefined);
    if (!lock || !isOfFile) return { kind: 'undone', outcome };
    const { signal } = new AbortController();
    const statements = [...lock.fence(this.#step.migration.tag), unfinishedTexts.forget(this.#key)];
    const forgotten = await this.#place.engine.unit(
      { foreignKeys: 'on', statements: statements.map((one) => ({ ...one, role: 'guard' as const })) },
      { signal },
    );
    return forgotten.kind === 'committed' ? { kind: 'undone', outcome } : this.#stoppedAt(outcome, left);
  }

  #stoppedAt(outcome: NotCommitted, left: readonly string[]): PartsOutcome {
    if (this.#done === 0 && left.length === 0 && outcome.kind !== 'open') return { kind: 'undone', outcome };
    return { kind: 'half', outcome, done: this.#done, left };
  }

  async #unit(
    unit: Unit,
    { landed, options }: { readonly landed: Statement; readonly options: UnitOptions },
  ): Promise<SettledUnit> {
    const { engine, given } = this.#place;
    const outcome = await engine.unit(unit, options);
    if (given.lock) return settledUnit(engine, outcome, landed, given.lock.fence(this.#step.migration.tag));
    return outcome.kind === 'unknown' ? { kind: 'open', error: outcome.error } : outcome;
  }

  #prepare({ first }: Part): ExecuteStep['prepare'] {
    return first === 1 ? this.#step.prepare : [];
  }

  #end(part: Part): readonly UnitStatement[] {
    if (!this.#isLast(part)) return this.#progress(part.last);
    const forgets = this.#place.given.lock ? [unfinishedTexts.forget(this.#key)] : [];
    return [
      ...recordOf(this.#step, this.#place.given.now),
      ...forgets.map((statement) => ({ ...statement, role: 'record' as const })),
    ];
  }

  #progress(done: number): readonly UnitStatement[] {
    const { given, who } = this.#place;
    if (!given.lock) return [];
    const { migration, bookkeeping, leaves } = this.#step;
    const row = {
      tag: migration.tag,
      hash: leaves.kind === 'its-record' ? migration.hash : undoHash(migration),
      what: leaves.kind === 'its-record' ? ('run' as const) : ('undo' as const),
      ...inFile(migration.statements, done),
      run: given.lock.run,
      ...who,
    };
    return [{ ...unfinishedTexts.write({ records: bookkeeping.quoted }, row), role: 'record' }];
  }

  #landed(part: Part): Statement {
    const { bookkeeping, migration, leaves } = this.#step;
    if (!this.#isLast(part)) return this.#reached(part.last);
    return leaves.kind === 'its-record'
      ? { sql: `SELECT 1 WHERE (${bookkeeping.isRecorded(migration)}) = 1` }
      : { sql: `SELECT 1 WHERE NOT EXISTS (${this.#reached(0).sql})` };
  }

  #reached(done: number): Statement {
    const { lock } = this.#place.given;
    const at = inFile(this.#step.migration.statements, done).done;
    return unfinishedTexts.reached(this.#key, { run: lock?.run ?? '', done: at });
  }

  get #key() {
    return { records: this.#step.bookkeeping.quoted, tag: this.#step.migration.tag };
  }

  #isLast({ last }: Part): boolean {
    return last === this.#step.migration.statements.length;
  }
}

/** What a part leaves is known only when it has run; nothing of it stays. */
function asLost(outcome: NotCommitted, statement: number): NotCommitted {
  if (outcome.kind !== 'guarded' || outcome.guard !== settingsGuardName) return outcome;
  return lostAt({ statement, what: outcome.detail, before: statement + 1 }, 'its part was undone');
}

/** A way out runs a part of a file, with what takes something back in front: its statements keep the file's numbers. */
function inFile(
  statements: readonly { readonly number?: number }[],
  done: number,
): { readonly done: number; readonly of: number } {
  const numbers = statements.flatMap(({ number }) => number ?? []);
  const [first] = numbers;
  if (first === undefined) return { done, of: statements.length };
  const ran = statements.slice(0, done).flatMap(({ number }) => number ?? []);
  return { done: ran.at(-1) ?? first - 1, of: numbers.at(-1) ?? first };
}
