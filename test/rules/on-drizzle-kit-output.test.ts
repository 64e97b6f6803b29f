import { createRequire } from 'node:module';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { sql } from 'drizzle-orm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lintFindings } from '../../src/operations/lint.ts';
import { splitMigration } from '../../src/sql/split.ts';
import { openMemory } from '../schema/open-memory.ts';

// Its types are those of another copy of drizzle-orm.
const kit: {
  generateSQLiteDrizzleJson(schema: object, previous?: string): Promise<{ readonly id: string }>;
  generateSQLiteMigration(before: object, after: object): Promise<readonly string[]>;
} = createRequire(import.meta.url)('drizzle-kit/api');

/** A table as it is to be; drizzle-kit asks nobody while columns only come or only go. */
interface Wanted {
  readonly notNull: boolean;
  readonly fallback: number | undefined;
  readonly extra: 'none' | 'plain' | 'unique' | 'refers';
  readonly indexed: 'no' | 'plain' | 'unique';
  readonly checked: boolean;
}

const wanted: fc.Arbitrary<Wanted> = fc.record({
  notNull: fc.boolean(),
  fallback: fc.option(fc.nat(3), { nil: undefined }),
  extra: fc.constantFrom('none', 'plain', 'unique', 'refers'),
  indexed: fc.constantFrom('no', 'plain', 'unique'),
  checked: fc.boolean(),
});

function schemaOf({ notNull, fallback, extra, indexed, checked }: Wanted): object {
  const teams = sqliteTable('teams', { id: integer().primaryKey() });
  const plain = fallback === undefined ? integer() : integer().default(fallback);
  const extras = {
    none: {},
    plain: { extra: text().default('it is "quoted"') },
    unique: { extra: text().unique() },
    refers: { extra: integer().references(() => teams.id, { onDelete: 'cascade' }) },
  };
  const users = sqliteTable(
    'users',
    { id: integer().primaryKey(), value: notNull ? plain.notNull() : plain, ...extras[extra] },
    (table) => [
      ...(indexed === 'no'
        ? []
        : [(indexed === 'plain' ? index : uniqueIndex)('users_value').on(table.value)]),
      ...(checked ? [check('positive', sql`${table.value} >= 0`)] : []),
    ],
  );
  return { teams, users };
}

test('what drizzle-kit writes is no error that libSQL does not have with rows, and loses no index unsaid', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(wanted, { minLength: 2, maxLength: 5 }), async (steps) => {
      const files = await generated(steps);
      const found = lintFindings({
        database: 'app',
        migrations: files,
        schema: { objects: [] },
        foreignKeys: [],
        madeBefore: 'long-ago',
        grounds: [{ engine: 'libsql-file', environments: [], named: undefined }],
      }).map(({ finding }) => finding);
      const errors = found.filter(({ severity }) => severity === 'error');
      const refused = await refusedIn(files);
      expect(
        errors.map(({ tag, rule }) => `${tag} ${rule}`).filter((at) => !refused.has(at.split(' ')[0] ?? '')),
      ).toEqual([]);
      const silent = found.filter(({ rule }) => rule === 'drops-index-silently');
      expect(silent.filter(({ severity }) => severity !== 'info')).toEqual([]);
      expect(found.filter(({ rule }) => never.has(rule))).toEqual([]);
    }),
    { numRuns: Number(process.env['CASES'] ?? 40) },
  );
}, 60_000);

const never = new Set(['copies-by-position', 'double-quoted-text', 'writes-records']);

async function generated(steps: readonly Wanted[]) {
  let before: { readonly id: string } = await kit.generateSQLiteDrizzleJson({});
  const files: { tag: string; statements: ReturnType<typeof splitMigration> }[] = [];
  for (const [at, step] of steps.entries()) {
    const after = await kit.generateSQLiteDrizzleJson(schemaOf(step), before.id);
    const statements = await kit.generateSQLiteMigration(before, after);
    files.push({
      tag: `000${at}`,
      statements: splitMigration(statements.join('\n--> statement-breakpoint\n')),
    });
    before = after;
  }
  return files;
}

/** The files that libSQL refuses with a row in every table. */
async function refusedIn(files: Awaited<ReturnType<typeof generated>>): Promise<ReadonlySet<string>> {
  const refused = new Set<string>();
  await using database = await openMemory(['PRAGMA foreign_keys=ON']);
  for (const { tag, statements } of files) {
    for (const { sql } of statements) await database.run(sql).catch(() => refused.add(tag));
    await database.run('INSERT OR IGNORE INTO teams VALUES (1)');
    await database.run('INSERT OR IGNORE INTO users (id, value) VALUES (1, 1)');
  }
  return refused;
}
