import { changedParts, partsOf, type Part, type Parts } from '../schema/parts.ts';
import { fingerprint } from '../schema/fingerprint.ts';
import type { Schema } from '../schema/schema.ts';
import type { Migration } from '../migrations/migration.ts';
import {
  diagnosisOf,
  touchedBy,
  type Diagnosed,
  type Diagnosis,
  type Replayed,
} from '../operations/diagnosis.ts';
import { pointsBeyond } from '../operations/diagnosis-drift.ts';
import { evidenceOf } from '../operations/diagnosis-words.ts';
import { keysNamed, laterChanges, type LaterChanges } from '../operations/later-changes.ts';
import { classify } from '../sql/classify.ts';
import { foldName } from '../sql/cursor.ts';
import { openReplayBase, type Refusal, type ReplayBase, type ReplayBaseOptions } from './replay-points.ts';

export interface DiagnoseInput extends ReplayBaseOptions {
  /** The folder, in the order of running. */
  readonly migrations: readonly Migration[];
  /** Tags that have a record. */
  readonly recorded: ReadonlySet<string>;
  /** Of these, the ones whose record is doubted. */
  readonly doubted?: ReadonlySet<string>;
  readonly target: Schema;
}

/**
 * Says of every migration without a record how far it came, by replaying the history in a scratch database and
 * comparing what each statement makes with the target. What several of them may have left is told apart by trying
 * every way in which the target can have come about, one migration after the other; what cannot agree with the target
 * any more is given up at once. Drift in other parts of the schema changes no verdict.
 *
 * @returns by tag; of those whose record is doubted only what contradicts it
 */
export async function diagnose(input: DiagnoseInput): Promise<ReadonlyMap<string, Diagnosed>> {
  await using base = await openReplayBase(input);
  // Awaited here: what is closed at the end is used until then.
  return await new Search(input, base).run();
}

/** A state that the target may have come through. */
interface State {
  readonly schema: Schema;
  /** What leads to it from the base. */
  readonly path: Migration['statements'];
  readonly ways: readonly Way[];
}

/** How a state came about. */
interface Way {
  readonly from: State | undefined;
  /** Absent: by a migration that has a record. */
  readonly tried?: Tried;
}

/** An open migration that was replayed from one state. */
interface Tried {
  readonly tag: string;
  /** The points that have one schema. */
  readonly after: readonly number[];
  /** Points that the replay could not reach, and the target may have. */
  readonly beyond: readonly number[];
  readonly replayed: Replayed;
  /** Absent when all of it ran: nobody goes anywhere from there. */
  readonly points?: readonly Schema[];
}

interface Candidate extends Pick<State, 'schema' | 'path'> {
  readonly way: Way;
}

interface Replay extends Pick<Tried, 'beyond' | 'replayed'> {
  /** Its place in the folder. */
  readonly index: number;
}

/** Which open migrations may have dropped a table, and which change anything on it; tags by table. */
interface Crossings {
  readonly droppers: ReadonlyMap<string, readonly string[]>;
  readonly changers: ReadonlyMap<string, readonly string[]>;
}

/** More ways than these at once are not followed. */
const mostStates = 64;

class Search {
  readonly #input: DiagnoseInput;
  readonly #base: ReplayBase;
  readonly #target: Parts;
  readonly #later: LaterChanges;
  /** Parts that an open migration changes and that a later item may still change. */
  readonly #watched = new Map<string, Pick<Part, 'key' | 'type' | 'table'>>();
  readonly #touchedBy = new Map<string, Set<string>>();
  /** By tag: the parts in which the target agrees with no point. */
  readonly #differing = new Map<string, string[]>();
  readonly #ignored = new Set<string>();
  /** Every replay of every open migration, whatever it led to. */
  readonly #replays = new Map<string, Replay[]>();
  readonly #doubted = new Map<string, Replayed & { readonly index: number }>();
  readonly #reached = new Map<string, number>();
  #crossings: Crossings | undefined;
  #states: readonly State[] = [];

  constructor(input: DiagnoseInput, base: ReplayBase) {
    this.#input = input;
    this.#base = base;
    this.#target = partsOf(input.target);
    this.#later = laterChanges(input.migrations);
  }

  async run(): Promise<ReadonlyMap<string, Diagnosed>> {
    const { migrations, recorded, signal } = this.#input;
    const last = migrations.findLastIndex(({ tag }) => !recorded.has(tag) || this.#isDoubted(tag));
    const end = this.#input.doubted?.size || last !== -1 ? migrations.length : 0;
    for (const [index, migration] of migrations.slice(0, end).entries()) {
      signal?.throwIfAborted();
      const refusal = recorded.has(migration.tag)
        ? await this.#recorded(migration, index)
        : await this.#open(migration, index);
      if (refusal) return this.#cannotReplay(migration, refusal);
      if (this.#states.length > mostStates) return this.#tooMany();
    }
    return this.#verdicts();
  }

  #isDoubted(tag: string): boolean {
    return this.#input.doubted?.has(tag) === true;
  }

  async #recorded(migration: Migration, index: number): Promise<Refusal | undefined> {
    if (this.#isDoubted(migration.tag)) await this.#doubt(migration, index);
    const [only, ...others] = this.#states;
    if (!only || others.length === 0) {
      const refusal = await this.#base.keep(migration.statements);
      if (refusal || this.#watched.size === 0) return refusal;
    }
    const candidates: Candidate[] = [];
    let refusal: Refusal | undefined;
    for (const state of this.#states) {
      const isKept = others.length === 0;
      const tried = isKept
        ? { points: [await this.#base.schema()] }
        : await this.#base.points(state.path, migration.statements);
      const schema = tried.points.at(-1);
      if ('failure' in tried && tried.failure) refusal ??= tried.failure;
      else if (schema) {
        const path = isKept ? [] : [...state.path, ...migration.statements];
        candidates.push({ schema, path, way: { from: state } });
      }
    }
    if (candidates.length === 0) return refusal ?? { statement: 0, why: 'nothing of it could be run' };
    return this.#goOn(candidates, index);
  }

  async #open(migration: Migration, index: number): Promise<Refusal | undefined> {
    const { tag, statements } = migration;
    const candidates: Candidate[] = [];
    let refusal: Refusal | undefined;
    const from = this.#states.length > 0 ? this.#states : [undefined];
    for (const state of from) {
      const path = state?.path ?? [];
      const { points, failure } = await this.#base.points(path, statements);
      if (points.length === 0) refusal ??= failure;
      const whole = { statements, points: points.map(partsOf), ...(failure && { failure }) };
      const beyond = pointsBeyond(whole, this.#target);
      const replayed = restricted(whole);
      this.#watch(tag, replayed);
      for (const key of statements.flatMap(({ sql }) => keysNamed(sql))) this.#noteTouch(key, tag);
      this.#replays.set(tag, [...(this.#replays.get(tag) ?? []), { index, beyond, replayed }]);
      for (const after of classesOf(replayed.points)) {
        const furthest = after.at(-1) ?? 0;
        const schema = points[furthest];
        if (!schema) continue;
        const isWhole = after[0] === statements.length;
        const way: Way = {
          from: state,
          tried: { tag, after, beyond, replayed, ...(!isWhole && { points }) },
        };
        candidates.push({ schema, path: [...path, ...statements.slice(0, furthest)], way });
      }
    }
    if (candidates.length === 0) return refusal ?? { statement: 0, why: 'nothing of it could be run' };
    return this.#goOn(candidates, index);
  }

  #watch(tag: string, { points }: Replayed): void {
    for (const part of points.flatMap((parts) => [...parts.values()])) {
      if (!this.#ignored.has(part.key)) this.#watched.set(part.key, part);
      this.#noteTouch(part.key, tag);
    }
  }

  #noteTouch(key: string, tag: string): void {
    const tags = this.#touchedBy.get(key) ?? new Set();
    this.#touchedBy.set(key, tags.add(tag));
  }

  /** Goes on with the candidates that agree with the target in all that nothing later changes. */
  async #goOn(candidates: readonly Candidate[], index: number): Promise<Refusal | undefined> {
    const judged = candidates.map((candidate) => ({ candidate, differing: this.#differs(candidate, index) }));
    const least = Math.min(...judged.map(({ differing }) => differing.length));
    const best = judged.filter(({ differing }) => differing.length === least);
    for (const key of new Set(best.flatMap(({ differing }) => differing))) this.#giveUp(key);
    this.#states = merged(best.map(({ candidate }) => candidate));
    this.#forgetFinal(index);
    const [only, ...others] = this.#states;
    if (!only || others.length > 0 || only.path.length === 0) return undefined;
    this.#states = [{ ...only, path: [] }];
    return this.#base.keep(only.path);
  }

  #differs({ schema }: Candidate, index: number): readonly string[] {
    const parts = partsOf(schema);
    return [...this.#watched.values()].flatMap((part) => {
      const value = parts.get(part.key)?.value;
      if (!this.#isFinal(part, value, index)) return [];
      return value === this.#target.get(part.key)?.value ? [] : [part.key];
    });
  }

  #isFinal(part: Pick<Part, 'key' | 'type' | 'table'>, value: string | undefined, index: number): boolean {
    const { key, type, table } = part;
    return this.#later.isFinal({ key, type, table, ...(value === undefined ? {} : { value }) }, index);
  }

  /** The target agrees with no way in this part: it tells nothing, and what changes it stays undecided. */
  #giveUp(key: string): void {
    for (const tag of this.#touchedBy.get(key) ?? []) {
      this.#differing.set(tag, [...(this.#differing.get(tag) ?? []), key]);
    }
    this.#ignored.add(key);
    this.#watched.delete(key);
  }

  #forgetFinal(index: number): void {
    const all = this.#states.map(({ schema }) => partsOf(schema));
    for (const part of this.#watched.values()) {
      const isFinal = all.every((parts) => this.#isFinal(part, parts.get(part.key)?.value, index));
      if (isFinal) this.#watched.delete(part.key);
    }
  }

  async #doubt({ statements, tag }: Migration, index: number): Promise<void> {
    const { points, failure } = await this.#base.points(this.#states[0]?.path ?? [], statements);
    const parts = points.map(partsOf);
    this.#doubted.set(tag, {
      ...restricted({ statements, points: parts, ...(failure && { failure }) }),
      index,
    });
  }

  #verdicts(): ReadonlyMap<string, Diagnosed> {
    const found = new Map<string, Tried[]>();
    let alive = new Set(this.#states);
    while (alive.size > 0) {
      const before = new Set<State>();
      for (const { from, tried } of [...alive].flatMap(({ ways }) => ways)) {
        if (from) before.add(from);
        if (!tried) continue;
        found.set(tried.tag, [...(found.get(tried.tag) ?? []), tried]);
      }
      alive = before;
    }
    const blinded = this.#blinded();
    return new Map([
      ...[...found].map(([tag, ways]) => [tag, this.#verdict(tag, ways, blinded)] as const),
      ...[...this.#doubted].flatMap(([tag, replayed]) => this.#contradicted(tag, replayed)),
    ]);
  }

  /**
   * The search takes the migrations in the order of the folder. Where two of them may have run the other way round and
   * one drops a table that the other changes, what is missing there tells nothing.
   *
   * @returns points at which the target may be, told from everything else
   */
  #inOtherOrder(tag: string): readonly number[] {
    const { droppers, changers } = (this.#crossings ??= this.#crossingsOf());
    const isOther = (one: string) => one !== tag;
    const isDropped = (table: string) => droppers.get(table)?.some(isOther) === true;
    const isShared = this.#doubtful(tag).size > 0;
    const isLost = this.#keysOf(tag).some(({ table }) => isDropped(table));
    const drops = droppedBy(this.#statementsOf(tag));
    if (!isShared && !isLost && ![...drops].some((table) => changers.get(table)?.some(isOther))) return [];
    return this.#fitting(tag, ({ key, table }) => !isDropped(table) && this.#isOnlyOf(key, tag));
  }

  #crossingsOf(): Crossings {
    const droppers = new Map<string, string[]>();
    const changers = new Map<string, string[]>();
    for (const tag of this.#replays.keys()) {
      for (const table of this.#mayHaveDropped(tag))
        droppers.set(table, [...(droppers.get(table) ?? []), tag]);
      for (const table of new Set(this.#keysOf(tag).map((part) => part.table)))
        changers.set(table, [...(changers.get(table) ?? []), tag]);
    }
    return { droppers, changers };
  }

  #mayHaveDropped(tag: string): ReadonlySet<string> {
    const statements = this.#statementsOf(tag);
    if (droppedBy(statements).size === 0) return new Set();
    return droppedBy(statements.slice(0, this.#reach(tag)));
  }

  /** The last point that the target may have reached, told from what no other migration changes. */
  #reach(tag: string): number {
    const known = this.#reached.get(tag);
    if (known !== undefined) return known;
    const beyond = (this.#replays.get(tag) ?? []).flatMap((replay) => replay.beyond);
    const fitting = this.#fitting(tag, ({ key }) => this.#isOnlyOf(key, tag));
    const reach = Math.max(0, ...beyond, ...fitting);
    this.#reached.set(tag, reach);
    return reach;
  }

  /** The statements that make or drop what another one may have made or dropped before. */
  #doubtful(tag: string): ReadonlySet<number> {
    const isCrossed = (key: string) =>
      [...(this.#touchedBy.get(key) ?? [])].some(
        (other) => other !== tag && this.#mayHaveTouched(other, key),
      );
    return new Set(
      this.#statementsOf(tag).flatMap(({ sql }, at) => (keysNamed(sql).some(isCrossed) ? [at + 1] : [])),
    );
  }

  #mayHaveTouched(tag: string, key: string): boolean {
    const first = this.#statementsOf(tag).findIndex(
      (statement) => keysNamed(statement.sql).includes(key) || droppedBy([statement]).size > 0,
    );
    return this.#reach(tag) > Math.max(0, first);
  }

  /** The points that agree with the target in the parts that are asked for, as far as nothing later changes them. */
  #fitting(tag: string, asked: (part: Part) => boolean): readonly number[] {
    return (this.#replays.get(tag) ?? []).flatMap(({ index, replayed: { points } }) => {
      const all = new Map(points.flatMap((parts) => [...parts]));
      const keys = [...all.values()].filter(
        (part) =>
          asked(part) && points.every((parts) => this.#isFinal(part, parts.get(part.key)?.value, index)),
      );
      return [...points.keys()].filter((at) =>
        keys.every(({ key }) => points[at]?.get(key)?.value === this.#target.get(key)?.value),
      );
    });
  }

  #isOnlyOf(key: string, tag: string): boolean {
    const tags = this.#touchedBy.get(key);
    return tags?.size === 1 && tags.has(tag) && !this.#ignored.has(key);
  }

  #keysOf(tag: string): readonly Part[] {
    return (this.#replays.get(tag) ?? []).flatMap(({ replayed }) =>
      replayed.points.flatMap((parts) => [...parts.values()]),
    );
  }

  #statementsOf(tag: string): Replayed['statements'] {
    return this.#replays.get(tag)?.[0]?.replayed.statements ?? [];
  }

  /** What shares a part with an undecided one was judged beside a guess. */
  #blinded(): ReadonlySet<string> {
    const undecided = new Set(this.#differing.keys());
    const shared = [...this.#touchedBy.values()].filter((tags) =>
      [...tags].some((tag) => undecided.has(tag)),
    );
    return new Set(shared.flatMap((tags) => [...tags]));
  }

  #verdict(tag: string, ways: readonly Tried[], blinded: ReadonlySet<string>): Diagnosed {
    const replayed: Replayed = ways[0]?.replayed ?? { statements: [], points: [] };
    const { failure } = replayed;
    const isBlind = blinded.has(tag);
    const differing = this.#differing.get(tag);
    if (isBlind && !differing) {
      const evidence = ['It changes what a migration changes that is undecided, too.'];
      return { diagnosis: { kind: 'undecided' }, evidence };
    }
    const reordered = isBlind ? [] : this.#inOtherOrder(tag);
    const told = ways.map(({ after, beyond }) => new Set(isBlind ? [] : [...after, ...beyond, ...reordered]));
    const fits = new Set(told.flatMap((points) => [...points]));
    const evidence = evidenceOf(replayed, { target: this.#target, fits, differing: differing ?? [] });
    if (failure && (isBlind || isUntold(replayed))) {
      const { statement, why } = failure;
      return { diagnosis: { kind: 'cannot-replay', tag, statement, why }, evidence };
    }
    const doubtful = this.#doubtful(tag);
    const each = ways.map((way, at) => diagnosisOf({ ...way.replayed, doubtful }, told[at] ?? new Set()));
    const diagnosis = agreed(each, [...fits], replayed.statements.length);
    const points = ways.find((way) => way.points)?.points;
    return { diagnosis, evidence, ...(points && diagnosis.kind !== 'unrecorded' && { points }) };
  }

  #contradicted(
    tag: string,
    replayed: Replayed & { readonly index: number },
  ): readonly (readonly [string, Diagnosed])[] {
    const { points, index } = replayed;
    const keys = [...new Map(points.flatMap((parts) => [...parts])).values()].filter((part) =>
      this.#isFinal(part, points.at(-1)?.get(part.key)?.value, index),
    );
    const differingAt = (parts: Parts) =>
      keys.flatMap(({ key }) => (parts.get(key)?.value === this.#target.get(key)?.value ? [] : [key]));
    const fits = new Set(
      [...points.keys()].filter((at) => differingAt(points[at] ?? new Map()).length === 0),
    );
    if (keys.length === 0 || fits.has(replayed.statements.length)) return [];
    const differing = differingAt(points.at(-1) ?? new Map());
    const evidence = [
      'It is recorded as applied.',
      ...evidenceOf(replayed, { target: this.#target, fits, differing }),
    ];
    const diagnosis = diagnosisOf(replayed, fits);
    const shown = diagnosis.kind === 'not-started' ? ({ kind: 'recorded-not-there' } as const) : diagnosis;
    return [[tag, { diagnosis: shown, evidence }]];
  }

  #cannotReplay({ tag }: Migration, { statement, why }: Refusal): ReadonlyMap<string, Diagnosed> {
    const where = statement === 0 ? {} : { statement };
    return this.#allOpen({ diagnosis: { kind: 'cannot-replay', tag, ...where, why }, evidence: [] });
  }

  #tooMany(): ReadonlyMap<string, Diagnosed> {
    const evidence = ['The migrations without a record fit the schema in too many ways to tell them apart.'];
    return this.#allOpen({ diagnosis: { kind: 'undecided' }, evidence });
  }

  #allOpen(diagnosed: Diagnosed): ReadonlyMap<string, Diagnosed> {
    const { migrations, recorded } = this.#input;
    const open = migrations.filter(({ tag }) => !recorded.has(tag) || this.#isDoubted(tag));
    return new Map(open.map(({ tag }) => [tag, diagnosed]));
  }
}

/** Points with the same schema, together. */
function classesOf(points: readonly Parts[]): readonly (readonly number[])[] {
  const classes: { readonly parts: Parts; readonly at: number[] }[] = [];
  for (const [at, parts] of points.entries()) {
    const same = classes.find((one) => one.parts === parts || changedParts(one.parts, parts).size === 0);
    if (same) same.at.push(at);
    else classes.push({ parts, at: [at] });
  }
  return classes.map((one) => one.at);
}

function merged(candidates: readonly Candidate[]): readonly State[] {
  return [...Map.groupBy(candidates, ({ schema }) => fingerprint(schema)).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ schema: first.schema, path: first.path, ways: same.map(({ way }) => way) }] : [];
  });
}

/** Only what the migration changes is kept: a folder may have thousands of them. */
function restricted({ points, ...rest }: Replayed): Replayed {
  const touched = touchedBy(points);
  const kept: Parts[] = [];
  for (const [at, parts] of points.entries()) {
    const last = kept.at(-1);
    kept.push(
      last && parts === points[at - 1] ? last : new Map([...parts].filter(([key]) => touched.has(key))),
    );
  }
  return { ...rest, points: kept };
}

/** What ROLLBACK undid depends on where transactions began, which a replay in one transaction does not show. */
function isUntold({ statements, failure }: Replayed): boolean {
  const failed = failure && statements[failure.statement - 1];
  return failed !== undefined && classify(failed.sql).kind === 'transaction';
}

/** The tables that statements drop or give another name, in lower case. */
function droppedBy(statements: Replayed['statements']): ReadonlySet<string> {
  return new Set(
    statements.flatMap(({ sql }) => {
      const kind = classify(sql);
      if (kind.kind === 'drop-table') return [foldName(kind.table)];
      return kind.kind === 'alter-table' && kind.action.kind === 'rename-table'
        ? [foldName(kind.table), foldName(kind.action.to)]
        : [];
    }),
  );
}

/** What every way says; where they say different things, all points of them. */
function agreed(each: readonly Diagnosis[], fits: readonly number[], of: number): Diagnosis {
  const [first] = each;
  if (first && new Set(each.map((one) => JSON.stringify(one))).size === 1) return first;
  return { kind: 'one-of', points: fits.toSorted((a, b) => a - b), of };
}
