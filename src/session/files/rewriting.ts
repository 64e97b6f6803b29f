import type { Migration } from '../../migrations/migration.ts';
import { keepChildren, type Rewriting } from '../../operations/keep-children/keep-children.ts';
import { replay } from '../../runs/replay/replay.ts';
import type { Schema } from '../../schema/schema.ts';

export interface RewritingInput {
  readonly migration: Migration;
  /** Those that run before it, on the schema. */
  readonly before: readonly Migration[];
  readonly schema: Schema;
  /** The tracking table. */
  readonly table: string;
}

/** A migration as it keeps the rows of the tables that refer to one that it drops or rebuilds. Asks no database. */
export async function rewritingOf({ migration, before, schema, table }: RewritingInput): Promise<Rewriting> {
  const { statements } = migration;
  if (statements.length === 0) {
    return {
      kind: 'not-possible',
      why: `${migration.file} holds no statement. A shell empties a file that output is sent to before anything runs: its text of before is wherever versions of it are kept.`,
    };
  }
  if (before.length === 0) return keepChildren({ statements, schema });
  const met = await replay(before, { dialect: 'sqlite', bookkeeping: table, from: schema });
  return met.kind === 'schema'
    ? keepChildren({ statements, schema: met.schema })
    : {
        kind: 'not-possible',
        why:
          met.tag === undefined
            ? `The schema that it meets cannot be made again here: ${met.why}.`
            : `${met.tag}, which comes before it, does not run on that schema without rows: ${met.why}.`,
      };
}
