import { resolve } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import type { Change } from '../operations/change.ts';
import type { Project } from '../project/project.ts';
import type { Given } from './arguments.ts';
import type { CommandName } from './commands.ts';
import { readConsent, readDatabase, readDatabases, readSelection, readTables } from './consent.ts';
import { asking, type Invocation } from './invocation.ts';
import { readMasks } from './masks.ts';

/** The changes a command line asks for, one after the other: several only with `--through`. */
export function changesOf(invocation: Invocation, project: Project): readonly Change[] {
  const { command, given, cwd } = invocation;
  const read = readers[command.name];
  if (read === undefined) throw new Error(`${command.name} is no change.`);
  const environment = given.value('tidy') ?? given.required(0);
  const terminal = asking(invocation) === 'possible' ? 'ours' : 'none';
  return read({ given, cwd, project, environment, terminal });
}

interface Words {
  readonly given: Given;
  readonly cwd: string;
  readonly project: Project;
  readonly environment: string;
  /** Whether somebody can be asked on it. */
  readonly terminal: 'ours' | 'none';
}

const readers: Partial<Record<CommandName, (words: Words) => readonly Change[]>> = {
  deploy: deploys,
  apply: ({ given, environment }) => [{ kind: 'apply', environment, ...selected(given, environment) }],
  'dry-run': ({ given, environment }) => [{ kind: 'dry-run', environment, selection: readSelection(given) }],
  backup: ({ given, environment }) => [backup(given, environment)],
  restore: ({ given, environment }) => [restore(given, environment)],
  rollback: ({ given, environment, cwd }) => [
    {
      kind: 'rollback',
      environment,
      databases: readDatabases(given),
      to: readStay(given, environment),
      ...(given.has('plan') && { planFile: resolve(cwd, given.value('plan') ?? '') }),
      consent: readConsent(given, environment),
    },
  ],
  mark: ({ given, environment }) => [
    {
      kind: 'mark',
      environment,
      database: readDatabase(given),
      tag: given.required(1),
      as: readState(given.required(2)),
      consent: readConsent(given, environment),
    },
  ],
  reset: ({ given, environment }) => [
    {
      kind: 'reset',
      environment,
      databases: readDatabases(given),
      end: given.has('empty') ? 'empty' : 'rebuilt',
      consent: readConsent(given, environment),
    },
  ],
  push: ({ given, environment, terminal }) => [
    {
      kind: 'push',
      environment,
      database: readDatabase(given),
      terminal,
      consent: readConsent(given, environment),
    },
  ],
  resync: ({ given, environment }) => [
    {
      kind: 'resync',
      environment,
      from: readFrom(given, environment),
      databases: readDatabases(given),
      exclude: readTables(given, 'exclude') ?? [],
      ...readMasks(given),
      consent: readConsent(given, environment),
    },
  ],
  baseline: ({ given, environment }) => [
    {
      kind: 'baseline',
      environment,
      database: readDatabase(given),
      at: given.value('at'),
      consent: readConsent(given, environment),
    },
  ],
  squash: ({ given, environment }) => [
    {
      kind: 'tidy',
      environment,
      database: readDatabase(given),
      consent: readConsent(given, environment),
    },
  ],
  recover: ({ given, environment, cwd }) => [
    {
      kind: 'recover',
      environment,
      database: readDatabase(given),
      option: given.value('choose') ?? '',
      only: given.value('only'),
      ...(given.has('plan') && { planFile: resolve(cwd, given.value('plan') ?? '') }),
      consent: readConsent(given, environment),
    },
  ],
};

function readStay(given: Given, environment: string): string {
  const to = given.value('to');
  if (to !== undefined) return to;
  throw new MigrateError('usage', 'rollback does not say what stays applied.', {
    next: `Add --to TAG: everything after TAG is taken back. migrate-tui status ${environment} lists what is applied.`,
  });
}

function readFrom(given: Given, environment: string): string {
  const from = given.value('from');
  if (from !== undefined) return from;
  throw new MigrateError('usage', 'resync does not say which environment is copied.', {
    next: `Add --from ENV: ${environment} takes what ENV has.`,
  });
}

function readState(text: string): 'applied' | 'pending' {
  if (text === 'applied' || text === 'pending') return text;
  throw new MigrateError('usage', `${JSON.stringify(text)} is no state that a record can say.`, {
    next: 'Write applied or pending.',
  });
}

function deploys({ given, environment, cwd, project }: Words): readonly Change[] {
  const planFile = given.value('plan');
  if (planFile !== undefined) {
    const other = (['to', 'only', 'out-of-order', 'through', 'database', 'without'] as const).find((flag) =>
      given.has(flag),
    );
    if (other !== undefined) {
      throw new MigrateError('usage', `--plan and --${other} do not fit: the plan says it all.`, {
        next: `Leave --${other} away, or rehearse again with dry-run.`,
      });
    }
    const consent = readConsent(given, environment);
    return [{ kind: 'deploy-plan', environment, planFile: resolve(cwd, planFile), consent }];
  }
  const names = given.has('through') ? upTo(environment, project) : [environment];
  return names.map((name) => ({ kind: 'deploy', environment: name, ...selected(given, name) }));
}

function selected(given: Given, environment: string) {
  return { selection: readSelection(given), consent: readConsent(given, environment) };
}

/** Every environment up to and including this one, in promotion order. */
function upTo(environment: string, { environments }: Project): readonly string[] {
  const names = environments.map(({ name }) => name);
  const at = names.indexOf(environment);
  // An unknown name goes on alone, for the session to refuse it with the names that there are.
  return at === -1 ? [environment] : names.slice(0, at + 1);
}

function backup(given: Given, environment: string): Change {
  const tables = readTables(given);
  const archive = given.has('archive');
  if (tables && archive) {
    throw new MigrateError('usage', '--tables and --archive do not fit: an archive is a whole database.', {
      next: 'Leave one of them away.',
    });
  }
  const databases = readDatabases(given);
  return { kind: 'backup', environment, databases, tables, ...(archive && { archive: 'wanted' }) };
}

function restore(given: Given, environment: string): Change {
  return {
    kind: 'restore',
    environment,
    backup: given.required(1),
    database: readDatabase(given),
    tables: readTables(given),
    consent: readConsent(given, environment),
  };
}
