import { changedParts, type Parts } from '../../schema/parts.ts';
import type { Schema } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import type { RecoveryAttempt } from '../reports.ts';

/** How far a migration came in a target, as far as its schema tells. Numbers are those of statements, from 1. */
export type Diagnosis =
  /** Nothing of it is there that would last. */
  | { readonly kind: 'not-started' }
  | { readonly kind: 'stopped'; readonly after: number; readonly of: number }
  /** After one of these; 0: before the first. The schema is the same after each of them. */
  | { readonly kind: 'one-of'; readonly points: readonly number[]; readonly of: number }
  /** Every change of the schema is there, the last by statement `from`; later ones change rows, and may not have run. */
  | { readonly kind: 'schema-complete'; readonly from: number; readonly of: number }
  /** All of it is there, and there is no record of it. */
  | { readonly kind: 'unrecorded' }
  /** It has a record, and nothing of it is there. */
  | { readonly kind: 'recorded-not-there' }
  /** The schema fits no point of it. */
  | { readonly kind: 'undecided' }
  /** A run that is alive holds the lock: what is there may be another thing in a moment. `since` is ISO 8601. */
  | {
      readonly kind: 'running-elsewhere';
      readonly by: string;
      readonly host: string;
      readonly since: string;
    }
  /** The run that was in it is gone, and the server still works for it. */
  | { readonly kind: 'session-left'; readonly sessions: readonly LeftSession[] }
  /** Without a tag: what a scratch database could not be given. */
  | {
      readonly kind: 'cannot-replay';
      readonly tag?: string;
      readonly statement?: number;
      readonly why: string;
    };

/** A session on the server that outlived its run. */
export interface LeftSession {
  readonly pid: number;
  /** What it calls itself. */
  readonly name: string;
  /** ISO 8601: since when it runs its statement. */
  readonly since: string;
  /** Where the server tells it. */
  readonly statement?: string;
}

/** A diagnosis with what it rests on, each a plain sentence. */
export interface Diagnosed {
  readonly diagnosis: Diagnosis;
  readonly evidence: readonly string[];
  /**
   * The schema before the first statement and after each, in the history that led to the target; as far as the replay
   * came. Absent where all of it is there or nothing could be replayed.
   */
  readonly points?: readonly Schema[];
  /** What the ledger has of the last run that began it. */
  readonly attempt?: RecoveryAttempt;
  /**
   * The file is not as it was when that run began it. `before-the-stop`: in statements that are taken to have run, so
   * that the verdict is told from another text than the one that ran.
   */
  readonly edited?: 'before-the-stop' | 'after-the-stop';
  /** There when the ledger and the database say different things: nobody can tell which of them is right. */
  readonly contradicted?: true;
}

/** What the replay of one migration showed. */
export interface Replayed {
  readonly statements: readonly { readonly sql: string }[];
  /** The schema before the first statement and after each, as far as the replay came. */
  readonly points: readonly Parts[];
  /** Statements that may have changed something in the target though they changed nothing in the replay. */
  readonly doubtful?: ReadonlySet<number>;
  /** The statement that could not be replayed. */
  readonly failure?: {
    readonly statement: number;
    readonly why: string;
    /** There when rows were in its way: with the target's rows it may have run. */
    readonly dependsOn?: 'rows';
  };
}

/**
 * @param fits the points, of those that were replayed, at which the target may be
 */
export function diagnosisOf(
  { statements, points, doubtful }: Replayed,
  fits: ReadonlySet<number>,
): Diagnosis {
  const all = [...fits].toSorted((a, b) => a - b);
  const of = statements.length;
  const first = all[0];
  const last = all.at(-1);
  if (first === undefined || last === undefined) return { kind: 'undecided' };
  const lasting = (from: number, to: number) =>
    statements.slice(from, to).some(({ sql }, at) => {
      const number = from + at + 1;
      if (leavesNothing(sql)) return false;
      return doubtful?.has(number) === true || !changesNothing(sql, points[number - 1], points[number]);
    });
  if (!lasting(0, last)) return { kind: 'not-started' };
  if (last === of && !lasting(first, of)) return { kind: 'unrecorded' };
  if (first === last) return { kind: 'stopped', after: first, of };
  const isComplete = last === of && first > 0 && all.length === of - first + 1;
  return isComplete && points.length > of && isSameFrom(points, first)
    ? { kind: 'schema-complete', from: first, of }
    : { kind: 'one-of', points: all, of };
}

/** The keys of everything that the migration changed in its replay. */
export function touchedBy(points: readonly Parts[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [index, after] of points.entries()) {
    const before = points[index - 1];
    if (before && before !== after) for (const key of changedParts(before, after)) keys.add(key);
  }
  return keys;
}

/** Whether nothing is left in a database by a statement that ran and committed: who died after it died as before it. */
export function leavesNothing(sql: string): boolean {
  const kind = classify(sql);
  return kind.kind === 'select' || kind.kind === 'transaction' || isOfConnection(kind);
}

/** A change of the schema that changed nothing: what it makes IF NOT EXISTS was there. */
function changesNothing(sql: string, before: Parts | undefined, after: Parts | undefined): boolean {
  const { kind } = classify(sql);
  const isDefinition = /^(?:create|drop|alter)-/.test(kind);
  return (
    isDefinition && before !== undefined && after !== undefined && changedParts(before, after).size === 0
  );
}

function isOfConnection(kind: ReturnType<typeof classify>): boolean {
  return kind.kind === 'pragma' && ofConnection.has(kind.name);
}

const ofConnection = new Set([
  'busy_timeout',
  'cache_size',
  'case_sensitive_like',
  'defer_foreign_keys',
  'foreign_key_check',
  'foreign_keys',
  'ignore_check_constraints',
  'legacy_alter_table',
  'recursive_triggers',
  'synchronous',
  'table_info',
  'temp_store',
]);

function isSameFrom(points: readonly Parts[], first: number): boolean {
  const base = points[first];
  return base !== undefined && points.slice(first).every((each) => changedParts(base, each).size === 0);
}
