import { randomBytes } from 'node:crypto';
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type Client } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { sqliteLease } from '../../../src/bookkeeping/lease-sqlite.ts';
import type { RecoveryCase } from '../../../src/operations/reports.ts';
import { carryOut, consent, selection, sessionOn } from '../../support/in-process.ts';
import { smallProject, type SmallProject } from '../../support/small-project.ts';

const colour = ['ALTER TABLE teams ADD colour text;', 'CREATE INDEX colour_idx ON teams (colour);'];

describe('a record of what is not there', () => {
  test('is a case when nothing of its migration is in the schema', async () => {
    using project = smallProject();
    project.add('0002_colour', colour);
    await deploy(project);
    using staging = open(project);
    await staging.executeMultiple('DROP INDEX colour_idx; ALTER TABLE teams DROP COLUMN colour');
    const [only, ...others] = await casesIn(project);
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      situation: 'recorded-not-there',
      tag: '0002_colour',
      verdict: 'recorded, not there',
      attempt: { run: 1, operation: 'deploy', outcome: 'committed' },
    });
    expect(only?.evidence).toContain('It is recorded as applied.');
    expect(only?.evidence).toContain(
      'The ledger and the schema contradict each other: run 1 committed it, and nothing of it is there.',
    );
  });

  test('is none when only a part of it was dropped, which is drift', async () => {
    using project = smallProject();
    project.add('0002_colour', colour);
    await deploy(project);
    using staging = open(project);
    await staging.execute('DROP INDEX colour_idx');
    expect(await casesIn(project)).toEqual([]);
  });

  test('is none when a later migration took away what it made', async () => {
    using project = smallProject();
    project.add('0002_colour', colour);
    project.add('0003_plain', ['DROP INDEX colour_idx;', 'ALTER TABLE teams DROP COLUMN colour;']);
    await deploy(project);
    expect(await casesIn(project)).toEqual([]);
  });
});

describe('while another run holds the lock', () => {
  test('a half migration is still running: nothing is to be chosen, and it says who and since when', async () => {
    using project = smallProject();
    await deploy(project);
    project.add('0002_colour', colour);
    using staging = open(project);
    await staging.execute(colour[0] ?? '');
    await hold(staging, { tag: '0002_colour', seconds: 60 });
    const [only] = await casesIn(project);
    expect(only).toMatchObject({ situation: 'running-elsewhere', tag: '0002_colour' });
    expect(only?.verdict).toMatch(/^still running: bo@server since \d+ \w+ \d\d:\d\d UTC$/);
    expect(only?.evidence.join('\n')).toMatch(/bo@server has held the lock for \d+ s/);
    expect(only?.evidence).toContain('At this moment the schema says: stopped after statement 1 of 2.');
    expect(only?.options.filter(({ allowed }) => allowed)).toEqual([]);
  });

  test('one that ran out is no reason to wait', async () => {
    using project = smallProject();
    await deploy(project);
    project.add('0002_colour', colour);
    using staging = open(project);
    await staging.execute(colour[0] ?? '');
    await hold(staging, { tag: '0002_colour', seconds: -1 });
    const found = await casesIn(project);
    expect(found.find(({ tag }) => tag === '0002_colour')).toMatchObject({
      situation: 'stopped',
      verdict: 'stopped after statement 1 of 2',
    });
  });
});

describe('a history that does not replay from an empty database', () => {
  test.each(['in the clear', 'encrypted'])(
    'is replayed from the backup that is from before it began, %s',
    async (how) => {
      using project = smallProject();
      if (how === 'encrypted') {
        writeFileSync(join(project.root, '.env'), `KEY=${randomBytes(32).toString('base64')}\n`);
        project.configure({ backups: { key: 'env:KEY' } });
      }
      using staging = open(project);
      await legacy(project, staging);
      await carryOut(project, {
        kind: 'backup',
        environment: 'staging',
        databases: undefined,
        tables: undefined,
      });
      await staging.execute(colour[0] ?? '');
      const [only] = await casesIn(project);
      expect(only).toMatchObject({ tag: '0003_colour', verdict: 'stopped after statement 1 of 2' });
      expect(only?.evidence[0]).toMatch(
        /^It is told from a replay that begins with backup b1 of \d+ \w+ \d+ \d\d:\d\d UTC: one from an empty database tells nothing\.$/,
      );
    },
  );

  test('is not replayed from a backup in which a part of it is there already', async () => {
    using project = smallProject();
    using staging = open(project);
    await legacy(project, staging);
    await staging.execute(colour[0] ?? '');
    await carryOut(project, {
      kind: 'backup',
      environment: 'staging',
      databases: undefined,
      tables: undefined,
    });
    const [only] = await casesIn(project);
    expect(only?.verdict).toMatch(/^history cannot be replayed, at 0002_legacy, statement 1, because /);
  });

  test('passes over a backup that is damaged', async () => {
    using project = smallProject();
    using staging = open(project);
    await legacy(project, staging);
    const backup = {
      kind: 'backup',
      environment: 'staging',
      databases: undefined,
      tables: undefined,
    } as const;
    await carryOut(project, backup);
    await carryOut(project, backup);
    const [file] = globSync('**/b2/app.db', { cwd: project.env['XDG_STATE_HOME'] ?? '' });
    writeFileSync(join(project.env['XDG_STATE_HOME'] ?? '', file ?? ''), 'no database');
    await staging.execute(colour[0] ?? '');
    const [only] = await casesIn(project);
    expect(only?.verdict).toBe('stopped after statement 1 of 2');
    expect(only?.evidence[0]).toContain('backup b1');
  });

  test('cannot be told without a backup, and says where and why', async () => {
    using project = smallProject();
    using staging = open(project);
    await legacy(project, staging);
    await staging.execute(colour[0] ?? '');
    const [only] = await casesIn(project);
    expect(only?.verdict).toMatch(
      /^history cannot be replayed, at 0002_legacy, statement 1, because .*no such table: legacy/,
    );
    expect(only?.evidence).toContainEqual(
      expect.stringMatching(/^By the names in the schema alone it would be stopped after statement 1 of 2, /),
    );
  });
});

describe('what a failed run left in the ledger', () => {
  const failing = [...colour, 'INSERT INTO nowhere VALUES (1);'];

  test('names the statement and the error', async () => {
    using project = smallProject();
    await deploy(project);
    project.add('0002_colour', failing);
    await apply(project);
    using staging = open(project);
    await staging.execute(colour[0] ?? '');
    const [only] = await casesIn(project);
    expect(only?.attempt).toMatchObject({ operation: 'apply', outcome: 'undone', statement: 3 });
    expect(only?.attempt?.error).toMatch(/no such table: nowhere/);
    expect(only?.evidence).toContainEqual(expect.stringMatching(/^Its error: .*no such table: nowhere/));
  });

  test('names the statement of the file where a way out that ran the rest of it failed', async () => {
    using project = smallProject();
    project.add('0002_kept', [
      'CREATE TABLE kept (x);',
      "CREATE TRIGGER kept_teams BEFORE UPDATE ON teams WHEN (SELECT count(*) FROM kept) > 0 BEGIN SELECT RAISE(ABORT, 'kept'); END;",
    ]);
    await deploy(project);
    project.add('0003_colour', [...colour, "UPDATE teams SET colour = 'red';"]);
    using staging = open(project);
    await staging.execute(colour[0] ?? '');
    // The rows change between the dry-run and the unit.
    writeFileSync(
      join(project.root, 'meanwhile.mjs'),
      "import { DatabaseSync } from 'node:sqlite'; new DatabaseSync('staging.db').exec('INSERT INTO kept VALUES (1)');",
    );
    project.configure({ hooks: { beforeApply: { staging: `'${process.execPath}' meanwhile.mjs` } } });
    const resume = { kind: 'recover', environment: 'staging', option: 'resume' } as const;
    const events = await carryOut(project, { ...resume, database: undefined, only: undefined, consent });
    expect(events.at(-1)).toMatchObject({ kind: 'failed', code: 'statement-failed' });
    const [only] = await casesIn(project);
    expect(only?.verdict).toBe('stopped after statement 1 of 3');
    expect(only?.attempt).toMatchObject({ operation: 'recover', outcome: 'undone', statement: 3 });
  });

  test('tells that the file was edited in what is taken to have run', async () => {
    using project = smallProject();
    await deploy(project);
    project.add('0002_colour', failing);
    await apply(project);
    const edited = ['ALTER TABLE teams ADD colour text DEFAULT NULL;', ...failing.slice(1)];
    writeFileSync(join(project.root, 'drizzle/0002_colour.sql'), edited.join('\n--> statement-breakpoint\n'));
    using staging = open(project);
    await staging.execute(edited[0] ?? '');
    const [only] = await casesIn(project);
    expect(only?.verdict).toBe('stopped after statement 1 of 3');
    expect(only?.evidence).toContain(
      'How far it came is told from the file as it is now, which is another text than the one that ran.',
    );
    expect(only?.options.filter(({ recommended }) => recommended)).toEqual([]);
  });

  test('is not needed: without it the verdict is the same', async () => {
    using project = smallProject();
    await deploy(project);
    project.add('0002_colour', failing);
    await apply(project);
    using staging = open(project);
    await staging.execute(colour[0] ?? '');
    rmSync(join(project.root, '.migrate-tui'), { recursive: true });
    const [only] = await casesIn(project);
    expect(only?.verdict).toBe('stopped after statement 1 of 3');
    expect(only).not.toHaveProperty('attempt');
  });
});

/** A table that no file makes, and a migration that needs it; the next one is pending. */
async function legacy(project: SmallProject, staging: Client): Promise<void> {
  await staging.execute('CREATE TABLE legacy (id integer PRIMARY KEY)');
  project.add('0002_legacy', ['ALTER TABLE legacy ADD name text;']);
  await apply(project);
  project.add('0003_colour', colour);
}

async function hold(
  staging: Client,
  { tag, seconds }: { readonly tag: string; readonly seconds: number },
): Promise<void> {
  for (const { sql } of sqliteLease.create) await staging.execute(sql);
  await staging.execute({
    sql: `INSERT OR REPLACE INTO __migrate_tui_lease (id, run, epoch, held_by, host, tag, taken_at, expires_at)
      VALUES (1, '7.4711.anothermachine.cafe', 9, 'bo', 'server', ?, ?, ?)`,
    args: [tag, Date.now() - 5000, Date.now() + seconds * 1000],
  });
}

function open({ root }: SmallProject): Client & Disposable {
  const client = createClient({ url: `file:${join(root, 'staging.db')}` });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

async function deploy(project: SmallProject): Promise<void> {
  const events = await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
}

async function apply(project: SmallProject): Promise<void> {
  await carryOut(project, { kind: 'apply', environment: 'staging', selection, consent });
}

async function casesIn(project: SmallProject): Promise<readonly RecoveryCase[]> {
  await using session = await sessionOn(project);
  const report = await session.ask({ kind: 'recovery', environment: 'staging', databases: undefined });
  if (report.kind !== 'recovery') throw new Error(report.kind);
  return report.cases;
}
