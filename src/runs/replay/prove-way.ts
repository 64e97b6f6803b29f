import type { Address } from '../../engines/address.ts';
import { changedParts, partsOf } from '../../schema/parts.ts';
import type { Schema } from '../../schema/schema.ts';
import { touchedBy } from '../../operations/diagnosis/diagnosis.ts';
import { statementNamed } from '../../operations/ways/words.ts';
import { making } from './replay.ts';
import { openReplayBase, type ReplayBase } from './replay-points.ts';

/** What statements are to prove: run in the schema that is there now, they lead to another one. */
export interface Proof {
  readonly statements: readonly { readonly sql: string }[];
  /** Index of the point whose schema they have to end in. */
  readonly to: number;
  /** Tables, in lower case, that the migration itself drops: what others put on them goes with them. */
  readonly dropped?: ReadonlySet<string>;
}

export interface ProveInput {
  /** The schema of the target as it is. */
  readonly from: Schema;
  /** The schema before a migration and after each of its statements: what it changes is what is compared. */
  readonly points: readonly Schema[];
  /** By a name of the caller's. */
  readonly proofs: ReadonlyMap<string, Proof>;
  /** What it is done for: the scratch database obeys the same engine's rules. */
  readonly like: Address['kind'];
  /** Name of the tracking table, which is no part of the schema. */
  readonly bookkeeping: string;
  readonly signal?: AbortSignal;
}

/**
 * Runs statements in a scratch database that has the target's schema and no rows, and looks whether they end where
 * they have to.
 *
 * @returns by name, of those that do not, why in one sentence
 */
export async function disprovenWays(input: ProveInput): Promise<ReadonlyMap<string, string>> {
  const disproven = new Map<string, string>();
  await using base = await openReplayBase(input);
  const refusal = await base.keep(making(input.from));
  for (const [name, proof] of input.proofs) {
    const why = refusal
      ? `It cannot be tried out: the schema of the database cannot be made again, as ${refusal.why}.`
      : await disproof(base, proof, input);
    if (why !== undefined) disproven.set(name, why);
  }
  return disproven;
}

async function disproof(
  base: ReplayBase,
  { statements, to, dropped = new Set() }: Proof,
  { points, from }: ProveInput,
): Promise<string | undefined> {
  const goal = points[to];
  if (!goal) return 'It cannot be tried out: what the whole migration leaves is not known.';
  const { points: reached, failure } = await base.points([], statements);
  if (failure) {
    const sql = statements[failure.statement - 1]?.sql ?? '';
    return `Tried out on the schema as it is, it stops at its ${statementNamed(failure.statement, sql)}: ${failure.why}.`;
  }
  const end = partsOf(reached.at(-1) ?? { objects: [] });
  const touched = touchedBy(points.map(partsOf));
  const differing = [...touched].find((key) => end.get(key)?.value !== partsOf(goal).get(key)?.value);
  if (differing !== undefined) {
    return `Tried out on the schema as it is, it does not end where it has to: ${differing} would be another one.`;
  }
  const lost = [...changedParts(partsOf(from), end)].find((key) => {
    const part = partsOf(from).get(key);
    return !touched.has(key) && !(part && dropped.has(part.table));
  });
  return lost === undefined ? undefined : `It would reach ${lost}, which is no work of this migration.`;
}
