import type { Migration } from '../../migrations/migration.ts';
import type { Replayed } from '../../operations/diagnosis/diagnosis.ts';
import { keysNamed, laterChanges } from '../../operations/diagnosis/later-changes.ts';
import { liveNamesIn, tracesByTag } from '../../operations/diagnosis/traces-of.ts';
import { partsOf, type Part, type Parts } from '../../schema/parts.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Refusal } from '../replay/scratch-engine.ts';
import { candidateBehind, candidatesOf, replayOf, type Placed } from './replay-one.ts';
import type { ScratchHistory, TriedOut } from './scratch-history.ts';
import { merged, type Candidate, type KeptPart, type Replay, type State } from './state.ts';
import { Watch } from './watch.ts';

export interface SearchInput {
  /** The folder, in the order of running. */
  readonly migrations: readonly Migration[];
  /** Tags that have a record. */
  readonly recorded: ReadonlySet<string>;
  /** Of these, the ones whose record is doubted. */
  readonly doubted?: ReadonlySet<string>;
  /** What the replay begins with; absent: nothing. */
  readonly from?: Beginning;
  readonly target: Schema;
  readonly signal?: AbortSignal;
}

/** A schema of the past that the replay begins with. */
export interface Beginning {
  readonly schema: Schema;
  /** Tags of what was applied in it. */
  readonly has: ReadonlySet<string>;
}

/** What the search came to. */
export type Found =
  | {
      readonly kind: 'states';
      /** The ways in which the target can have come about. */
      readonly states: readonly State[];
      /** Every replay of every open migration, whatever it led to; by tag. */
      readonly replays: ReadonlyMap<string, readonly Replay[]>;
      readonly doubted: ReadonlyMap<string, DoubtedReplay>;
      readonly watch: Watch;
      readonly target: Parts;
    }
  | { readonly kind: 'refused'; readonly migration: Migration; readonly refusal: Refusal }
  | { readonly kind: 'too-many' };

/** The replay of a migration whose record is doubted. */
export interface DoubtedReplay {
  readonly index: number;
  readonly replayed: Replayed;
  readonly versions: Replay['versions'];
}

/** More ways than these at once are not followed. */
const mostStates = 64;

/**
 * Tries every way in which the target can have come about, one migration after the other; what cannot agree with the
 * target any more is given up at once.
 */
export async function search(input: SearchInput, scratch: ScratchHistory): Promise<Found> {
  const { migrations, recorded, doubted, from, signal } = input;
  const going = new Search(input, scratch);
  const isAskedFor = ({ tag }: Migration) => !recorded.has(tag) || doubted?.has(tag) === true;
  const end = migrations.some(isAskedFor) ? migrations.length : 0;
  for (const [index, migration] of migrations.slice(0, end).entries()) {
    signal?.throwIfAborted();
    if (from?.has.has(migration.tag)) continue;
    const placed = { migration, index };
    const refusal = recorded.has(migration.tag) ? await going.recorded(placed) : await going.open(placed);
    if (refusal) return { kind: 'refused', migration, refusal };
    if (going.states.length > mostStates) return { kind: 'too-many' };
  }
  return { kind: 'states', ...going.found() };
}

class Search {
  readonly #scratch: ScratchHistory;
  readonly #doubtedTags: ReadonlySet<string>;
  readonly #target: Parts;
  readonly #watch: Watch;
  readonly #replays = new Map<string, Replay[]>();
  readonly #doubted = new Map<string, DoubtedReplay>();
  /** Migrations that are likely to have run as a whole: kept at once, so that the scratch database need not go back. */
  readonly #likely: ReadonlySet<string>;
  #guessedWrong = 0;
  #states: readonly State[];

  constructor({ migrations, recorded, doubted, target }: SearchInput, scratch: ScratchHistory) {
    this.#scratch = scratch;
    this.#doubtedTags = doubted ?? new Set();
    this.#target = partsOf(target);
    this.#watch = new Watch(this.#target, laterChanges(migrations));
    this.#likely = likelyWhole(
      migrations.filter(({ tag }) => !recorded.has(tag)),
      this.#target,
    );
    this.#states = [{ path: nowhere, overlay: noOverlay, ways: [] }];
  }

  get states(): readonly State[] {
    return this.#states;
  }

  found(): Omit<Extract<Found, { kind: 'states' }>, 'kind'> {
    return {
      states: this.#states,
      replays: this.#replays,
      doubted: this.#doubted,
      watch: this.#watch,
      target: this.#target,
    };
  }

  async recorded(placed: Placed): Promise<Refusal | undefined> {
    const { statements, tag } = placed.migration;
    if (this.#doubtedTags.has(tag)) await this.#doubt(placed);
    const [only, ...others] = this.#states;
    if (only && others.length === 0) {
      if (this.#watch.isIdle) return this.#scratch.keep(statements);
      const tried = await this.#scratch.keepLooking(statements);
      if (tried.failure) return tried.failure;
      return this.#goOn([candidateBehind(placed, tried, only)], placed, 'kept');
    }
    const candidates: Candidate[] = [];
    let refusal: Refusal | undefined;
    for (const state of this.#states) {
      const tried = await this.#scratch.tryOut(state.path, statements);
      if (tried.failure) refusal ??= tried.failure;
      else candidates.push(candidateBehind(placed, tried, state));
    }
    if (candidates.length === 0) return refusal;
    return this.#goOn(candidates, placed, 'not-kept');
  }

  async open(placed: Placed): Promise<Refusal | undefined> {
    const { tag, statements } = placed.migration;
    const isGuessed = this.#states.length === 1 && this.#guessedWrong < 3 && this.#likely.has(tag);
    const candidates: Candidate[] = [];
    let refusal: Refusal | undefined;
    let isKept = false;
    for (const state of this.#states) {
      const tried = await (isGuessed
        ? this.#scratch.keepLooking(statements)
        : this.#scratch.tryOut(state.path, statements));
      if (tried.from === 'not-reached') {
        refusal ??= tried.failure;
        continue;
      }
      isKept = isGuessed && !tried.failure;
      candidates.push(...this.#replayed(placed, tried, state));
    }
    if (candidates.length === 0) return refusal ?? { statement: 0, why: 'nothing of it could be run' };
    return this.#goOn(candidates, placed, isKept ? 'kept' : 'not-kept');
  }

  #replayed(placed: Placed, tried: TriedOut, state: State): readonly Candidate[] {
    const { tag, statements } = placed.migration;
    const replay = replayOf(placed, tried, { state, kept: this.#kept, target: this.#target });
    const parts = new Map<string, Part>();
    for (const [key, part] of replay.replayed.points.flatMap((point) => [...point])) parts.set(key, part);
    this.#watch.add(tag, parts.values());
    for (const key of statements.flatMap(({ sql }) => keysNamed(sql))) this.#watch.noteTouch(key, tag);
    this.#replays.set(tag, [...(this.#replays.get(tag) ?? []), replay]);
    return candidatesOf(placed, tried, { replay, state });
  }

  /**
   * Goes on with the candidates that agree with the target in all that nothing later changes.
   *
   * @param scratch whether the whole migration is kept already, as it was likely to have run
   */
  async #goOn(
    candidates: readonly Candidate[],
    { migration, index }: Placed,
    scratch: 'kept' | 'not-kept',
  ): Promise<Refusal | undefined> {
    const judged = candidates.map((candidate) => ({
      candidate,
      differing: this.#watch.differsIn(candidate, index, this.#kept),
    }));
    const least = Math.min(...judged.map(({ differing }) => differing.length));
    const best = judged.filter(({ differing }) => differing.length === least);
    for (const key of new Set(best.flatMap(({ differing }) => differing))) this.#watch.giveUp(key);
    this.#states = merged(
      best.map(({ candidate }) => candidate),
      this.#kept,
    );
    this.#watch.forgetFinal(this.#states, index, this.#kept);
    return this.#settle(migration, scratch);
  }

  /** One state that is left is kept in the scratch database; what was kept too early is taken back. */
  async #settle(
    { statements }: Placed['migration'],
    scratch: 'kept' | 'not-kept',
  ): Promise<Refusal | undefined> {
    const [only, ...others] = this.#states;
    const isOne = only !== undefined && others.length === 0;
    if (scratch === 'kept') {
      if (isOne && only.path.statements.length === statements.length) {
        this.#states = [{ ...only, path: nowhere, overlay: noOverlay }];
        return undefined;
      }
      this.#guessedWrong += 1;
      await this.#scratch.takeBack();
    }
    if (!isOne) return undefined;
    const refusal = only.path.statements.length === 0 ? undefined : await this.#scratch.keepPath(only.path);
    this.#states = [{ ...only, path: nowhere, overlay: noOverlay }];
    return refusal;
  }

  async #doubt({ migration: { tag, statements }, index }: Placed): Promise<void> {
    const [state] = this.#states;
    if (!state) return;
    const tried = await this.#scratch.tryOut(state.path, statements);
    const { replayed, versions } = replayOf({ migration: { tag, statements }, index }, tried, {
      state,
      kept: this.#kept,
      target: this.#target,
    });
    this.#doubted.set(tag, { index, replayed, versions });
  }

  readonly #kept: KeptPart = (key) => this.#scratch.part(key);
}

const nowhere: State['path'] = { statements: [], steps: [] };
const noOverlay: State['overlay'] = new Map();

/** What the names in the target show to have run as a whole: a guess, that the replay proves or not. */
function likelyWhole(migrations: readonly Migration[], target: Parts): ReadonlySet<string> {
  const traces = tracesByTag(migrations, liveNamesIn(target));
  return new Set([...traces].flatMap(([tag, { kind }]) => (kind === 'whole' ? [tag] : [])));
}
