import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import type { Change } from '../../src/operations/change.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

test('local takes schema, records and rows of another environment, and runs on top what that has not run', async () => {
  using project = await withStaging();
  project.add('0003_later', ['ALTER TABLE people ADD note text;']);
  const { last, events } = await resync(project);
  expect(last).toMatchObject({ kind: 'done', exitCode: 0 });
  expect(last.message).toBe('local has what staging has: 3 tables, 1 migration on top.');
  expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 4 });
  expect(await rowsOf(project, 'local', 'SELECT name, email, note FROM people ORDER BY id')).toEqual([
    { name: 'Ada', email: 'ada@real.example', note: null },
    { name: 'Bob', email: null, note: null },
  ]);
  const copied = events.find((event) => event.kind === 'step-finished' && event.step === 'copy');
  expect(copied).toMatchObject({ tables: [{ table: 'members' }, { table: 'people', rows: 2, here: 2 }, {}] });
  const said = events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
  expect(said).toContain('staging is copied as it is: no column is masked.');
});

type ResyncChange = Extract<Change, { kind: 'resync' }>;

async function resync(project: SmallProject, more: Partial<ResyncChange> = {}) {
  const change = {
    environment: 'local',
    from: 'staging',
    databases: undefined,
    exclude: [],
    consent,
    ...more,
  } as const;
  const events: readonly RunEvent[] = await carryOut(project, { kind: 'resync', ...change });
  const last = events.at(-1);
  if (last?.kind !== 'done' && last?.kind !== 'failed') throw new Error('It did not end.');
  return { last, events };
}

/** Two people in staging, a mess in local. */
async function withStaging(): Promise<SmallProject> {
  const project = smallProject();
  project.add('0002_people', [
    'CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE, phone text, team_id integer REFERENCES teams(id));',
  ]);
  await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  await write(project, 'staging', [
    "INSERT INTO people VALUES (1, 'Ada', 'ada@real.example', '+49 30 901820', 1), (2, 'Bob', NULL, NULL, 2)",
  ]);
  await write(project, 'local', ['CREATE TABLE mess (id integer)']);
  return project;
}

async function write(project: SmallProject, environment: string, statements: readonly string[]) {
  const client = createClient({ url: `file:${join(project.root, `${environment}.db`)}` });
  for (const sql of statements) await client.execute(sql);
  client.close();
}

async function rowsOf(project: SmallProject, environment: string, sql: string) {
  const client = createClient({ url: `file:${join(project.root, `${environment}.db`)}` });
  const { rows } = await client.execute(sql);
  client.close();
  return rows.map((row) => ({ ...row }));
}
