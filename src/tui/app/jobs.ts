import { count } from '../../lib/numbers.ts';
import type { ItemState, StatusEnvironment } from '../../operations/reports.ts';
import type { Context, KnownEnvironment } from '../screen.ts';

/** How many migrations of an environment are pending, over all its databases; undefined while not known. */
export function pendingIn(environment: KnownEnvironment | undefined): number | undefined {
  return environment?.status?.targets.reduce((sum, { pending }) => sum + pending, 0);
}

/** Whether something in it is unfinished or contradicts itself, or a run on it did not end: then ways out are shown. */
export function hasCase(environment: KnownEnvironment | undefined, { opening }: Context): boolean {
  if (environment === undefined) return false;
  return (
    (environment.status !== undefined && showsCase(environment.status)) ||
    (opening?.unfinished.some((run) => run.environment === environment.name) ?? false)
  );
}

/** The same, as far as the environment itself tells. */
export function showsCase(status: StatusEnvironment): boolean {
  return (
    isHalfFinished({ status }) ||
    status.targets.some(({ lock, items }) => lock !== undefined || items.some(({ state }) => odd.has(state)))
  );
}

export function isHalfFinished({ status }: Pick<KnownEnvironment, 'status'>): boolean {
  return status?.targets.some(({ state }) => state.includes('half-finished')) ?? false;
}

const odd: ReadonlySet<ItemState> = new Set(['half', 'skipped', 'changed', 'orphan', 'unrecorded']);

/** Why an environment cannot be deployed to now; undefined: it can. */
export function deployBlocked(context: Context, name: string | undefined): string | undefined {
  const environment = name === undefined ? undefined : context.environments.get(name);
  if (environment === undefined) return 'no environment is known yet';
  const asked = askBlocked(environment);
  if (asked !== undefined) return asked;
  if (isHalfFinished(environment)) return `finish ${environment.name} first`;
  const refused = writeRefused(environment);
  if (refused !== undefined) return refused;
  return pendingIn(environment) === 0 ? nothingToDeploy(environment) : undefined;
}

/** Why the configuration lets nothing be written to it from here; undefined: it does. */
export function writeRefused({
  readOnly,
  status,
}: Pick<KnownEnvironment, 'readOnly' | 'status'>): string | undefined {
  if (readOnly) return 'read-only in the configuration';
  return status?.changesFrom === undefined ? undefined : 'changed from a build machine alone';
}

/** What the original tool passes over is not pending, and yet it has not run. */
function nothingToDeploy({ status }: KnownEnvironment): string {
  const items = status?.targets.flatMap((target) => target.items) ?? [];
  const skipped = items.filter(({ state }) => state === 'skipped').length;
  return skipped === 0 ? 'nothing pending' : `${count(skipped)} skipped, w leads out`;
}

/** Why there is no history of which one file could be made; undefined: there is, or it was made already. */
export function squashBlocked({ opening, database }: Context): string | undefined {
  const found = opening?.databases.find(({ name }) => name === database);
  if (found === undefined) return 'no migrations are known yet';
  return found.migrations.length === 0 ? 'there are no migrations' : undefined;
}

/** Why an environment cannot be read now; undefined: it can, or it is not known yet whether it answers. */
export function askBlocked(environment: KnownEnvironment | undefined): string | undefined {
  if (environment === undefined) return 'no environment is known yet';
  const { name, status, asking } = environment;
  const silent = `${name} is unreachable, r asks again`;
  if (status === undefined) return asking === 'no' ? silent : undefined;
  const dead =
    status.targets.length > 0 && status.targets.every(({ state }) => state.includes('unreachable'));
  return dead ? silent : undefined;
}
