import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startD1Server, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

// Each request is a way to a server and back, and a token at Cloudflare has 1,200 of them in five minutes.

let server: D1Server;
let database: D1TestDatabase;
let empty: string;
beforeAll(async () => {
  server = await startD1Server();
  database = server.database('app');
  empty = database.bookmark;
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => database.takeBack(empty));

describe('at D1', () => {
  test('a status asks twice, whatever is applied', async () => {
    using project = atD1(database.uuid);
    const asked = [await requestsOf(() => statusIn(project, 'staging'))];
    await deploy(project);
    asked.push(await requestsOf(() => statusIn(project, 'staging')));
    project.add('0002_notes', ['CREATE TABLE notes (id integer PRIMARY KEY);']);
    asked.push(await requestsOf(() => statusIn(project, 'staging')));
    expect(asked).toEqual([
      ['raw', 'raw'],
      ['raw', 'raw'],
      ['raw', 'raw'],
    ]);
    expect(await statusIn(project, 'staging')).toMatchObject({ state: ['behind'], applied: 2, pending: 1 });
  });

  test('a status of a database that is known by its name looks that up first', async () => {
    using project = atD1('app');
    expect(await requestsOf(() => statusIn(project, 'staging'))).toEqual(['list', 'raw', 'raw']);
  });

  test('a status finds records that no file has, and what is open beside them', async () => {
    using project = atD1(database.uuid);
    await deploy(project);
    await database.run("INSERT INTO d1_migrations (name) VALUES ('gone.sql')");
    project.add('0002_notes', ['CREATE TABLE notes (id integer PRIMARY KEY);']);
    await database.run('CREATE TABLE notes (id integer PRIMARY KEY)');
    const status = await statusIn(project, 'staging');
    expect(status.items.map(({ state }) => state).toSorted()).toEqual([
      'applied',
      'applied',
      'orphan',
      'unrecorded',
    ]);
  });

  test('a deploy of two migrations is 22 requests, of which 4 write; of none it is 4', async () => {
    using project = atD1(database.uuid);
    const requests = await requestsOf(() => deploy(project));
    expect(requests.filter((endpoint) => endpoint === 'query')).toHaveLength(4);
    expect(requests).toHaveLength(22);
    expect(await requestsOf(() => deploy(project))).toHaveLength(4);
  });
});

test('at a libSQL server a status asks twice, too', async () => {
  await using turso = await startHranaServer();
  using project = smallProject();
  project.configure({ environments: { staging: { targets: { app: turso.url } } } });
  const from = () => turso.requests.length;
  const before = from();
  await statusIn(project, 'staging');
  expect(from() - before).toBe(2);
  await deploy(project);
  const after = from();
  expect(await statusIn(project, 'staging')).toMatchObject({ state: ['current'], applied: 2 });
  expect(from() - after).toBe(2);
});

/** @param d1 id or name */
function atD1(d1: string): SmallProject {
  const project = smallProject();
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1 } } } },
  });
  return { ...project, env: { ...project.env, ...server.env } };
}

async function requestsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const from = server.requests.length;
  await work();
  return server.requests.slice(from).map(({ endpoint }) => endpoint);
}

async function deploy(project: SmallProject): Promise<void> {
  const events = await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
}
