import { expect, test } from 'vitest';
import type { Migration } from '../../src/migrations/migration.ts';
import { liveNamesIn, tracesByTag } from '../../src/operations/diagnosis/traces-of.ts';
import { readNames } from '../../src/runs/live-names.ts';
import { partsOf } from '../../src/schema/parts.ts';
import { readSchema } from '../../src/schema/read.ts';
import { postgresTarget } from '../support/postgres-target.ts';
import { postgresServer } from '../support/postgres.ts';

const first = [
  `CREATE TYPE "mood" AS ENUM('ok', 'sad')`,
  'CREATE SCHEMA "app"',
  `CREATE TYPE "app"."kind" AS ENUM('a')`,
  'CREATE TABLE "users" ("id" serial PRIMARY KEY, "Name" text, "mood" "mood")',
  'CREATE TABLE "app"."notes" ("id" integer GENERATED ALWAYS AS IDENTITY, "user_id" integer)',
  'ALTER TABLE "app"."notes" ADD CONSTRAINT "notes_users_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id")',
];
const second = [
  'CREATE INDEX "notes_user" ON "app"."notes" USING btree ("user_id")',
  'CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$',
  'CREATE TRIGGER stamped BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stamp()',
  'CREATE VIEW "names" AS (SELECT "Name" FROM "users")',
  'CREATE MATERIALIZED VIEW "app"."sums" AS (SELECT count(*) FROM "users")',
  'CREATE POLICY "own" ON "users" AS PERMISSIVE FOR SELECT TO public USING (true)',
  'CREATE SEQUENCE "app"."tickets"',
];
const third = [
  'CREATE TRIGGER stamped BEFORE UPDATE ON "app"."notes" FOR EACH ROW EXECUTE FUNCTION stamp()',
  'ALTER TABLE "users" ADD COLUMN "age" integer',
];
const fourth = [
  'DROP INDEX "app"."notes_user"',
  'DROP TRIGGER stamped ON users',
  'DROP TYPE "app"."kind"',
  'DROP MATERIALIZED VIEW "app"."sums"',
];

test('a migration that ran in PostgreSQL without a record shows it by the names it left, whole or in part', async () => {
  await using server = await postgresServer();
  await using target = await postgresTarget(server);
  const migrations = [first, second, third, fourth].map(migrationOf);
  const shown = async () => {
    const live = await readNames(target.engine.query);
    const told = [...tracesByTag(migrations, live).values()];
    // Names alone are quicker; a schema that was read as a whole says the same.
    const schema = await readSchema(target.engine.query);
    expect([...tracesByTag(migrations, liveNamesIn(partsOf(schema))).values()]).toEqual(told);
    return told.map((traces) => (traces.kind === 'stopped' ? traces.after : traces.kind));
  };
  expect(await shown()).toEqual(['none', 'none', 'none', 'none']);
  for (const sql of first.slice(0, 3)) await target.client.query(sql);
  expect(await shown()).toEqual([3, 'none', 'none', 'none']);
  for (const sql of first.slice(3)) await target.client.query(sql);
  expect(await shown()).toEqual(['whole', 'none', 'none', 'none']);
  for (const sql of second) await target.client.query(sql);
  // The trigger of the same name on another table is not the one of the third.
  expect(await shown()).toEqual(['whole', 'whole', 'none', 'none']);
  for (const sql of third.slice(0, 1)) await target.client.query(sql);
  expect(await shown()).toEqual(['whole', 'whole', 1, 'none']);
  for (const sql of third.slice(1)) await target.client.query(sql);
  for (const sql of fourth) await target.client.query(sql);
  const live = await readNames(target.engine.query);
  const last = tracesByTag(migrations.slice(3), live, migrations.slice(0, 3));
  expect([...last.values()]).toEqual([{ kind: 'whole' }]);
  expect(await readNames(target.engine.query, 'false')).toMatchObject({
    tables: new Set(),
    others: new Set(),
  });
});

function migrationOf(statements: readonly string[], index: number): Migration {
  const tag = `000${index}`;
  return {
    tag,
    when: index,
    hash: tag,
    file: `${tag}.sql`,
    statements: statements.map((sql, at) => ({ sql, line: at + 1 })),
  };
}
