import { expect, test } from 'vitest';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { carryOut, consent, selection, sessionOn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

test('before a table is rebuilt at D1 only those that it would take along are counted', async () => {
  await using server = await startD1Server();
  using project = remote(server);
  project.add('0002_more', [
    'CREATE TABLE badges (id integer PRIMARY KEY, member_id integer REFERENCES members(id) ON DELETE CASCADE);',
    'CREATE TABLE colours (id integer PRIMARY KEY);',
    'CREATE TABLE shades (id integer PRIMARY KEY, colour_id integer REFERENCES colours(id) ON DELETE CASCADE);',
  ]);
  const deploy = { kind: 'deploy', environment: 'staging', selection, consent } as const;
  expect((await carryOut(project, deploy)).at(-1)).toMatchObject({ kind: 'done' });
  expect(await countedBy(project, server)).toEqual([]);
  project.add('0003_rebuild', [
    'CREATE TABLE __new_teams (id integer PRIMARY KEY, name text);',
    'INSERT INTO __new_teams SELECT id, name FROM teams;',
    'DROP TABLE teams;',
    'ALTER TABLE __new_teams RENAME TO teams;',
  ]);
  expect(await countedBy(project, server)).toEqual(['badges', 'members']);
  project.add('0004_paints', ['ALTER TABLE colours RENAME TO paints;', 'DROP TABLE paints;']);
  expect(await countedBy(project, server)).toEqual(['badges', 'members', 'shades']);
});

/** The tables of the project whose rows a plan counts. */
async function countedBy(project: SmallProject, server: D1Server): Promise<readonly string[]> {
  const from = server.requests.length;
  await using session = await sessionOn(project);
  await session.ask({ kind: 'plan', environment: 'staging', selection, planFile: undefined });
  const sql = server.requests.slice(from).flatMap((request) => request.sql);
  const counted = sql.flatMap((text) =>
    [...text.matchAll(/count\(\*\) FROM "(\w+)"/g)].map(([, name]) => name ?? ''),
  );
  return [...new Set(counted)].filter((name) => name !== 'd1_migrations').toSorted();
}

function remote(server: D1Server, keys: Readonly<Record<string, unknown>> = {}): SmallProject {
  const project = smallProject();
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1: 'app' } }, ...keys } },
  });
  return { ...project, env: { ...project.env, ...server.env } };
}

test('a backup that stays at Cloudflare is no consent to bring rows of a protected database here; a rehearsal is', async () => {
  await using server = await startD1Server();
  using project = remote(server, { protected: true });
  const confirmed = { ...consent, confirm: { environment: 'staging', hash: undefined } };
  const elsewhere = { ...project, env: { ...project.env, XDG_STATE_HOME: `${project.root}/elsewhere` } };
  await carryOut(elsewhere, { kind: 'deploy', environment: 'staging', selection, consent: confirmed });
  project.add('0002_note', ['ALTER TABLE members ADD note text;']);
  expect(await asksFirst(project)).toBe(true);
  await carryOut(project, {
    kind: 'backup',
    environment: 'staging',
    databases: undefined,
    tables: undefined,
  });
  expect(await asksFirst(project)).toBe(true);
  await carryOut(project, { kind: 'dry-run', environment: 'staging', selection });
  expect(await asksFirst(project)).toBe(false);
});

async function asksFirst(project: SmallProject): Promise<unknown> {
  await using session = await sessionOn(project);
  const plan = await session.ask({ kind: 'plan', environment: 'staging', selection, planFile: undefined });
  return plan.kind === 'plan' ? plan.copiesRows?.first : undefined;
}
