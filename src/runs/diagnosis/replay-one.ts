import { pointsBeyond } from '../../operations/diagnosis/points-beyond.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Part, Parts } from '../../schema/parts.ts';
import type { SchemaStep } from '../../schema/follow.ts';
import { versionsAfter, type TriedOut } from './scratch-history.ts';
import {
  classesOf,
  partIn,
  type Candidate,
  type KeptPart,
  type Overlay,
  type Replay,
  type State,
} from './state.ts';

/** A migration with its place in the folder. */
export interface Placed {
  readonly migration: Pick<Migration, 'tag' | 'statements'>;
  readonly index: number;
}

export interface ReplayFrom {
  readonly state: State;
  readonly kept: KeptPart;
  readonly target: Parts;
}

/** What a replay showed, kept to what the migration changes: a folder may have thousands of them. */
export function replayOf(
  { migration: { statements }, index }: Placed,
  { steps, failure, version }: TriedOut,
  { state, kept, target }: ReplayFrom,
): Replay {
  const points = pointsOf(steps);
  const failed = failure && { failure };
  const end = { overlay: overlaysOf(points, state).at(-1) ?? state.overlay };
  return {
    index,
    replayed: { statements, points, ...failed },
    beyond: pointsBeyond({ statements, ...failed }, target, (key) => partIn(end, key, kept)),
    versions: [version, ...versionsAfter(version, steps)],
  };
}

/** The states that the target would be in after each of its points, one for those that have the same schema. */
export function candidatesOf(
  { migration: { tag, statements } }: Placed,
  { steps }: TriedOut,
  { replay, state }: { readonly replay: Replay; readonly state: State },
): readonly Candidate[] {
  const { points } = replay.replayed;
  const overlays = overlaysOf(points, state);
  return classesOf(points).map((after) => {
    const furthest = after.at(-1) ?? 0;
    return {
      path: {
        statements: [...state.path.statements, ...statements.slice(0, furthest)],
        steps: [...state.path.steps, ...steps.slice(0, furthest)],
      },
      overlay: overlays[furthest] ?? state.overlay,
      way: { from: state, tried: { ...replay, tag, after } },
    };
  });
}

/** The state behind a migration that has a record. */
export function candidateBehind(
  { migration: { statements } }: Placed,
  { steps }: TriedOut,
  state: State,
): Candidate {
  return {
    path: {
      statements: [...state.path.statements, ...statements],
      steps: [...state.path.steps, ...steps],
    },
    overlay: overlaysOf(pointsOf(steps), state).at(-1) ?? state.overlay,
    way: { from: state },
  };
}

/** Of each point. They name every part that the migration changes: what is kept may be the state before it or behind it. */
function overlaysOf(
  points: readonly Parts[],
  { overlay: under }: Pick<State, 'overlay'>,
): readonly Overlay[] {
  const touched = new Set(points.flatMap((parts) => [...parts.keys()]));
  return points.map((parts) => ({
    has: (key) => touched.has(key) || under.has(key),
    get: (key) => (touched.has(key) ? parts.get(key) : under.get(key)),
    keys: () => new Set([...touched, ...under.keys()]),
  }));
}

/** The parts that the statements change, before the first of them and after each. */
function pointsOf(steps: readonly SchemaStep[]): readonly Parts[] {
  const first = new Map<string, Part>();
  const seen = new Set<string>();
  for (const [key, { before }] of steps.flatMap(({ parts }) => [...parts])) {
    if (before && !seen.has(key)) first.set(key, before);
    seen.add(key);
  }
  const points: Parts[] = [first];
  for (const { parts } of steps) points.push(after(points.at(-1) ?? first, parts));
  return points;
}

function after(point: Parts, changed: SchemaStep['parts']): Parts {
  if (changed.size === 0) return point;
  const next = new Map(point);
  for (const [key, change] of changed) {
    if (change.after) next.set(key, change.after);
    else next.delete(key);
  }
  return next;
}
