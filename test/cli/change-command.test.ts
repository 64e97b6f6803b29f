import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { changesOf } from '../../src/cli/changes.ts';
import { openOutput } from '../../src/cli/output/output.ts';
import { changeCommand, changeWords, type AskedChange } from '../../src/operations/change-command.ts';
import type { Change } from '../../src/operations/change.ts';
import { readProject } from '../../src/project/read-project.ts';
import { cli } from '../support/cli.ts';
import { smallProject } from '../support/small-project.ts';

const environment = 'staging';
const databases = ['app', 'auth'];
const database = 'auth';
const selection = { databases, to: '0002_teams', only: undefined, order: 'out-of-order' } as const;
const everything = { databases: undefined, to: undefined, only: undefined, order: 'in-order' } as const;

const output = openOutput({ has: () => false, value: () => undefined }, {});

/** Of every kind of change one with all that can be said, then one with as little. */
const asked: { readonly [Kind in Change['kind']]: readonly (AskedChange & { readonly kind: Kind })[] } = {
  deploy: [
    { kind: 'deploy', environment, selection },
    { kind: 'deploy', environment, selection: everything },
  ],
  'deploy-plan': [{ kind: 'deploy-plan', environment, planFile: '/plans/staging 1.json' }],
  'dry-run': [
    { kind: 'dry-run', environment, selection },
    { kind: 'dry-run', environment, selection: { ...everything, only: '0002' } },
  ],
  apply: [{ kind: 'apply', environment, selection }],
  backup: [
    { kind: 'backup', environment, databases, tables: undefined, archive: 'wanted' },
    { kind: 'backup', environment, databases: undefined, tables: ['users', 'order items'] },
  ],
  restore: [
    { kind: 'restore', environment, backup: 'b7', database, tables: ['users', 'teams'] },
    { kind: 'restore', environment, backup: 'b7', database: undefined, tables: undefined },
  ],
  rollback: [
    { kind: 'rollback', environment, databases, to: 'nothing' },
    { kind: 'rollback', environment, databases: undefined, to: '0001_members' },
  ],
  recover: [
    { kind: 'recover', environment, database, option: 'resume', only: '0001_members' },
    { kind: 'recover', environment, database: undefined, option: 'record', only: undefined },
  ],
  reset: [
    { kind: 'reset', environment, databases, end: 'empty' },
    { kind: 'reset', environment, databases: undefined, end: 'rebuilt' },
  ],
  push: [
    { kind: 'push', environment, database },
    { kind: 'push', environment, database: undefined },
  ],
  resync: [
    {
      kind: 'resync',
      environment,
      from: 'production',
      databases,
      exclude: ['logs', 'sessions'],
      masks: new Map([['users.email', 'hash']]),
    },
    { kind: 'resync', environment, from: 'production', databases: undefined, exclude: [] },
  ],
  mark: [{ kind: 'mark', environment, database, tag: '0001_members', as: 'pending' }],
  baseline: [
    { kind: 'baseline', environment, database, at: '0001_members' },
    { kind: 'baseline', environment, database: undefined, at: undefined },
  ],
  tidy: [
    { kind: 'tidy', environment, database },
    { kind: 'tidy', environment, database: undefined },
  ],
};

test.each(Object.values(asked).flat())(
  '$kind is asked for again by the command that is named for it',
  async (change) => {
    using small = smallProject();
    const argv = changeWords(change);
    const parsed = parseArguments(argv);
    if (parsed.kind !== 'command') throw new Error(`${argv.join(' ')} is no command.`);
    const { command, given } = parsed;
    const project = await readProject({ cwd: small.root, env: small.env });
    const again = changesOf({ command, given, argv, output, cwd: small.root, env: small.env }, project);
    expect(again).toEqual([expect.objectContaining(change)]);
  },
);

test('a dry-run that fails is tried again by a dry-run of the same migrations, not by a deploy', async () => {
  using small = smallProject();
  small.add('0002_next', ['REINDEX zilch;']);
  const { exitCode, stderr } = await cli(['dry-run', 'staging', '--to', '0002_next'], {
    cwd: small.root,
    env: small.env,
  });
  expect(exitCode).toBe(4);
  expect(stderr).toContain('try again: migrate-tui dry-run staging --to 0002_next;');
});

test('a name that a shell would take apart is quoted', () => {
  expect(changeCommand({ kind: 'deploy', environment: "it's mine", selection: everything })).toBe(
    "migrate-tui deploy 'it'\\''s mine'",
  );
});
