import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/operations/events.ts';
import { startD1Server, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { program, startProgram } from '../support/program.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: D1Server;
let database: D1TestDatabase;
let empty: string;
beforeAll(async () => {
  server = await startD1Server({ databases: ['app', 'other'] });
  database = server.database('app');
  empty = database.bookmark;
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => database.takeBack(empty));

describe('a D1 database that is taken back in the history of its server', () => {
  test('is what the backup says, is free, and the run says where it was until then', async () => {
    using project = await backedUp();
    const events = await restore(project);
    expect(events.at(-1)).toMatchObject({ kind: 'done', exitCode: 0, backup: 'b3' });
    expect(await tables()).toEqual(['teams']);
    const finished = events.find((event) => event.kind === 'step-finished' && event.step === 'restore');
    expect(finished).toMatchObject({
      says: expect.stringMatching(/^b2 is back: .* until then it was at [\da-f-]+$/),
    });
    expect(await statusIn(project, 'staging')).toMatchObject({ state: ['behind'], applied: 1, says: [] });
    expect((await deploy(project)).at(-1)).toMatchObject({ kind: 'done' });
  });

  test('keeps what came between its backup and its lock', async () => {
    using project = await backedUp();
    const write = async () => void (await database.run("INSERT INTO teams (name) VALUES ('late')"));
    // The first asks for the backup's place, the second comes just before the lock.
    server.before('bookmark', async () => server.before('bookmark', write));
    const events = await restore(project);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'backup-renewed', database: 'app', backup: 'b4' }),
    );
    expect(events.at(-1)).toMatchObject({ kind: 'done', backup: 'b4' });
    expect(await names()).not.toContain('late');
    expect((await carryOut(project, { ...restoring, backup: 'b4' })).at(-1)).toMatchObject({ kind: 'done' });
    expect(await names()).toContain('late');
  });

  test('is not another one of that name or place: refused, and nothing is asked of it', async () => {
    using project = await backedUp();
    pointAt(project, 'other');
    const from = server.requests.length;
    const error = await restore(project).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'refused', exitCode: 4 });
    expect(String(error)).toContain('Nothing was changed');
    const asked = server.requests.slice(from);
    expect(asked.filter(({ kind, endpoint }) => kind === 'write' || endpoint === 'bookmark')).toEqual([]);
  });

  test('and cannot be read afterwards ends with 5 and says that it is back', async () => {
    using project = await backedUp();
    const nth = await requestThatRestores(project);
    using again = await backedUp();
    server.fault({ kind: 'cut', when: 'before' }, { after: nth + 1, times: Infinity });
    const last = (await restore(again)).at(-1);
    server.noFault();
    expect(await tables()).toEqual(['teams']);
    expect(last).toMatchObject({ kind: 'failed', exitCode: 5, code: 'stopped-part-way' });
    expect(last).toHaveProperty('message', expect.stringContaining('b2 is back, and then'));
  });

  test('and whose every answer is lost from then on ends with 5', async () => {
    using project = await backedUp();
    const nth = await requestThatRestores(project);
    using again = await backedUp();
    server.fault({ kind: 'cut', when: 'after' }, { after: nth, times: Infinity });
    const last = (await restore(again)).at(-1);
    server.noFault();
    expect(last).toMatchObject({ kind: 'failed', exitCode: 5, code: 'stopped-part-way' });
    expect(last).toHaveProperty('message', expect.stringContaining('did not say whether it was taken back'));
  });

  test('while ctrl-c comes is no interruption that left it as it was', async () => {
    using project = await backedUp();
    const controller = new AbortController();
    server.before('restore', async () => controller.abort());
    await using session = await sessionOn(project);
    const run = await session.start(restoring, {
      signal: controller.signal,
      decide: () => Promise.resolve({ kind: 'declined' }),
    });
    const last = await run.finished;
    expect(await tables()).toEqual(['teams']);
    expect([last.exitCode, last.message]).toEqual(
      last.kind === 'done' ? [0, expect.any(String)] : [5, expect.stringContaining('b2 is back, and then')],
    );
  });

  test.each(['before', 'after'] as const)(
    'and killed before its lock is there again is named on the next start: %s it is taken back',
    async (when) => {
      using project = await backedUp();
      await using running = await startProgram(['restore', 'staging', 'b2', '--yes', '--json'], at(project));
      server.before('restore', async () => running.signal('SIGKILL'));
      server.fault({ kind: 'cut', when }, { on: 'restore' });
      await running.ended;
      // The request outlives the program that sent it.
      await expect.poll(() => server.faultWasMet(), { timeout: 20_000 }).toBe(true);
      expect(await tables()).toEqual(when === 'after' ? ['teams'] : ['members', 'teams']);
      const { says, items } = await statusIn(project, 'staging');
      expect(says.join(' ')).toMatch(
        /Run \d+ \(restore\) of \S+ was cut off in the restore of b2: .*b3 is what it was before/,
      );
      expect(items.map(({ state }) => state)).not.toContain('changed');
      const shown = await program(['runs', 'staging', '--json'], at(project));
      expect(JSON.parse(shown.stdout).runs[0]).toMatchObject({
        operation: 'restore',
        outcome: 'cut-off',
        applied: [],
        inside: { tag: 'the restore of b2' },
      });
      const again = await program(['restore', 'staging', 'b2', '--yes', '--json'], at(project));
      expect(again.last, again.stdout).toMatchObject({ kind: 'done' });
      expect(await tables()).toEqual(['teams']);
      expect((await statusIn(project, 'staging')).says).toEqual([]);
    },
  );
});

/** At its second migration, with a backup of the first one alone: b2. */
async function backedUp(): Promise<SmallProject> {
  await database.takeBack(empty);
  const project = smallProject();
  pointAt(project, 'app');
  const known = { ...project, env: { ...project.env, ...server.env } };
  await deploy(known, '0000_teams');
  await carryOut(known, { kind: 'backup', environment: 'staging', databases: undefined, tables: undefined });
  await carryOut(known, { kind: 'apply', environment: 'staging', selection, consent });
  expect(await tables()).toEqual(['members', 'teams']);
  return known;
}

function pointAt(project: SmallProject, d1: string): void {
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1 } }, timeouts: { connect: '3s' } } },
  });
}

function deploy(project: SmallProject, to?: string): Promise<readonly RunEvent[]> {
  const wanted = { ...selection, to };
  return carryOut(project, { kind: 'deploy', environment: 'staging', selection: wanted, consent });
}

function restore(project: SmallProject): Promise<readonly RunEvent[]> {
  return carryOut(project, restoring);
}

const restoring = {
  kind: 'restore',
  environment: 'staging',
  backup: 'b2',
  database: undefined,
  tables: undefined,
  consent,
} as const;

/** Which of a restore's requests, from 0, takes the database back. */
async function requestThatRestores(project: SmallProject): Promise<number> {
  const from = server.requests.length;
  await restore(project);
  const found = server.requests.slice(from).findIndex(({ endpoint }) => endpoint === 'restore');
  expect(found).toBeGreaterThan(0);
  return found;
}

async function tables(): Promise<readonly unknown[]> {
  const rows = await database.run(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('teams', 'members') ORDER BY name",
  );
  return rows.map(({ name }) => name);
}

function at({ root, env }: SmallProject) {
  return { cwd: root, env };
}

async function names(): Promise<readonly unknown[]> {
  return (await database.run('SELECT name FROM teams')).map(({ name }) => name);
}
