import { jobKeys } from '../../app/job-keys.ts';
import { isHalfFinished } from '../../app/jobs.ts';
import { leadsToBaseline } from '../../present/next.ts';
import { rollbackBlocked, rollbackWords } from '../../app/rollback.ts';
import type { Binding, Context } from '../../screen.ts';
import { scrollBindings } from '../scrolling.ts';
import { failureOf, hasWaysOut, isRollback, leftToTakeBack, meantBy, type FailedState } from './state.ts';

const job = jobKeys<FailedState>(({ environment }) => environment);

export const bindings: readonly Binding<FailedState>[] = [
  {
    keys: ['w'],
    action: 'ways',
    label: (state) => (hasWaysOut(state) ? 'ways out' : 'way back'),
    help: 'what is half-done and what leads out; where nothing is, the backups',
    group: 'jobs',
    footer: 1,
  },
  job('backups'),
  {
    keys: ['enter'],
    action: 'open',
    label: 'run in full',
    help: 'every step and statement of the run',
    group: 'open',
    footer: 2,
  },
  {
    keys: ['x'],
    action: 'export',
    label: 'incident report',
    help: 'what happened as a file, for a ticket',
    group: 'take',
    footer: 3,
  },
  {
    keys: ['y'],
    action: 'copy',
    label: 'copy',
    help: 'what happened, to the clipboard',
    group: 'take',
    footer: 4,
  },
  job('rollback', {
    help: 'the review of what is left to take back',
    footer: (state) => (isRollback(state) ? 0 : undefined),
    blocked: whyNotBack,
    command: (state, context) => {
      const left = leftToTakeBack(state);
      return left && rollbackWords(meantBy(state, left), { ...context, database: left.database });
    },
  }),
  job('deploy', {
    help: 'the review of what is left',
    footer: (state) => (isRollback(state) ? undefined : 5),
    blocked: whyNoDeploy,
  }),
  {
    keys: ['f'],
    action: 'fetch',
    label: 'review again',
    help: 'of a copy from another environment: its review, as things stand now',
    group: 'jobs',
    footer: ({ change }) => (change?.[0] === 'resync' ? 0 : undefined),
    blocked: ({ change }) => (change?.[0] === 'resync' ? undefined : 'no data was fetched here'),
  },
  job('bookkeeping', { footer: ({ view }) => (leadsToBaseline(failureOf(view)) ? 0 : undefined) }),
  job('runs', { footer: 6 }),
  {
    keys: ['esc'],
    action: 'home',
    label: 'environments',
    help: 'back to the environments',
    group: 'always',
    footer: 7,
  },
  {
    keys: ['r'],
    action: 'refresh',
    label: 'read again',
    help: 'reads the target back again',
    group: 'always',
  },
  ...scrollBindings,
];

function whyNotBack(state: FailedState, context: Context): string | undefined {
  const left = leftToTakeBack(state);
  if (!left) return 'nothing is left to be taken back';
  return rollbackBlocked(meantBy(state, left), { ...context, database: left.database });
}

function whyNoDeploy({ readBack: known }: FailedState): string | undefined {
  if (known.kind === 'unknown') return 'what is there is not known, r asks again';
  return isHalfFinished({ status: known.status?.environments[0] }) ? 'half-finished, w first' : undefined;
}
