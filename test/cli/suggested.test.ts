import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { suggestedFrom } from '../../src/cli/output/suggested.ts';
import { byHand } from '../support/by-hand.ts';
import { startResident, type Resident } from '../support/resident.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

describe('a command that is named carries --project and --config of the command that names it', () => {
  let resident: Resident;
  let project: SmallProject;
  let elsewhere: string;
  const naming = new Set<string>();
  beforeAll(async () => {
    resident = startResident();
    project = smallProject();
    elsewhere = join(project.root, '..', 'else where');
    mkdirSync(elsewhere);
    renameSync(join(project.root, 'migrate-tui.config.json'), join(project.root, 'other.config.json'));
    expect(await ask('deploy', 'local', '--yes')).toMatchObject({ exitCode: 0 });
    project.add('0002_notes', [
      'CREATE TABLE notes (id integer PRIMARY KEY);',
      'CREATE TABLE more (id integer PRIMARY KEY);',
    ]);
    await byHand(project, [
      'CREATE TABLE notes (id integer PRIMARY KEY)',
      'CREATE TABLE scratch (id integer)',
    ]);
    await byHand(project, ['CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL)'], 'staging');
  });
  afterAll(async () => {
    await resident[Symbol.asyncDispose]();
    project[Symbol.dispose]();
  });

  function ask(...args: readonly string[]) {
    const place = ['--project', '../project', '--config', '../project/other.config.json'];
    return resident.run([...args, ...place], { cwd: elsewhere, env: { ...project.env, CI: '1' } });
  }

  test.each([
    ['status'],
    ['status local --drift'],
    ['recover local'],
    ['deploy local --yes'],
    ['deploy local'],
    ['deploy production'],
    ['deploy production --yes'],
    ['dry-run local'],
    ['apply production --yes'],
    ['restore local b1'],
    ['restore local b9'],
    ['reset local'],
    ['reset production --yes'],
    ['baseline staging'],
    ['mark local 0002 applied'],
    ['mark staging 0000 applied'],
    ['resync local --from local'],
    ['resync production --from local'],
    ['drop 0001_members'],
    ['squash'],
    ['squash --undo'],
    ['squash --to 0000 --undo'],
    ['migration 9'],
    ['migration 0002 --write'],
    ['plan local'],
    ['show 99'],
    ['deploy local --plan missing.json'],
    ['drift'],
    ['schema nowhere'],
    ['query production "SELECT"'],
    ['init --print'],
    ['doctor'],
    ['generate'],
    ['check'],
    ['push local'],
    ['pull production'],
    ['new'],
    ['backups staging'],
    ['runs staging'],
  ])('%s', async (line) => {
    const words = line.split(' ');
    const text = await ask(...words);
    const json = await ask(...words, '--json');
    for (const said of [text.stdout, text.stderr, json.stdout, json.stderr]) {
      for (const suggestion of suggestionsIn(said)) {
        naming.add(line);
        expect(suggestion).toMatch(/ --project \S*project --config \S*other\.config\.json/);
        expect(suggestion.match(/ --project /g)).toHaveLength(1);
      }
    }
  });

  test('most of them name one, and what is named can be run from there', async () => {
    expect(naming.size).toBeGreaterThan(25);
    const { stdout } = await ask('status', 'local');
    const named = suggestionsIn(stdout).find((line) => line.startsWith('migrate-tui recover')) ?? '';
    const [, ...words] = named.replace(/ (?:offers|shows|proves) .*$/s, '').split(' ');
    const { exitCode, stdout: found } = await resident.run(words, { cwd: elsewhere, env: project.env });
    expect([exitCode, found]).toEqual([3, expect.stringContaining('0002_notes: ')]);
  });

  test('what is recorded of a run is read without them from where the project is', async () => {
    await ask('deploy', 'local', '--yes');
    const { stdout } = await resident.run(['runs', '--json', '--config', 'other.config.json'], {
      cwd: project.root,
      env: project.env,
    });
    expect(stdout).not.toContain('--project');
  });
});

describe('where a command goes', () => {
  const { line, in: shown } = suggestedFrom({
    value: (flag) => (flag === 'project' ? '../my shop' : undefined),
  });

  test('it is quoted for a shell', () => {
    expect(line(['recover', 'dev', '--choose', 'resume'])).toBe(
      "migrate-tui recover --project '../my shop' dev --choose resume",
    );
  });

  test('sentences carry it, each command in them once; data stays as it is', () => {
    const sql = "INSERT INTO notes VALUES ('run migrate-tui deploy production')";
    expect(
      shown({
        next: 'Run migrate-tui generate, then migrate-tui deploy dev --project x; migrate-tui help deploy says how.',
        cases: [{ evidence: ['migrate-tui recover dev'], sql, statements: [sql], rows: [[sql]], at: null }],
        says: ['migrate-tui stopped on something; .migrate-tui/ and migrate-tui.config.ts are files.'],
      }),
    ).toEqual({
      next: "Run migrate-tui generate --project '../my shop', then migrate-tui deploy dev --project x; migrate-tui help deploy says how.",
      cases: [
        {
          evidence: ["migrate-tui recover --project '../my shop' dev"],
          sql,
          statements: [sql],
          rows: [[sql]],
          at: null,
        },
      ],
      says: ['migrate-tui stopped on something; .migrate-tui/ and migrate-tui.config.ts are files.'],
    });
  });

  test('without such a flag everything is as it was', () => {
    const plain = suggestedFrom({ value: () => undefined });
    const data = { next: 'migrate-tui status' };
    expect(plain.in(data)).toBe(data);
    expect(plain.line(['status'])).toBe('migrate-tui status');
  });
});

/** Commands in sentences, each with what follows it. */
function suggestionsIn(text: string): readonly string[] {
  return text
    .replaceAll(/"sql":"(?:[^"\\]|\\.)*"/g, '')
    .split(/(?<![\w./-])(?=migrate-tui [a-z])/)
    .slice(1)
    .filter((part) => !/^migrate-tui (?:help|demo|completion|does|stopped|has|will|\d)/.test(part));
}
