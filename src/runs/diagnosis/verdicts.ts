import {
  diagnosisOf,
  type Diagnosed,
  type Diagnosis,
  type Replayed,
} from '../../operations/diagnosis/diagnosis.ts';
import { evidenceOf } from '../../operations/diagnosis/words.ts';
import type { Parts } from '../../schema/parts.ts';
import { schemaAt } from '../../schema/versions.ts';
import { classify } from '../../sql/classify.ts';
import { Crossings } from './crossings.ts';
import type { DoubtedReplay, Found } from './search.ts';
import type { State, Tried } from './state.ts';

type States = Extract<Found, { kind: 'states' }>;

/** What the ways that are left say of each open migration, and what contradicts the records that are doubted. */
export function verdictsOf(found: States): ReadonlyMap<string, Diagnosed> {
  const crossings = new Crossings(found);
  const blinded = found.watch.blinded();
  return new Map([
    ...[...triedBy(found.states)].map(
      ([tag, ways]) => [tag, verdictOf(tag, ways, { found, crossings, isBlind: blinded.has(tag) })] as const,
    ),
    ...[...found.doubted].flatMap(([tag, replay]) => contradicted(tag, replay, found)),
  ]);
}

/** By tag, the replays on the ways that lead to the states that are left. */
function triedBy(states: readonly State[]): ReadonlyMap<string, readonly Tried[]> {
  const tried = new Map<string, Tried[]>();
  let alive = new Set(states);
  while (alive.size > 0) {
    const before = new Set<State>();
    for (const way of [...alive].flatMap(({ ways }) => ways)) {
      before.add(way.from);
      if (way.tried) tried.set(way.tried.tag, [...(tried.get(way.tried.tag) ?? []), way.tried]);
    }
    alive = before;
  }
  return tried;
}

interface Known {
  readonly found: States;
  readonly crossings: Crossings;
  /** It shares a part with a migration that is undecided. */
  readonly isBlind: boolean;
}

function verdictOf(tag: string, ways: readonly Tried[], { found, crossings, isBlind }: Known): Diagnosed {
  const [first] = ways;
  const replayed: Replayed = first?.replayed ?? { statements: [], points: [] };
  const { failure } = replayed;
  const differing = found.watch.differingOf(tag);
  if (isBlind && !differing) {
    const evidence = ['It changes what a migration changes that is undecided, too.'];
    return { diagnosis: { kind: 'undecided' }, evidence, ...schemasOf(first) };
  }
  const reordered = isBlind ? [] : crossings.inOtherOrder(tag);
  const told = ways.map(({ after, beyond }) => new Set(isBlind ? [] : [...after, ...beyond, ...reordered]));
  const fits = new Set(told.flatMap((each) => [...each]));
  const evidence = evidenceOf(replayed, { target: found.target, fits, differing: differing ?? [] });
  if (failure && (isBlind || isUntold(replayed))) {
    const { statement, why } = failure;
    return { diagnosis: { kind: 'cannot-replay', tag, statement, why }, evidence };
  }
  const doubtful = crossings.doubtful(tag);
  const each = ways.map((way, at) => diagnosisOf({ ...way.replayed, doubtful }, told[at] ?? new Set()));
  const diagnosis = agreed(each, [...fits], replayed.statements.length);
  return { diagnosis, evidence, ...(isPartOf(diagnosis) && schemasOf(first)) };
}

function schemasOf(tried: Tried | undefined): Pick<Diagnosed, 'points'> {
  return tried ? { points: tried.versions.map(schemaAt) } : {};
}

/** What ROLLBACK undid depends on where transactions began, which a replay in one transaction does not show. */
function isUntold({ statements, failure }: Replayed): boolean {
  const failed = failure && statements[failure.statement - 1];
  return failed !== undefined && classify(failed.sql).kind === 'transaction';
}

/** What every way says; where they say different things, all points of them. */
function agreed(each: readonly Diagnosis[], fits: readonly number[], of: number): Diagnosis {
  const [first] = each;
  if (first && new Set(each.map((one) => JSON.stringify(one))).size === 1) return first;
  return { kind: 'one-of', points: fits.toSorted((a, b) => a - b), of };
}

/** Whether a way out may begin in the middle of it. */
function isPartOf({ kind }: Diagnosis): boolean {
  return kind !== 'unrecorded' && kind !== 'not-started';
}

/** Nothing where the target is as the migration leaves it, or where later ones change all that it makes. */
function contradicted(
  tag: string,
  { index, replayed, versions }: DoubtedReplay,
  { watch, target }: States,
): readonly (readonly [string, Diagnosed])[] {
  const { points, statements } = replayed;
  const keys = [...new Map(points.flatMap((parts) => [...parts])).values()].filter((part) =>
    watch.isFinal(part, points.at(-1)?.get(part.key)?.value, index),
  );
  const differingAt = (parts: Parts) =>
    keys.flatMap(({ key }) => (parts.get(key)?.value === target.get(key)?.value ? [] : [key]));
  const fits = new Set([...points.keys()].filter((at) => differingAt(points[at] ?? new Map()).length === 0));
  if (keys.length === 0 || fits.has(statements.length)) return [];
  const differing = differingAt(points.at(-1) ?? new Map());
  // What is there in part or in another form is drift, which is asked about elsewhere.
  if (!fits.has(0)) return [];
  const evidence = ['It is recorded as applied.', ...evidenceOf(replayed, { target, fits, differing })];
  return [[tag, { diagnosis: { kind: 'recorded-not-there' }, evidence, points: versions.map(schemaAt) }]];
}
