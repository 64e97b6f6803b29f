import type { ItemState } from '../../operations/reports.ts';
import type { Context, RequestOf } from '../screen.ts';
import { askBlocked, writeRefused } from './jobs.ts';

/** The records of an environment: of one migration where one is meant, else the place that its schema is. */
export interface Meant {
  readonly environment: string;
  readonly item: { readonly tag: string; readonly state: ItemState | undefined } | undefined;
}

/** The page that corrects them: what is recorded is taken away, what is not is recorded. */
export function bookkeepingOf({ environment, item }: Meant, context: Context): RequestOf<'change'> {
  const words =
    item === undefined
      ? ['baseline', environment]
      : ['mark', environment, item.tag, isRecorded(item.state) ? 'pending' : 'applied'];
  return { screen: 'change', environment, words: [...words, ...databaseWords(context)] };
}

/** The place that its schema is: of the database that a migration failed in. */
export function baselineOf(
  environment: string,
  failed: { readonly database: string } | undefined,
): RequestOf<'change'> {
  const words = ['baseline', environment, ...(failed ? ['--database', failed.database] : [])];
  return { screen: 'change', environment, words };
}

/** Why its records cannot be changed now; undefined: they can. */
export function bookkeepingBlocked({ environment, item }: Meant, context: Context): string | undefined {
  if (item?.state === 'orphan') return 'it has no file; w shows the ways out';
  if (item?.state === 'half') return 'it is half-finished; w shows the ways out';
  return writeBlocked(environment, context);
}

/** Why nothing may be written to an environment from here; undefined: it may. */
export function writeBlocked(name: string, context: Context): string | undefined {
  const environment = context.environments.get(name);
  const asked = askBlocked(environment);
  if (asked !== undefined) return asked;
  return environment && writeRefused(environment);
}

/** Why an environment is not emptied; undefined: it may be. */
export function resetBlocked(name: string, context: Context): string | undefined {
  if (context.environments.get(name)?.protected) return 'protected, never emptied';
  return writeBlocked(name, context);
}

/** Of the database that the header marks, where there are several. */
function databaseWords({ database, opening }: Context): readonly string[] {
  const several = (opening?.databases.length ?? 0) > 1;
  return several && database !== undefined ? ['--database', database] : [];
}

function isRecorded(state: ItemState | undefined): boolean {
  return state === 'applied' || state === 'changed' || state === 'squashed';
}
