import { openEngine } from '../engines/open.ts';
import type { Migration } from '../migrations/migration.ts';
import { readSchema } from '../schema/read.ts';
import type { ForeignKey, Schema } from '../schema/schema.ts';
import { readForeignKeys } from '../schema/foreign-keys.ts';

/** The schema that migrations give on an empty database of the same engine, or the place where they stop giving one. */
export type Replay =
  | { readonly kind: 'schema'; readonly schema: Schema; readonly foreignKeys: readonly ForeignKey[] }
  | { readonly kind: 'stopped'; readonly tag: string; readonly why: string };

export async function replay(
  migrations: readonly Migration[],
  { bookkeeping, signal }: { readonly bookkeeping: string; readonly signal?: AbortSignal },
): Promise<Replay> {
  const opened = await openEngine({ kind: 'libsql-memory' }, { purpose: 'change', ifMissing: 'create' });
  if (opened.kind !== 'open') throw new Error('A database in memory is always there.');
  await using engine = opened.engine;
  for (const migration of migrations) {
    const outcome = await engine.unit(
      {
        foreignKeys: 'off',
        statements: migration.statements.map(({ sql }, index) => ({
          sql,
          role: 'migration',
          number: index + 1,
        })),
      },
      signal ? { signal } : {},
    );
    if (outcome.kind === 'failed') {
      return {
        kind: 'stopped',
        tag: migration.tag,
        why: `statement ${outcome.number ?? '?'}: ${outcome.error.message}`,
      };
    }
    if (outcome.kind !== 'committed') return { kind: 'stopped', tag: migration.tag, why: outcome.kind };
  }
  return {
    kind: 'schema',
    schema: await readSchema(engine.query, { bookkeeping: [bookkeeping] }),
    foreignKeys: await readForeignKeys(engine.query),
  };
}
