import type { Engine, UnitStatement } from '../../engines/engine.ts';
import type { Part } from '../../schema/parts.ts';
import { followSchema, noStep, type SchemaStep } from '../../schema/follow.ts';
import type { SchemaVersion } from '../../schema/versions.ts';
import { guardIn } from '../../sql/guard.ts';
import type { Query } from '../../sql/statement.ts';
import type { ReplayBaseOptions } from '../replay/replay-points.ts';
import {
  enforcement,
  openScratchEngine,
  refusalOf,
  runnable,
  type Refusal,
} from '../replay/scratch-engine.ts';

type Statements = readonly { readonly sql: string }[];

/** Statements with what each changes in the schema, as it was once tried out. */
export interface Path {
  readonly statements: Statements;
  /** As many as statements. */
  readonly steps: readonly SchemaStep[];
}

/** What statements did, up to the one that failed. */
export interface TriedOut {
  /** What each changed; empty when nothing of it could be run. */
  readonly steps: readonly SchemaStep[];
  /** `reached`: the state before the first of them was there. */
  readonly from: 'reached' | 'not-reached';
  /** The schema before the first of them. */
  readonly version: SchemaVersion;
  readonly failure?: Refusal;
}

/**
 * A scratch database without rows, under the rules of the target's engine, in which a history is replayed: what is
 * kept stays, what is tried out is undone. Its schema is known all the while.
 */
export interface ScratchHistory extends AsyncDisposable {
  /** A part of what is kept. */
  part(key: string): Part | undefined;
  /** Runs statements for good, or none of them. */
  keep(statements: Statements): Promise<Refusal | undefined>;
  /** The same, and says what each changed. */
  keepLooking(statements: Statements): Promise<TriedOut>;
  /** Keeps what was tried out. */
  keepPath(path: Path): Promise<Refusal | undefined>;
  /** Undoes what was kept last, with a look. */
  takeBack(): Promise<void>;
  /** Runs the path and then the statements, and undoes everything again. */
  tryOut(path: Path, statements: Statements): Promise<TriedOut>;
}

export async function openScratchHistory(options: ReplayBaseOptions): Promise<ScratchHistory> {
  const history = new OpenHistory(options);
  await history.open();
  return history;
}

class OpenHistory implements ScratchHistory {
  readonly #options: ReplayBaseOptions;
  readonly #follower: ReturnType<typeof followSchema>;
  /** All that is kept, in order. */
  readonly #log: Path[] = [];
  #scratch: Awaited<ReturnType<typeof openScratchEngine>> | undefined;
  #version: SchemaVersion = { objects: new Map() };

  constructor(options: ReplayBaseOptions) {
    this.#options = options;
    this.#follower = followSchema({ bookkeeping: [options.bookkeeping] });
  }

  async open(): Promise<void> {
    this.#scratch = await openScratchEngine(this.#options.like);
  }

  part(key: string): Part | undefined {
    return this.#follower.part(key);
  }

  async keep(statements: Statements): Promise<Refusal | undefined> {
    const refusal = await this.#run(statements);
    if (refusal) return refusal;
    this.#log.push({ statements, steps: [] });
    this.#follower.lose();
    return undefined;
  }

  async keepPath({ statements, steps }: Path): Promise<Refusal | undefined> {
    const refusal = await this.#run(statements);
    if (refusal) return refusal;
    for (const step of steps) this.#follower.apply(step);
    this.#moveOn({ statements, steps });
    return undefined;
  }

  async keepLooking(statements: Statements): Promise<TriedOut> {
    const tried = await this.#look(nowhere, statements, 'keep');
    if (tried.failure) return tried;
    this.#moveOn({ statements, steps: tried.steps });
    return tried;
  }

  async takeBack(): Promise<void> {
    const { steps } = this.#log.pop() ?? nowhere;
    for (const step of steps.toReversed()) this.#follower.revert(step);
    for (const _ of steps.filter(isChange)) this.#version = this.#version.before ?? this.#version;
    await this[Symbol.asyncDispose]();
    await this.open();
    const refusal = await this.#run(this.#log.flatMap(({ statements }) => statements));
    if (refusal) throw new Error(`What ran once does not run again: ${refusal.why}`);
  }

  async tryOut(path: Path, statements: Statements): Promise<TriedOut> {
    return this.#look(path, statements, 'undo');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch?.close();
    this.#scratch = undefined;
  }

  get #engine(): Engine {
    if (!this.#scratch) throw new Error('The scratch database is closed.');
    return this.#scratch.engine;
  }

  #moveOn(kept: Path): void {
    this.#log.push(kept);
    this.#version = versionsAfter(this.#version, kept.steps).at(-1) ?? this.#version;
  }

  async #run(statements: Statements): Promise<Refusal | undefined> {
    const { statements: run, refusal } = runnable(statements);
    if (refusal) return refusal;
    const { signal } = this.#options;
    const outcome = await this.#engine.unit(
      { foreignKeys: enforcement(this.#engine), statements: run },
      signal ? { signal } : {},
    );
    signal?.throwIfAborted();
    return outcome.kind === 'committed' ? undefined : refusalOf(outcome);
  }

  async #look(path: Path, statements: Statements, end: 'keep' | 'undo'): Promise<TriedOut> {
    const { statements: own, refusal } = runnable(statements);
    const looked = new Looked(this.#follower, path, statements);
    const { signal } = this.#options;
    const outcome = await this.#engine.unit(
      {
        foreignKeys: enforcement(this.#engine),
        statements: [
          ...runnable(path.statements).statements.map(({ sql, role }) => ({ sql, role })),
          { sql: 'SELECT 1', role: 'migration', number: 0 },
          ...own,
          ...(end === 'undo' || refusal ? [rollback(this.#engine)] : []),
        ],
      },
      {
        ...(signal ? { signal } : {}),
        afterStatement: async (number, query) => {
          const unseen = await looked.after(number, query);
          if (unseen) this.#version = versionsAfter(this.#version, [unseen]).at(-1) ?? this.#version;
        },
      },
    );
    signal?.throwIfAborted();
    const failure =
      outcome.kind === 'committed' ? undefined : outcome.kind === 'guarded' ? refusal : refusalOf(outcome);
    if (outcome.kind !== 'committed') looked.revert();
    const version = versionsAfter(this.#version, path.steps).at(-1) ?? this.#version;
    return { ...looked.result(failure), version };
  }
}

const nowhere: Path = { statements: [], steps: [] };
function rollback({ query }: Engine): UnitStatement {
  return { sql: guardIn(query.dialect)('replay', '0'), role: 'guard' };
}

/** One look at statements while they run. */
class Looked {
  readonly #follower: ReturnType<typeof followSchema>;
  readonly #path: Path;
  readonly #statements: Statements;
  readonly #steps: SchemaStep[] = [];
  #isReached = false;

  constructor(follower: ReturnType<typeof followSchema>, path: Path, statements: Statements) {
    this.#follower = follower;
    this.#path = path;
    this.#statements = statements;
  }

  /** @returns before the first statement: what had changed without being seen */
  async after(number: number, query: Query): Promise<SchemaStep | undefined> {
    if (number > 0) {
      this.#fill(number - 1);
      this.#steps.push(await this.#follower.look(query, this.#statements[number - 1]?.sql ?? ''));
      return undefined;
    }
    const unseen = await this.#follower.sync(query);
    for (const step of this.#path.steps) this.#follower.apply(step);
    this.#isReached = true;
    return isChange(unseen) ? unseen : undefined;
  }

  revert(): void {
    if (!this.#isReached) return;
    for (const step of [...this.#path.steps, ...this.#steps].toReversed()) this.#follower.revert(step);
  }

  result(failure: Refusal | undefined): Omit<TriedOut, 'version'> {
    if (this.#isReached) this.#fill(failure ? failure.statement - 1 : this.#statements.length);
    return {
      steps: this.#steps,
      from: this.#isReached ? 'reached' : 'not-reached',
      ...(failure && { failure }),
    };
  }

  /** Statements that were left out change nothing. */
  #fill(length: number): void {
    while (this.#steps.length < length) this.#steps.push(noStep);
  }
}

/** The version that each step leads to; the same one where nothing changes. */
export function versionsAfter(
  version: SchemaVersion,
  steps: readonly SchemaStep[],
): readonly SchemaVersion[] {
  let before = version;
  return steps.map((step) => {
    if (!isChange(step)) return before;
    const objects = new Map([...step.objects].map(([key, { after }]) => [key, after] as const));
    before = { before, objects };
    return before;
  });
}

function isChange(step: SchemaStep): boolean {
  return step.objects.size > 0;
}
