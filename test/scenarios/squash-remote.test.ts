import { createClient } from '@libsql/client';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../src/operations/change.ts';
import type { SquashReport, SquashRequest } from '../../src/operations/squash/report.ts';
import { d1Project, type D1Project } from '../support/d1-project.ts';
import { startD1Server, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { startHranaServer, type HranaServer } from '../support/hrana-server.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { startProgram } from '../support/program.ts';
import { silentHost } from '../support/silent-host.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { squashRequest } from '../support/squashing.ts';
import { squashedContent } from '../support/squashed-content.ts';

describe('with an environment on a libSQL server', () => {
  let server: HranaServer;
  let project: SmallProject;
  beforeEach(async () => {
    server = await startHranaServer({ token: 'right' });
    const small = smallProject();
    project = { ...small, env: { ...small.env, STAGING_TOKEN: 'right' } };
    project.add('0002_green', [
      "INSERT INTO teams (name) VALUES ('green');",
      'CREATE TRIGGER gone AFTER DELETE ON teams BEGIN DELETE FROM members WHERE team_id = old.id; END;',
    ]);
    project.configure({
      environments: {
        local: { targets: { app: 'file:local.db' } },
        staging: { targets: { app: { url: server.url, authToken: 'env:STAGING_TOKEN' } } },
      },
    });
  });
  afterEach(async () => {
    project[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  test('it is only read, and has nothing to do afterwards under drizzle-orm either', async () => {
    await deploy('local');
    await deploy('staging');
    const from = server.requests.length;
    const report = await squash({ consent: 'given' });
    expect(report).toMatchObject({
      state: 'written',
      environments: [{ records: 3 }, { state: 'ready', records: 3 }],
    });
    const asked = server.requests.slice(from).flatMap(({ sql }) => sql);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((sql) => /^\s*(?:INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)/i.test(sql))).toEqual([]);
    expect((await statusIn(project, 'staging')).state).toEqual(['current']);
    expect(await migrateOverThere()).toBe(3);
    expect(
      await change({ kind: 'tidy', environment: 'staging', database: undefined, consent }),
    ).toMatchObject({
      kind: 'done',
      message: /^staging is tidied: 3 records became 1/,
    });
    expect(await migrateOverThere()).toBe(1);
    expect((await statusIn(project, 'staging')).state).toEqual(['current']);
  });

  test('in the middle it is refused by name, then brought along from the archive over the network', async () => {
    await deploy('local');
    await deploy('staging', '0001');
    const refused = await squash({ consent: 'given' });
    expect(refused).toMatchObject({ state: 'refused', possibleTo: '0001_members' });
    expect(refused.refusals).toEqual([
      expect.stringMatching(/^staging is at 0001_members, inside the range: 0002_green/),
    ]);
    await squash({ consent: 'given', leaveOut: ['staging'] });
    expect((await statusIn(project, 'staging')).state).toEqual(['behind']);
    await deploy('staging');
    expect(await statusIn(project, 'staging')).toMatchObject({ state: ['current'], pending: 0 });
    expect(squashedContent(server.file)).toEqual(squashedContent(join(project.root, 'local.db')));
    expect(await migrateOverThere()).toBe(3);
  });

  test.each([
    [
      'its token is wrong',
      (at: SmallProject) => ({ ...at, env: { ...at.env, STAGING_TOKEN: 's3cret' } }),
      /refuses the token/,
    ],
    [
      'it does not answer',
      (at: SmallProject) => {
        server.fault({ kind: 'cut', times: 100 });
        return at;
      },
      /127\.0\.0\.1/,
    ],
  ])(
    'where %s it is refused without a word of the token, unless it is left out by name',
    async (_, meet, says) => {
      await deploy('local');
      const met = meet(project);
      const report = await squash({ consent: 'given' }, met);
      expect(report).toMatchObject({
        state: 'refused',
        environments: [{ state: 'ready' }, { state: 'unreachable' }],
      });
      expect(report.refusals).toEqual([
        expect.stringMatching(/^staging did not answer: .*--leave-out staging\.$/),
      ]);
      expect(report.refusals.join()).toMatch(says);
      expect(JSON.stringify(report)).not.toMatch(/s3cret|"right"/);
      expect(existsSync(join(project.root, 'drizzle.squashed'))).toBe(false);
      const without = await squash({ consent: 'given', leaveOut: ['staging'] }, met);
      expect(without).toMatchObject({ state: 'written', environments: [{}, { state: 'left-out' }] });
    },
  );

  test('ctrl-c while it waits for an answer ends it with nothing written', async () => {
    await deploy('local');
    await using silent = await silentHost();
    project.configureEnvironment('staging', { targets: { app: silent.url } });
    await using running = await startProgram(['squash', '--yes', '--json'], {
      cwd: project.root,
      env: project.env,
    });
    await silent.met;
    running.signal('SIGINT');
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'interrupted',
      message: 'Interrupted while it was being proven. Nothing was written.',
    });
    expect(existsSync(join(project.root, 'drizzle.squashed'))).toBe(false);
  });

  async function squash(request: Partial<SquashRequest>, at = project): Promise<SquashReport> {
    await using session = await sessionOn(at);
    return await session.squash(squashRequest(request));
  }

  async function deploy(environment: string, to?: string): Promise<void> {
    const last = await change({ kind: 'deploy', environment, selection: { ...selection, to }, consent });
    expect(last).toMatchObject({ kind: 'done' });
  }

  async function change(wanted: Change) {
    return (await carryOut(project, wanted)).at(-1);
  }

  /** drizzle-orm's own, and how many records there are then. */
  async function migrateOverThere(): Promise<number> {
    const client = createClient({ url: server.url, authToken: 'right' });
    try {
      await drizzleLines['drizzle-0'].migrate(client, join(project.root, 'drizzle'));
      const { rows } = await client.execute('SELECT count(*) AS n FROM __drizzle_migrations');
      return Number(rows[0]?.['n']);
    } finally {
      client.close();
    }
  }
});

describe('with an environment at Cloudflare', () => {
  let server: D1Server;
  let there: D1TestDatabase;
  let empty: string;
  beforeAll(async () => {
    server = await startD1Server({ databases: ['shop'] });
    there = server.database('shop');
    empty = there.bookmark;
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    server.noFault();
    await there.takeBack(empty);
  });

  test('both D1s are asked, brought along and tidied, and wrangler has nothing to do then but what is new', async () => {
    await using project = await shop();
    await insist(project, 'deploy', 'local', '--yes');
    await insist(project, 'deploy', 'remote', '--yes', '--to', '0001');
    const refused = await project.ours('squash', '--yes');
    expect(refused.exitCode).toBe(4);
    expect(reportIn(refused.last).refusals).toEqual([
      expect.stringMatching(/^remote is at 0001_teams, inside the range: 0002_members/),
    ]);
    const from = server.requests.length;
    const written = reportIn((await insist(project, 'squash', '--yes', '--leave-out', 'remote')).last);
    expect(written.state).toBe('written');
    expect(server.requests.slice(from)).toEqual([]);
    expect(readdirSync(join(project.root, 'migrations'))).toEqual(['0003_more.sql']);

    const behind = await project.ours('squash', '--tidy', 'remote', '--yes');
    expect(behind).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
    await insist(project, 'deploy', 'remote', '--yes');
    expect(await names()).toEqual(['0001_teams.sql', '0002_members.sql', '0003_more.sql']);
    for (const where of ['local', 'remote'] as const) {
      const review = await project.ours('squash', '--tidy', where);
      expect(review.last?.['message']).toMatch(/would have wrangler run them again/);
      await insist(project, 'squash', '--tidy', where, '--yes');
      expect(await project.wrangler('migrations', 'list', 'shop', `--${where}`)).toContain(
        'No migrations to apply',
      );
    }
    expect(await names()).toEqual(['0003_more.sql']);
    await project.write({ 'migrations/0004_colour.sql': 'ALTER TABLE teams ADD colour text;' });
    for (const where of ['local', 'remote'])
      await project.wrangler('migrations', 'apply', 'shop', `--${where}`);
    expect(await there.run('SELECT name, colour FROM teams ORDER BY id')).toEqual([
      { name: 'red', colour: null },
      { name: 'blue', colour: null },
    ]);
    const status = await insist(project, 'status');
    expect(JSON.stringify(status.last).match(/"state":\["current"\]/g)).toHaveLength(2);
    const undo = await project.ours('squash', '--undo', '--yes');
    expect(undo.exitCode).toBe(4);
    expect(reportIn(undo.last).refusals).toHaveLength(2);
  }, 180_000);

  test.each([
    ['a token that is wrong', { CLOUDFLARE_API_TOKEN: 'wrong-s3cret' }, undefined, /token/],
    ['a server that fails', {}, { kind: 'status', status: 503, when: 'before' }, /503|overloaded|answer/i],
    ['a connection that breaks', {}, { kind: 'cut', when: 'before' }, /broke|connection|reach/i],
  ] as const)(
    '%s is no answer, and nothing is written until it is left out by name',
    async (_, env, fault, says) => {
      await using project = await shop(env);
      await insist(project, 'deploy', 'local', '--yes');
      if (fault) server.fault(fault, { times: 100 });
      const silent = await project.ours('squash', '--yes');
      expect(silent.exitCode).toBe(4);
      const [refusal = '', ...others] = reportIn(silent.last).refusals;
      expect(others).toEqual([]);
      expect(refusal).toMatch(/^remote did not answer: .*--leave-out remote\.$/);
      expect(refusal).toMatch(says);
      expect(silent.stdout).not.toContain('wrong-s3cret');
      expect(readdirSync(join(project.root, 'migrations'))).toHaveLength(3);
      await insist(project, 'squash', '--yes', '--leave-out', 'remote');
      expect(readdirSync(join(project.root, 'migrations'))).toEqual(['0003_more.sql']);
    },
    60_000,
  );

  const config = (uuid: string) =>
    JSON.stringify({
      name: 'shop',
      main: 'src/index.js',
      compatibility_date: '2026-01-01',
      d1_databases: [
        { binding: 'DB', database_name: 'shop', database_id: uuid, migrations_dir: 'migrations' },
      ],
    });

  function shop(env: Readonly<Record<string, string>> = {}): Promise<D1Project> {
    return d1Project(
      {
        'wrangler.jsonc': config(there.uuid),
        'migrations/0001_teams.sql':
          "CREATE TABLE teams (id integer PRIMARY KEY, name text); INSERT INTO teams (name) VALUES ('red'), ('blue');",
        'migrations/0002_members.sql':
          'CREATE TABLE members (id integer PRIMARY KEY, team_id integer REFERENCES teams (id)); INSERT INTO members (team_id) SELECT id FROM teams;',
        'migrations/0003_more.sql': 'CREATE INDEX members_team ON members (team_id);',
      },
      { server, env: { ...server.env, ...env } },
    );
  }

  async function insist(project: D1Project, ...args: readonly string[]) {
    const answered = await project.ours(...args);
    expect(answered.exitCode, `${args.join(' ')}: ${answered.stdout}${answered.stderr}`).toBe(0);
    return answered;
  }

  async function names(): Promise<readonly unknown[]> {
    return (await there.run('SELECT name FROM d1_migrations ORDER BY id')).map(({ name }) => name);
  }
});

function reportIn(document: unknown): SquashReport {
  return JSON.parse(JSON.stringify(document));
}
