import type { Binding, Context, Effect, ScreenRequest } from '../screen.ts';
import { bookkeepingBlocked, bookkeepingOf, type Meant } from './bookkeeping.ts';
import { fetchBlocked, fetchOf } from './fetching.ts';
import { askBlocked, deployBlocked, hasCase } from './jobs.ts';
import { rollbackBlocked, rollbackOf, rollbackWords } from './rollback.ts';

/** What can be begun for an environment, wherever it is offered: on its pages by a key, in the palette by its name. */
export interface Job {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  /** Why it cannot be begun now; undefined: it can. */
  blocked(environment: string | undefined, context: Context): string | undefined;
  /** The same on the command line, after `migrate-tui`. */
  words(environment: string, context: Context): readonly string[];
  /** The page that it opens. */
  opens(environment: string, context: Context): ScreenRequest;
}

/** By the action that their keys send. */
export const jobs = {
  deploy: {
    key: 'd',
    label: 'deploy',
    help: 'deploy what is pending: opens its review',
    blocked: (environment, context) => deployBlocked(context, environment),
    words: (environment) => ['deploy', environment],
    opens: (environment) => ({ screen: 'review', environment, begin: 'look' }),
  },
  'dry-run': {
    key: 't',
    label: 'dry-run',
    help: 'try it on a restored backup: reads the target, writes a copy only',
    blocked: (environment, context) => deployBlocked(context, environment),
    words: (environment) => ['dry-run', environment],
    opens: (environment) => ({ screen: 'review', environment, begin: 'dry-run' }),
  },
  compare: {
    key: 'c',
    label: 'compare',
    help: 'its schema with what its migrations give: what drifted, and the likely cause',
    blocked: (environment, context) => askBlocked(known(environment, context)),
    words: (environment) => ['drift', environment],
    opens: (environment) => ({ screen: 'drift', environment }),
  },
  verify: {
    key: 'v',
    label: 'verify',
    help: 'check schema, rows, foreign keys and integrity',
    blocked: (environment, context) => askBlocked(known(environment, context)),
    words: (environment) => ['verify', environment],
    opens: (environment) => ({ screen: 'verify', environment }),
  },
  ways: {
    key: 'w',
    label: 'ways out',
    help: 'what is unfinished or contradicts itself here, and what leads out',
    blocked: (environment, context) =>
      hasCase(known(environment, context), context)
        ? undefined
        : `nothing in ${environment ?? 'any environment'} is unfinished`,
    words: (environment) => ['recover', environment],
    opens: (environment) => ({ screen: 'recovery', environment }),
  },
  rollback: {
    key: 'u',
    label: 'roll back',
    help: 'take the newest migration back by its rollback file: opens its review',
    blocked: (environment, context) =>
      environment === undefined
        ? 'no environment is known yet'
        : rollbackBlocked(allOf(environment), context),
    words: (environment, context) => rollbackWords(allOf(environment), context),
    opens: (environment, context) => rollbackOf(allOf(environment), context),
  },
  backups: {
    key: 'b',
    label: 'backups',
    help: 'the backups of this environment: the way back',
    blocked: () => undefined,
    words: (environment) => ['backups', environment],
    opens: (environment) => ({ screen: 'backups', environment }),
  },
  bookkeeping: {
    key: 'm',
    label: 'baseline',
    help: 'record the place of the history that its schema is; no statement is run',
    blocked: (environment, context) =>
      environment === undefined
        ? 'no environment is known yet'
        : bookkeepingBlocked(allOf(environment), context),
    words: (environment, context) => bookkeepingOf(allOf(environment), context).words,
    opens: (environment, context) => bookkeepingOf(allOf(environment), context),
  },
  fetch: {
    key: 'f',
    label: 'fetch data',
    help: 'replace this environment with what another one has: choose which, then its review',
    blocked: fetchBlocked,
    words: (environment) => ['resync', environment, '--from', 'ENV'],
    opens: fetchOf,
  },
  runs: {
    key: 'H',
    label: 'history',
    help: 'the runs so far',
    blocked: () => undefined,
    words: (environment) => ['runs', environment],
    opens: (environment) => ({ screen: 'runs', environment }),
  },
} as const satisfies Readonly<Record<string, Job>>;

export type JobName = keyof typeof jobs;

/**
 * The keys of the jobs that a page offers.
 *
 * @param environmentIn which environment they are about now; undefined while none is known
 * @returns the binding of one job; what the page says of it in other words takes the place of what stands above
 */
export function jobKeys<State>(
  environmentIn: (state: State, context: Context) => string | undefined,
): (name: JobName, own?: Partial<Binding<State>>) => Binding<State> {
  return (name, own) => {
    const { key, label, help, blocked, words } = jobs[name];
    return {
      keys: [key],
      action: name,
      label,
      help,
      group: 'jobs',
      blocked: (state, context) => blocked(environmentIn(state, context), context),
      command: (state, context) => words(environmentIn(state, context) ?? 'ENV', context),
      ...own,
    };
  };
}

/** Opens the page of the job that an action is; of any other action comes nothing. */
export function jobEffects(action: string, environment: string, context: Context): readonly Effect[] {
  return isJob(action) ? [{ kind: 'open', request: jobs[action].opens(environment, context) }] : [];
}

function isJob(action: string): action is JobName {
  return Object.hasOwn(jobs, action);
}

function known(name: string | undefined, { environments }: Context) {
  return name === undefined ? undefined : environments.get(name);
}

/** The whole of its records, not those of one migration. */
function allOf(environment: string): Meant {
  return { environment, item: undefined };
}
