import { statSync } from 'node:fs';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Change } from '../../operations/change.ts';
import type { Address, Environment, Target } from '../../project/project.ts';
import { fileOf } from '../../runs/backups/copies.ts';
import type { Prepared } from './prepare.ts';
import { prepareTargets } from './targets.ts';
import type { Workspace } from '../workspace.ts';

type ResyncChange = Extract<Change, { kind: 'resync' }>;

/**
 * Opens the databases that will be replaced; the direction is looked at before any of them is.
 *
 * @throws MigrateError `usage`, `protected`, `refused` before there is a run
 */
export function prepareResync(
  workspace: Workspace,
  environment: Environment,
  { from, databases }: ResyncChange,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  refuseUnfit(workspace, environment, { from, databases });
  return prepareTargets(workspace, environment, { databases, signal });
}

/** Whether an environment may take what another one has; nothing is opened for it. */
export function mayTake(
  workspace: Workspace,
  environment: Environment,
  wanted: Pick<ResyncChange, 'from' | 'databases'>,
): boolean {
  if (environment.readOnly) return false;
  try {
    refuseUnfit(workspace, environment, wanted);
    return true;
  } catch (error) {
    if (error instanceof MigrateError) return false;
    throw error;
  }
}

function refuseUnfit(
  workspace: Workspace,
  environment: Environment,
  { from, databases }: Pick<ResyncChange, 'from' | 'databases'>,
): void {
  refuseDirection(environment, workspace.environment(from));
  for (const { database, target } of workspace.targetsOf(environment, databases)) {
    const source = sourceOf(workspace, from, { database: database.name, environment: environment.name });
    refusePair(target, source);
  }
}

/** The same database in the environment that is copied. */
export function sourceOf(
  workspace: Workspace,
  from: string,
  { database, environment }: { readonly database: string; readonly environment: string },
): Target {
  const { targets } = workspace.environment(from);
  const found = targets.find((target) => target.database === database);
  if (found) return found;
  throw new MigrateError(
    'refused',
    `${from} has no database ${database} to be copied. Nothing was changed.`,
    {
      next: `Name those that it has: migrate-tui resync ${environment} --from ${from} ${targets.map((target) => `--database ${target.database}`).join(' ')}`,
    },
  );
}

function refuseDirection(environment: Environment, from: Environment): void {
  const { name } = environment;
  if (name === from.name) {
    throw new MigrateError('usage', `${name} cannot be copied into itself. Nothing was changed.`, {
      next: `Name the environment that has what ${name} is to have: migrate-tui resync ${name} --from ENV`,
    });
  }
  if (!environment.protected) return;
  throw new MigrateError(
    'protected',
    `${name} is protected: nothing is ever copied over it. Nothing was changed.`,
    { next: `The other way round it can be read: migrate-tui resync ${from.name} --from ${name}` },
  );
}

function refusePair(target: Target, source: Target): void {
  const [there, here] = [
    `${source.database} of ${source.environment}`,
    `${target.database} of ${target.environment}`,
  ];
  if (!mayBeReplaced(target.address)) {
    throw new MigrateError(
      'refused',
      `${here} is no file on this machine, and only such a database is replaced. Nothing was changed.`,
      { next: 'A database on a server takes a backup of its own back: migrate-tui restore ENV BACKUP' },
    );
  }
  const families = new Set([target, source].flatMap(({ address }) => familyOf(address) ?? []));
  if (families.size > 1) {
    throw new MigrateError(
      'refused',
      `${there} and ${here} are of different kinds (${[...families].toSorted().join(' and ')}): one is not made from the other. Nothing was changed.`,
      { next: 'Name an environment whose database is of the same kind.' },
    );
  }
  if (isSameFile(target.address, source.address)) {
    throw new MigrateError('refused', `${there} and ${here} are one file. Nothing was changed.`, {
      next: `Look at the targets of ${source.environment} and ${target.environment} in the configuration.`,
    });
  }
}

/** Undefined for what cannot be resolved now: it says why when it is opened. */
function familyOf(address: Address): 'D1' | 'libSQL' | 'PostgreSQL' | undefined {
  switch (address.kind) {
    case 'unavailable':
      return undefined;
    case 'd1-local':
    case 'd1-remote':
      return 'D1';
    case 'libsql-file':
    case 'libsql-memory':
    case 'libsql-remote':
      return 'libSQL';
    case 'postgres':
    case 'pglite':
      return 'PostgreSQL';
    default:
      return unreachable(address);
  }
}

function mayBeReplaced(address: Address): boolean {
  return fileOf(address) !== undefined || familyOf(address) === 'PostgreSQL';
}

/** A file can have several names. */
function isSameFile(one: Address, other: Address): boolean {
  const [left, right] = [one, other].map((address) => identityOf(fileOf(address)));
  return left !== undefined && left === right;
}

/** Undefined for what is no file, or not there yet. */
function identityOf(path: string | undefined): string | undefined {
  const found = path === undefined ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
