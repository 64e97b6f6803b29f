import { dirname, resolve } from 'node:path';
import { readBackupKeys } from '../backup-keys.ts';
import { configuredDatabases } from './databases.ts';
import { configuredEnvironments } from './environments.ts';
import { folderDialect } from '../../migrations/folder-dialect.ts';
import { isNumberedFolder } from '../../migrations/numbered-folder.ts';
import { withDialects } from './dialects.ts';
import { keepDays, noHooks } from '../defaults.ts';
import { variablesFor } from '../dotenv.ts';
import type { ParsedConfig } from '../config/parse.ts';
import type { Environment, HookCommands, Hooks, Project } from '../project.ts';
import { isReference } from '../evaluation/references.ts';
import { bad, inside, unknownName, type Place } from '../config/shape.ts';
import type { Surroundings } from './surroundings.ts';

export type ConfiguredParts = Pick<
  Project,
  | 'databases'
  | 'environments'
  | 'hooks'
  | 'notify'
  | 'backups'
  | 'ledger'
  | 'seed'
  | 'masks'
  | 'ignoreDrift'
  | 'rules'
  | 'installations'
  | 'theme'
  | 'notes'
>;

/** Joins our configuration with what was found. Throws `config` with file, key and fix. */
export function configuredParts(config: ParsedConfig, around: Surroundings): ConfiguredParts {
  const whole = { file: around.file, key: '' };
  const named = configuredDatabases(config, around);
  const reached = configuredEnvironments(config, named, around);
  const { databases, environments } = withDialects(
    config,
    { databases: named, environments: reached },
    around,
  );
  return {
    databases,
    environments,
    hooks: hooksOf(config.hooks, environments, inside(whole, 'hooks')),
    notify: notifyOf(config.notify, environments),
    backups: backupsOf(config.backups, inside(whole, 'backups'), around),
    ledger: around.unset === 'missed' ? ledgerOf(config.ledger, inside(whole, 'ledger'), around) : undefined,
    seed: seedOf(config.seed, environments, inside(whole, 'seed')),
    masks: config.masks ?? new Map(),
    ignoreDrift: config.ignoreDrift ?? [],
    rules: config.rules ?? new Map(),
    installations: config.installations ?? 'known',
    theme: config.theme,
    notes: notesOf(config),
  };
}

/**
 * Whether anything of the Drizzle configurations is still needed.
 *
 * @param file absolute path of our configuration
 */
export function needsDrizzle({ databases, environments }: ParsedConfig, file: string): boolean {
  if (databases === undefined || environments === undefined) return true;
  return Array.from(databases).some(
    ([name, { migrations, table, tableSchema, bookkeeping }]) =>
      migrations === undefined ||
      (bookkeeping === undefined && isNumberedFolder(resolve(dirname(file), migrations))) ||
      (table === undefined && bookkeeping !== 'd1' && bookkeeping !== 'numbered') ||
      (tableSchema === undefined &&
        bookkeeping !== 'numbered' &&
        isPostgres(name, resolve(dirname(file), migrations), environments)),
  );
}

/** As far as the files say; a variable says it only when it is read. */
function isPostgres(
  database: string,
  directory: string,
  environments: NonNullable<ParsedConfig['environments']>,
): boolean {
  const named = Array.from(environments.values()).some(({ targets }) => {
    const target = targets?.get(database);
    if (target?.kind === 'url') return /^(?:postgres(?:ql)?|pglite):/i.test(target.url);
    return target?.kind === 'postgres';
  });
  return named || folderDialect(directory) === 'postgres';
}

function seedOf(given: ParsedConfig['seed'], environments: readonly Environment[], at: Place): HookCommands {
  const names = environments.map(({ name }) => name);
  for (const name of typeof given === 'object' ? Object.keys(given) : []) {
    if (!names.includes(name)) throw unknownName(at, 'environment', name, names);
  }
  return given;
}

function hooksOf(given: ParsedConfig['hooks'], environments: readonly Environment[], at: Place): Hooks {
  const names = environments.map(({ name }) => name);
  for (const [moment, commands] of Object.entries(given ?? {})) {
    if (typeof commands !== 'object') continue;
    for (const name of Object.keys(commands)) {
      if (!names.includes(name)) throw unknownName(inside(at, moment), 'environment', name, names);
    }
  }
  return { ...noHooks, ...given };
}

function notifyOf(given: ParsedConfig['notify'], environments: readonly Environment[]): Project['notify'] {
  const names = environments.map(({ name }) => name);
  return (given ?? []).map(({ at, ...receiver }) => {
    const unknown = receiver.environments?.find((name) => !names.includes(name));
    if (unknown !== undefined) throw unknownName(inside(at, 'environments'), 'environment', unknown, names);
    return receiver;
  });
}

function backupsOf(
  given: ParsedConfig['backups'],
  at: Place,
  { root, env }: Surroundings,
): Project['backups'] {
  return {
    to: given?.to === undefined ? undefined : resolve(dirname(at.file), given.to),
    keepDays: given?.keep === undefined ? keepDays : given.keep / 86_400_000,
    keys: given?.key === undefined ? [] : readBackupKeys(given.key, variablesFor(root, undefined, env)),
  };
}

function ledgerOf(given: string | undefined, at: Place, { root, env }: Surroundings): string | undefined {
  if (given === undefined) return undefined;
  const name = isReference(given) ? given.slice('env:'.length) : undefined;
  const value = name === undefined ? given : variablesFor(root, undefined, env)[name];
  if (!value) throw bad(at, `needs ${name}, which is not set`, `Set ${name} in the environment or in .env.`);
  if (/^(?:libsql|https?|wss?):/.test(value)) return value;
  return resolve(dirname(at.file), value.replace(/^file:(?:\/\/(?=\/))?/, ''));
}

function notesOf(config: ParsedConfig): readonly string[] {
  return Array.from(config.environments ?? []).flatMap(([name, parsed]) => {
    const targets = [...(parsed.targets?.values() ?? [])];
    return parsed.rehearse === 'in-target' && targets.some(({ kind }) => kind !== 'd1')
      ? [
          `environments.${name}.rehearse: 'in-target' is for databases at Cloudflare D1; the others of ${name} are rehearsed in full on a copy.`,
        ]
      : [];
  });
}
