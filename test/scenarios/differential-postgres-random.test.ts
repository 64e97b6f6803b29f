import * as fc from 'fast-check';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readSchema } from '../../src/schema/read.ts';
import { folder0, folder1, writeFiles } from '../support/drizzle-folders.ts';
import { drizzleLinesOnPostgres } from '../support/drizzle-lines-postgres.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { askingOver } from '../support/postgres-asking.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { randomPostgresFolder, type RandomMigration } from '../support/random-postgres-folder.ts';
import { smallProject } from '../support/small-project.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const seed = Number(process.env['SEED'] ?? 20260101);
const runs = Number(process.env['RUNS'] ?? 8);

test.for([
  ['drizzle-0', 'apply', runs * 2],
  ['drizzle-1', 'apply', runs],
  ['drizzle-0', 'deploy', runs / 2],
  ['drizzle-1', 'deploy', runs / 2],
] as const)(
  'whatever is in a PostgreSQL folder of %s, %s gives the schema, the rows and the records that drizzle-orm gives',
  { timeout: 600_000 },
  async ([format, change, numRuns]) => {
    await fc.assert(
      fc.asyncProperty(randomPostgresFolder, async ({ migrations, applied }) => {
        await agree({ migrations, applied, format, change });
      }),
      { numRuns, seed, endOnFailure: true },
    );
  },
);

interface Case {
  readonly migrations: readonly RandomMigration[];
  /** How many of them drizzle-orm ran in both databases before. */
  readonly applied: number;
  readonly format: DrizzleLine;
  readonly change: 'apply' | 'deploy';
}

async function agree({ migrations, applied, format, change }: Case): Promise<void> {
  await using ours = await server.createDatabase();
  await using theirs = await server.createDatabase();
  using project = smallProject('empty', 'postgresql');
  project.configure({
    databases: { app: { migrations: 'own' } },
    environments: { local: { targets: { app: 'env:LOCAL_URL' } } },
  });
  const folder = join(project.root, 'own');
  const migrate = async (database: PostgresDatabase, from: string) => {
    await using client = await database.connect();
    await drizzleLinesOnPostgres[format](client, { folder: from });
  };
  if (applied > 0) {
    // The first half by drizzle-orm, in both.
    await using half = await temporaryFolder();
    await writeFiles(half.path, filesOf(migrations.slice(0, applied), format));
    await migrate(ours, half.path);
    await migrate(theirs, half.path);
  }
  await writeFiles(folder, filesOf(migrations, format));
  await migrate(theirs, folder);
  const events = await carryOut(
    { ...project, env: { ...project.env, LOCAL_URL: ours.url } },
    {
      kind: change,
      environment: 'local',
      selection,
      consent,
    },
  );
  expect(JSON.stringify(events.at(-1))).toContain('"kind":"done"');
  const found = await contentOf(ours);
  expect(found).toEqual(await contentOf(theirs));
  // Drizzle finds nothing left to do in ours.
  await migrate(ours, folder);
  expect(await contentOf(ours)).toEqual(found);
}

function filesOf(migrations: readonly RandomMigration[], format: DrizzleLine) {
  const files = migrations.map(({ tag, statements }, index) => ({
    tag: format === 'drizzle-0' ? tag : `${20_240_101_000_000 + index}_${tag}`,
    sql: statements.join('\n--> statement-breakpoint\n'),
  }));
  return format === 'drizzle-0' ? folder0(files, 'postgresql') : folder1(files);
}

async function contentOf(database: PostgresDatabase) {
  await using client = await database.connect();
  const bookkeeping = { bookkeeping: ['drizzle.__drizzle_migrations'] };
  const { rows: tables } = await client.query<{ readonly name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r'
      AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', '__migrate_tui', 'drizzle') ORDER BY 1`,
  );
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) rows[name] = await rowsOf(client, name);
  return {
    fingerprint: fingerprint(await readSchema(askingOver(client), bookkeeping)),
    rows,
    records: (await rowsOf(client, 'drizzle.__drizzle_migrations')).map(withoutTime),
  };
}

async function rowsOf(client: Client, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ readonly line: string }>(
    `SELECT t::text AS line FROM ${table} AS t ORDER BY 1`,
  );
  return rows.map(({ line }) => line);
}

/** Drizzle 1.0 records the time of applying. */
function withoutTime(record: string): string {
  return record.replace(/"\d{4}-\d\d-\d\d [\d:.]+\+\d\d"/, 'a time');
}
