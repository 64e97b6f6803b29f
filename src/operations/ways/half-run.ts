import type { Migration } from '../../migrations/migration.ts';
import { changedParts, partsOf } from '../../schema/parts.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Diagnosed, Diagnosis } from '../diagnosis/diagnosis.ts';

/** A migration of which a part ran, with everything that is known of where it stands. Statements count from 1. */
export interface HalfRun {
  readonly migration: Migration;
  readonly diagnosed: Diagnosed;
  /** The points at which it may stand, ascending, never none; 0: before the first statement. */
  readonly reached: readonly [number, ...number[]];
  /** The schema before the first statement and after each that could be replayed. */
  readonly points: readonly Schema[];
}

/** Undefined where it is not known which statements ran, or what they leave. */
export function halfRunOf(migration: Migration, diagnosed: Diagnosed): HalfRun | undefined {
  const [first, ...others] = reachedPoints(diagnosed.diagnosis, migration.statements.length);
  const { points } = diagnosed;
  if (first === undefined || !points) return undefined;
  const reached = [first, ...others] as const;
  return reached.every((point) => points[point] !== undefined)
    ? { migration, diagnosed, reached: [first, ...others], points }
    : undefined;
}

/** The points at which it may stand, ascending; none where nothing is known. */
export function reachedPoints(diagnosis: Diagnosis, of: number): readonly number[] {
  switch (diagnosis.kind) {
    case 'not-started':
    case 'recorded-not-there':
      return [0];
    case 'stopped':
      return [diagnosis.after];
    case 'one-of':
      return diagnosis.points;
    case 'schema-complete':
      return Array.from({ length: of - diagnosis.from + 1 }, (_, at) => diagnosis.from + at);
    case 'unrecorded':
      return [of];
    case 'undecided':
    case 'cannot-replay':
    case 'running-elsewhere':
    case 'session-left':
      return [];
  }
}

export const earliest = ({ reached }: Pick<HalfRun, 'reached'>): number => reached[0];
export const latest = ({ reached }: Pick<HalfRun, 'reached'>): number => reached.at(-1) ?? reached[0];

/** The schemas at which it may stand, each once. */
export function schemasReached({ points, reached }: HalfRun): readonly Schema[] {
  const all = reached.flatMap((point) => points[point] ?? []);
  return all.filter(
    (schema, at) =>
      !all.slice(0, at).some((other) => changedParts(partsOf(other), partsOf(schema)).size === 0),
  );
}
