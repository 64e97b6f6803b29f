import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { withoutValues } from '../../lib/without-values.ts';
import type { Migration } from '../../migrations/migration.ts';
import { byMaking } from '../../schema/making-order.ts';
import { readSchema } from '../../schema/read.ts';
import { inOneTransaction } from '../../sql/postgres/in-one-transaction.ts';
import type { Dialect } from '../../sql/statement.ts';
import { schemaStatements } from '../../schema/postgres/statements.ts';
import type { ForeignKey, Schema } from '../../schema/schema.ts';
import { readForeignKeys } from '../../schema/foreign-keys.ts';
import { enforcement, openInMemory } from './scratch-engine.ts';

/** The schema that migrations give on a database without rows of the same engine, or the place where they stop giving one. */
export type Replay =
  | { readonly kind: 'schema'; readonly schema: Schema; readonly foreignKeys: readonly ForeignKey[] }
  /** Without a tag: what was there before the first could not be made again, or there is nothing to replay in. */
  | { readonly kind: 'stopped'; readonly tag?: string; readonly why: string };

export interface ReplayOptions {
  /** What the migrations are written in. */
  readonly dialect: Dialect;
  /** Name of the tracking table, which is no part of the schema. */
  readonly bookkeeping: string;
  /** What is there before the first of them; nothing when absent. */
  readonly from?: Schema;
  readonly signal?: AbortSignal;
}

/** Runs migrations one after the other in an empty database in memory, and reads the schema that they give. */
export async function replay(
  migrations: readonly Migration[],
  { dialect, bookkeeping, from, signal }: ReplayOptions,
): Promise<Replay> {
  const opened = await openIfPossible(dialect);
  if ('why' in opened) return { kind: 'stopped', why: opened.why };
  await using engine = opened.engine;
  const beginning = from ? making(from) : [];
  const refused = beginning.length > 0 ? await run(engine, beginning, signal) : undefined;
  if (refused !== undefined) return { kind: 'stopped', why: refused };
  for (const { tag, statements } of migrations) {
    const why = await run(engine, statements, signal);
    if (why !== undefined) return { kind: 'stopped', tag, why };
  }
  return {
    kind: 'schema',
    schema: await readSchema(engine.query, { bookkeeping: [bookkeeping] }),
    foreignKeys: await readForeignKeys(engine.query),
  };
}

async function openIfPossible(
  dialect: Dialect,
): Promise<{ readonly engine: Engine } | { readonly why: string }> {
  try {
    return { engine: await openInMemory(dialect) };
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== 'config') throw error;
    return { why: 'that is done in PGlite, and the project has none (npm i -D @electric-sql/pglite)' };
  }
}

/** Statements that make a schema in an empty database. */
export function making(schema: Schema): readonly { readonly sql: string }[] {
  const { objects } = schema;
  if (objects.some((object) => object.making)) return scriptOf(schema);
  return objects.toSorted(byMaking).map(({ display }) => ({ sql: display }));
}

function scriptOf(schema: Schema): readonly { readonly sql: string }[] {
  const { settings, beforeRows, afterRows } = schemaStatements(schema);
  return [...settings, ...beforeRows, ...afterRows].map((sql) => ({ sql }));
}

/** @returns why it was undone, or undefined */
async function run(
  engine: Engine,
  statements: readonly { readonly sql: string }[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const outcome = await engine.unit(
    {
      foreignKeys: enforcement(engine),
      statements: inOneTransaction(statements).map((one) => ({ ...one, role: 'migration' })),
    },
    signal ? { signal } : {},
  );
  switch (outcome.kind) {
    case 'committed':
      return undefined;
    case 'failed':
      return `statement ${outcome.number ?? '?'}: ${withoutValues(outcome.error.message)}`;
    default:
      return outcome.kind;
  }
}
