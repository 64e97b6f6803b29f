import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folder0 } from '../support/drizzle-folders.ts';
import { oddProject, type OddProject } from '../support/odd-project.ts';
import { startResident } from '../support/resident.ts';

const program = startResident();
afterAll(() => program[Symbol.asyncDispose]());
let odd: OddProject;
beforeEach(() => {
  odd = oddProject(program);
});
afterEach(() => odd[Symbol.dispose]());

const many = Array.from({ length: 20 }, (_, index) => ({
  tag: `${String(index).padStart(4, '0')}_t${index}`,
  sql:
    index % 2 === 0
      ? `CREATE TABLE t${index} (id integer PRIMARY KEY);`
      : `ALTER TABLE t${index - 1} ADD COLUMN name text;`,
}));
const files = folder0(many);
const records = () => odd.rows('SELECT hash, created_at FROM __drizzle_migrations ORDER BY rowid');

describe('tables that are there and no record at all', () => {
  for (const [what, lost] of [
    ['the tracking table is empty', 'DELETE FROM __drizzle_migrations'],
    ['there is no tracking table', 'DROP TABLE __drizzle_migrations'],
  ] as const) {
    test(`because ${what}: twenty migrations are recorded in one go`, async () => {
      await odd.write(files);
      await odd.migrate();
      const before = await records();
      await odd.sql(lost);
      const { exitCode, cases } = await odd.cases();
      expect(exitCode).toBe(3);
      expect(cases.map(({ situation }) => situation)).toEqual(many.map(() => 'unrecorded'));
      const record = cases.map(({ options }) => options.find(({ id }) => id === 'record'));
      expect(record.map((option) => option?.recommended)).toEqual(many.map(() => true));
      expect(record[0]?.why).toContain('Without --only it is done for all 20 of this kind at once.');
      expect(record[1]?.why).not.toContain('at once');
      const done = await odd.choose('record');
      expect(done, done.stdout).toMatchObject({ exitCode: 0, last: { kind: 'done' } });
      expect(await records()).toEqual(before);
      expect(await odd.cases()).toEqual({ exitCode: 0, cases: [] });
      await odd.migrate();
      expect(await records()).toEqual(before);
    });
  }
});

test('lead to the place of the history that they are before each is looked at by itself', async () => {
  await odd.write(files);
  await odd.migrate();
  await odd.sql('DROP TABLE __drizzle_migrations');
  const { stdout } = await odd.program('recover', 'staging');
  expect(stdout.split('\n')[0]).toBe(
    'staging.db: No migration is recorded here: migrate-tui baseline staging finds the place of the history that the schema is, and records all up to it at once.',
  );
  expect((await odd.program('baseline', 'staging')).stderr).toContain('--at 0019_t19');
  expect((await odd.choose('record', '--only', '0000_t0')).exitCode).toBe(0);
  expect((await odd.program('recover', 'staging')).stdout).not.toContain('baseline');
});

test('in text they are explained once, and each has a command of its own', async () => {
  await odd.write(files);
  await odd.migrate();
  await odd.sql('DELETE FROM __drizzle_migrations');
  const { stdout, exitCode } = await odd.program('recover', 'staging');
  expect(exitCode).toBe(3);
  const lines = stdout.split('\n');
  expect(lines.filter((line) => line.endsWith(': finished, not recorded'))).toHaveLength(20);
  expect(lines.filter((line) => line.includes('recover staging --choose record --only '))).toEqual([
    '      migrate-tui recover staging --choose record --only 0000_t0',
  ]);
  expect(stdout).toContain('The ways are those of 0000_t0, with --only 0007_t7.');
});
