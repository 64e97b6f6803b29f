import { isAbsolute, join, resolve } from 'node:path';
import { stateFolderOf } from '../lib/state-folder.ts';

/** Where this program keeps what it writes; asking makes none of it, but for a scratch copy that it takes away again. */
export interface Places {
  /** `.migrate-tui/` in the project: the ledger and the event logs. Deleting it loses the record of runs only. */
  readonly home: string;
  /** A path, or a URL of a shared ledger. */
  readonly ledger: string;
  readonly runs: string;
  readonly logs: string;
  /** Outside the project, because rows lie there: 0700. */
  readonly backups: string;
  readonly scratch: string;
  readonly plans: string;
  /** Which remote databases have shown that a failing batch leaves nothing behind. */
  readonly selfTests: string;
}

/** Where the events of a run are kept, one a line. */
export function eventsFile({ runs }: Pick<Places, 'runs'>, run: number): string {
  return join(runs, `${run}.ndjson`);
}

/** Where everything that left the program in a run is kept. */
export function logFile({ logs }: Pick<Places, 'logs'>, run: number): string {
  return join(logs, `${run}.log`);
}

/** In the project lies what tells of its runs; what holds rows lies in the user's state folder, unless the configuration says otherwise. */
export function placesOf(
  project: {
    readonly root: string;
    readonly ledger: string | undefined;
    readonly backupsTo: string | undefined;
  },
  env: Readonly<Record<string, string | undefined>>,
): Places {
  const home = join(project.root, '.migrate-tui');
  const state = stateFolderOf(project.root, env);
  return {
    home,
    ledger: ledgerAt(project.root, project.ledger) ?? join(home, 'ledger.db'),
    runs: join(home, 'runs'),
    logs: join(home, 'logs'),
    backups:
      project.backupsTo === undefined ? join(state, 'backups') : resolve(project.root, project.backupsTo),
    scratch: join(state, 'scratch'),
    plans: join(state, 'plans'),
    selfTests: join(state, 'self-tests'),
  };
}

function ledgerAt(root: string, ledger: string | undefined): string | undefined {
  if (ledger === undefined) return undefined;
  if (ledger.startsWith('file:'))
    return resolve(root, ledger.slice('file:'.length).replace(/^\/\/(?=\/)/, ''));
  return ledger.includes('://') || isAbsolute(ledger) ? ledger : resolve(root, ledger);
}
