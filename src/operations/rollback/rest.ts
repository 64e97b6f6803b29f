import type { MigrationStatement } from '../../migrations/migration.ts';
import { isInvalidIndex } from '../../schema/invalid-index.ts';
import type { Schema } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import { partsToRun } from '../../sql/postgres/stepwise.ts';
import { leftInvalid, namesIndex } from '../diagnosis/left-invalid.ts';
import { dropsOfInvalid } from '../ways/drop-invalid.ts';
import { undoHash, type TakenBack } from './taken-back.ts';

/** What is left to run of a rollback file, or why that is not known. */
export type Rest =
  | {
      readonly kind: 'open';
      /** With their numbers in the file, behind what clears away an index that is not valid. */
      readonly statements: readonly MigrationStatement[];
      /** The last statement that ran. */
      readonly done: number;
      /** Indexes that are not valid, and are dropped first. */
      readonly invalid: readonly string[];
    }
  | { readonly kind: 'closed'; readonly why: string };

/**
 * The note was written in the transactions of the parts, so it is true; only of a statement that runs by itself it
 * leaves open whether it ended, and that the schema shows.
 */
export function restOf({ noted, migration }: TakenBack, schema: Schema): Rest {
  const statements = migration.rollback?.statements ?? [];
  if (statements.length === 0) return closed(`${migration.tag} has no rollback file here.`);
  if (noted.hash !== undoHash(migration))
    return closed('The rollback file is another one than the one that was begun.');
  const left = leftInvalid({ statements }, schema).filter(({ statement }) => statement === noted.done + 1);
  const ended = lastEnded(statements, { done: noted.done, left: left[0]?.named, schema });
  if (ended === undefined)
    return closed(`Whether statement ${noted.done + 1} ended cannot be told: its index has no name.`);
  const invalid = left.map(({ index }) => index);
  const numbered = statements.map((statement, at) => ({ ...statement, number: at + 1 }));
  return {
    kind: 'open',
    statements: [...dropsOfInvalid(invalid), ...numbered.slice(ended)],
    done: ended,
    invalid,
  };
}

/** @returns the number of the last statement that has nothing left to do; undefined: it cannot be told */
function lastEnded(
  statements: readonly MigrationStatement[],
  {
    done,
    left,
    schema,
  }: { readonly done: number; readonly left: string | undefined; readonly schema: Schema },
): number | undefined {
  const next = partsToRun(statements).find(({ first }) => first === done + 1);
  if (next?.kind !== 'alone') return done;
  // Of one that drops an index the rest is no more than to drop what is not valid any more.
  if (left !== undefined) return left === 'DROP INDEX CONCURRENTLY' ? done + 1 : done;
  const sql = statements[done]?.sql ?? '';
  const kind = classify(sql);
  const isThere = schema.objects.some((object) => !isInvalidIndex(object) && namesIndex(sql, object));
  if (kind.kind === 'drop-index') return isThere ? done : done + 1;
  if (kind.kind !== 'create-index') return done;
  if (kind.index === '') return undefined;
  return isThere ? done + 1 : done;
}

function closed(why: string): Rest {
  return { kind: 'closed', why };
}
