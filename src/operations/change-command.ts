import { commandLine } from '../lib/command-line.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Change, Selection } from './change.ts';

/** What is asked for, without what is agreed to and without what an earlier rehearsal of a way back or out left. */
export type AskedChange = Asked<Change>;

type Asked<Of> = Of extends { readonly kind: 'rollback' | 'recover' }
  ? Omit<Of, 'consent' | 'planFile'>
  : Omit<Of, 'consent' | 'terminal'>;

/** The command line that asks for a change, without flags of consent: run again it asks for the same. */
export function changeCommand(change: AskedChange): string {
  return commandLine(changeWords(change));
}

/** The same as the words after `migrate-tui`; `cli/changes.ts` reads them. */
export function changeWords(change: AskedChange): readonly string[] {
  const { kind, environment } = change;
  switch (change.kind) {
    case 'deploy':
    case 'dry-run':
    case 'apply':
      return [kind, environment, ...selectionWords(change.selection)];
    case 'deploy-plan':
      return ['deploy', environment, ...flag('plan', change.planFile)];
    case 'backup':
      return [
        kind,
        environment,
        ...databaseWords(change.databases),
        ...flag('tables', listed(change.tables)),
        ...(change.archive === 'wanted' ? ['--archive'] : []),
      ];
    case 'restore':
      return [
        kind,
        environment,
        change.backup,
        ...flag('database', change.database),
        ...flag('tables', listed(change.tables)),
      ];
    case 'rollback':
      return [kind, environment, ...flag('to', change.to), ...databaseWords(change.databases)];
    case 'recover':
      return [
        kind,
        environment,
        ...flag('choose', change.option),
        ...flag('database', change.database),
        ...flag('only', change.only),
      ];
    case 'reset':
      return [
        kind,
        environment,
        ...(change.end === 'empty' ? ['--empty'] : []),
        ...databaseWords(change.databases),
      ];
    case 'push':
      return [kind, environment, ...flag('database', change.database)];
    case 'resync':
      return [
        kind,
        environment,
        ...flag('from', change.from),
        ...flag('exclude', listed(change.exclude)),
        ...[...(change.masks ?? [])].flatMap(([column, rule]) => flag('mask', `${column}=${rule}`)),
        ...databaseWords(change.databases),
      ];
    case 'mark':
      return [kind, environment, change.tag, change.as, ...flag('database', change.database)];
    case 'baseline':
      return [kind, environment, ...flag('at', change.at), ...flag('database', change.database)];
    case 'tidy':
      return ['squash', ...flag('tidy', environment), ...flag('database', change.database)];
    default:
      return unreachable(change);
  }
}

function selectionWords({ databases, to, only, order }: Selection): readonly string[] {
  return [
    ...databaseWords(databases),
    ...flag('to', to),
    ...flag('only', only),
    ...(order === 'out-of-order' ? ['--out-of-order'] : []),
  ];
}

function databaseWords(databases: readonly string[] = []): readonly string[] {
  return databases.flatMap((database) => flag('database', database));
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}`, value];
}

function listed(names: readonly string[] = []): string | undefined {
  return names.length === 0 ? undefined : names.join(',');
}
