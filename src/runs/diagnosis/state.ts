import type { Replayed } from '../../operations/diagnosis/diagnosis.ts';
import type { Part, Parts } from '../../schema/parts.ts';
import type { SchemaVersion } from '../../schema/versions.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Path } from './scratch-history.ts';

/** A state that the target may have come through, told from what is kept in the scratch database. */
export interface State {
  /** What leads to it from what is kept. */
  readonly path: Path;
  readonly overlay: Overlay;
  readonly ways: readonly Way[];
}

/** Parts that need not be as in what is kept; undefined: they are not there. */
export interface Overlay {
  has(key: string): boolean;
  get(key: string): Part | undefined;
  keys(): Iterable<string>;
}

/** How a state came about. */
export interface Way {
  readonly from: State;
  /** Absent: by a migration that has a record. */
  readonly tried?: Tried;
}

/** An open migration that was replayed from one state. */
export interface Tried extends Replay {
  readonly tag: string;
  /** The points that have one schema. */
  readonly after: readonly number[];
}

/** What the replay of a migration from one state showed. */
export interface Replay {
  /** Its place in the folder. */
  readonly index: number;
  readonly replayed: Replayed;
  /** Points that the replay could not reach, and the target may have. */
  readonly beyond: readonly number[];
  /** The schema before the first statement and after each. */
  readonly versions: readonly SchemaVersion[];
}

export interface Candidate extends Omit<State, 'ways'> {
  readonly way: Way;
}

/** A part of what is kept. */
export type KeptPart = (key: string) => Part | undefined;

export function partIn({ overlay }: Pick<State, 'overlay'>, key: string, kept: KeptPart): Part | undefined {
  return overlay.has(key) ? overlay.get(key) : kept(key);
}

/** Candidates with the same schema are one state, with all their ways. */
export function merged(candidates: readonly Candidate[], kept: KeptPart): readonly State[] {
  const keys =
    candidates.length === 1 ? [] : new Set(candidates.flatMap(({ overlay }) => [...overlay.keys()]));
  const schemaOf = (candidate: Candidate) =>
    JSON.stringify([...keys].map((key) => partIn(candidate, key, kept)?.value ?? null));
  return [...Map.groupBy(candidates, schemaOf).values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const { path, overlay } = first;
    return [{ path, overlay, ways: same.map(({ way }) => way) }];
  });
}

/** Points with the same schema, together. */
export function classesOf(points: readonly Parts[]): readonly (readonly number[])[] {
  const classes = new Map<string, number[]>();
  const names = new Map<Parts, string>();
  for (const [at, parts] of points.entries()) {
    const name = names.get(parts) ?? nameOf(parts);
    names.set(parts, name);
    classes.set(name, [...(classes.get(name) ?? []), at]);
  }
  return [...classes.values()];
}

function nameOf(parts: Parts): string {
  return sha256(JSON.stringify([...parts.values()].map(({ key, value }) => `${key}\0${value}`).sort()));
}
