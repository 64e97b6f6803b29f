import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callsOf, valuesOf } from './support/calls.ts';
import { startResident, type Resident } from './support/resident.ts';
import { smallProject, type SmallProject } from './support/small-project.ts';

const files = globSync('src/**/*.ts', { exclude: ['src/tui/**'] }).map(
  (path) => [path, readFileSync(path, 'utf8')] as const,
);

describe('what is next', () => {
  const nexts = files.flatMap(([path, text]) => valuesOf(text, 'next').map((next) => [path, next] as const));

  test('is a sentence with its full stop, or ends with a command, which has none', () => {
    expect(nexts.length).toBeGreaterThan(200);
    const odd = nexts.filter(([, next]) => !isWhole(next.slice(1, -1)));
    expect(odd).toEqual([]);
  });

  test('ends with no full stop behind a command that stands alone after a colon', () => {
    expect(nexts.filter(([, next]) => bare.test(next))).toEqual([]);
  });
});

/** Nothing but a command and its words, as it would be copied into a shell. */
const bare = /: migrate-tui [a-z-]+(?: (?:--[a-z-]+|[A-Z]+|\$\{[^}]*\}))*\.['`]$/;

/** Of what is put together at run time only the beginning is looked at. */
function isWhole(next: string): boolean {
  return /[.?}…]$/.test(next) || /(?:^|: )(?:migrate-tui|npm|chmod|ALTER|\$\{|--)/.test(next);
}

describe('a message', () => {
  test('of what stands above the engines is written as whole sentences', () => {
    const above = /^src\/(?:cli|session|runs|project)\//;
    const messages = files
      .filter(([path]) => above.test(path))
      .flatMap(([path, text]) =>
        callsOf(text, 'new MigrateError').flatMap(({ line, args: [, message = ''] }) =>
          /^['"`]/.test(message) ? [`${path}:${line} ${message.slice(1, -1)}`] : [],
        ),
      );
    expect(messages.length).toBeGreaterThan(150);
    expect(messages.filter((message) => !/[.?}]$/.test(message))).toEqual([]);
  });

  describe('ends with a full stop where it is printed, whoever wrote it', () => {
    let resident: Resident;
    let project: SmallProject;
    const said = new Set<string>();
    beforeAll(async () => {
      resident = startResident();
      project = smallProject();
      project.configure({ databases: { app: { migrations: 'drizzle' }, other: { migrations: 'nowhere' } } });
      project.configureEnvironment('staging', { targets: { app: 'file:package.json' } });
      project.configureEnvironment('production', { targets: { app: 'http://127.0.0.1:9' } });
      project.configureEnvironment('odd', { targets: { other: 'file:odd.db' } });
    });
    afterAll(async () => {
      await resident[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    });

    test.each([
      'deploy staging --yes',
      'deploy production --yes --confirm production',
      'deploy odd --yes',
      'deploy local --to 7 --yes',
      'plan odd',
      'plan local --to 7',
      'migration 7',
      'recover staging',
      'recover production',
      'recover local --only 7',
      'verify staging',
      'query production SELECT',
      'query local SELECT',
      'restore local b4',
      'show 4',
      'bananas',
      'drift odd',
      'drift local --against package.json',
      'schema staging',
      'deploy local --plan nowhere.json',
      'status --database nowhere',
    ])('%s', async (line) => {
      const { last, stderr } = await resident.run([...line.split(' '), '--json'], {
        cwd: project.root,
        env: { ...project.env, CI: '1' },
      });
      const refused: readonly unknown[] = Array.isArray(last?.['refusals']) ? last['refusals'] : [last];
      expect(refused, stderr).not.toEqual([]);
      for (const one of refused) said.add(JSON.stringify(one));
      for (const one of refused) expect(one).toMatchObject({ message: expect.stringMatching(/[.?:]$/) });
    });

    test('which are different ones', () => {
      expect(said.size).toBeGreaterThan(8);
    });
  });
});
