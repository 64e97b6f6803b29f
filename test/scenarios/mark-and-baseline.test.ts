import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/operations/change.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { byHand, namesBy } from '../support/by-hand.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const teams = 'CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL)';
const members =
  'CREATE TABLE members (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams (id) ON DELETE CASCADE)';

describe('baseline', () => {
  test('names the place of the history that a database without records is, and writes the records there', async () => {
    using project = smallProject();
    project.add('0002_notes', ['CREATE TABLE notes (id integer PRIMARY KEY);']);
    await byHand(project, [teams, members, "INSERT INTO teams VALUES (7, 'green')"]);
    const proposed = await baseline(project, undefined);
    expect(proposed).toMatchObject({ kind: 'failed', exitCode: 4 });
    expect(proposed.message).toBe(
      'local is exactly what the migrations up to 0001_members make. Records 2 migrations up to 0001_members in __drizzle_migrations as applied; none of their statements is run. Nobody agreed to that yet, and nothing was changed.',
    );
    expect(proposed).toMatchObject({ next: /migrate-tui baseline local --at 0001_members --yes$/ });
    expect(await baseline(project, '0001')).toMatchObject({
      kind: 'done',
      message: 'local is at 0001_members: 2 records written, nothing run.',
      backup: 'b1',
    });
    await migrateAsTheApp(project);
    expect(await namesBy(project, 'SELECT name FROM teams')).toEqual(['green']);
    expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 3 });
    expect(await baseline(project, '0001')).toMatchObject({ kind: 'done', message: /Nothing to do/ });
  });

  test('leaves it to a person whether a migration that only changes rows ran', async () => {
    using project = smallProject();
    project.add('0002_fill', ["UPDATE teams SET name = 'red';"]);
    await byHand(project, [teams, members]);
    const proposed = await baseline(project, undefined);
    expect(proposed.message).toBe(
      'local is exactly what the migrations up to 0001_members or 0002_fill make. Nothing was changed.',
    );
    expect(proposed).toMatchObject({
      next: /^Look at the rows.*did not: .*--at 0001_members --yes. If it did: .*--at 0002_fill --yes$/,
    });
  });

  test('is refused where the schema is another one, until that is answered for by name', async () => {
    using project = smallProject();
    await byHand(project, [teams, members.replace('id integer PRIMARY KEY', 'id text PRIMARY KEY')]);
    const refused = await baseline(project, '0001');
    expect(refused).toMatchObject({ kind: 'failed', code: 'not-confirmed', exitCode: 4 });
    expect(refused.message).toContain('column members.id is another one here');
    expect((await statusIn(project, 'local')).applied).toBe(0);
    const accepted = await baseline(project, '0001', {
      accept: [{ rule: 'schema-differs', tag: '0001_members' }],
      reason: 'ids are texts here',
    });
    expect(accepted).toMatchObject({ kind: 'done' });
  });

  test('is refused where records of another history are', async () => {
    using project = smallProject();
    await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
    await byHand(project, [
      "UPDATE __drizzle_migrations SET created_at = 5, hash = 'x' WHERE created_at = 1750000000000",
    ]);
    const refused = await baseline(project, '0001');
    expect(refused.message).toContain('1 record without a file');
    expect(refused).toMatchObject({ exitCode: 4, next: /recover local/ });
  });
});

describe('mark', () => {
  test('writes one record and takes it away again; no statement is run', async () => {
    using project = smallProject();
    await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
    project.add('0002_notes', ['CREATE TABLE notes (id integer PRIMARY KEY);']);
    expect(await mark(project, '0002', 'applied')).toMatchObject({ kind: 'done', backup: 'b1' });
    expect(await statusIn(project, 'local')).toMatchObject({ applied: 3, pending: 0 });
    await migrateAsTheApp(project);
    expect(await namesBy(project, "SELECT name FROM sqlite_schema WHERE name = 'notes'")).toEqual([]);
    expect(await mark(project, '0002', 'applied')).toMatchObject({ message: /Nothing to do/ });
    expect(await mark(project, '0002', 'pending')).toMatchObject({ kind: 'done' });
    expect(await statusIn(project, 'local')).toMatchObject({ applied: 2, pending: 1 });
  });

  test('nothing is written without consent, nor to a protected environment without its name', async () => {
    using project = smallProject();
    const change = { kind: 'mark', database: undefined, tag: '0000', as: 'applied' } as const;
    await byHand(project, [teams]);
    const unasked = await last(project, {
      ...change,
      environment: 'local',
      consent: { ...consent, yes: 'not-given' },
    });
    expect(unasked).toMatchObject({
      code: 'not-confirmed',
      next: /migrate-tui mark local 0000_teams applied --yes$/,
    });
    await carryOut(project, { kind: 'deploy', environment: 'production', selection, consent: confirmed });
    const unnamed = await last(project, { ...change, environment: 'production', as: 'pending', consent });
    expect(unnamed).toMatchObject({ code: 'not-confirmed', next: /--yes --confirm production$/ });
    expect((await statusIn(project, 'production')).applied).toBe(2);
    expect((await statusIn(project, 'local')).applied).toBe(0);
  });

  test('a tag that is no file is named with those there are', async () => {
    using project = smallProject();
    await byHand(project, [teams]);
    expect(await mark(project, '0009', 'applied')).toMatchObject({ code: 'not-found', exitCode: 2 });
  });
});

const confirmed = { ...consent, confirm: { environment: 'production', hash: undefined } };

async function migrateAsTheApp({ root }: SmallProject): Promise<void> {
  const client = createClient({ url: `file:${join(root, 'local.db')}` });
  await migrate(drizzle(client), { migrationsFolder: join(root, 'drizzle') });
  client.close();
}

async function last(project: SmallProject, change: Change) {
  const event = (await carryOut(project, change)).at(-1);
  if (event?.kind !== 'done' && event?.kind !== 'failed') throw new Error('It did not end.');
  return event;
}

function baseline(project: SmallProject, at: string | undefined, more: Partial<typeof consent> = {}) {
  const given = { ...consent, ...more };
  return last(project, { kind: 'baseline', environment: 'local', database: undefined, at, consent: given });
}

function mark(project: SmallProject, tag: string, as: 'applied' | 'pending') {
  return last(project, { kind: 'mark', environment: 'local', database: undefined, tag, as, consent });
}
