import { jobKeys } from '../../app/job-keys.ts';
import type { Binding, Context } from '../../screen.ts';
import { wayArguments, chosenWay } from '../../present/way-out.ts';
import { scrollBindings } from '../scrolling.ts';
import { caseAt, casesOf, optionAt, type RecoveryState } from './state.ts';

type Row = Binding<RecoveryState>;

const job = jobKeys<RecoveryState>(({ environment }) => environment);

const open: Row = {
  keys: ['enter'],
  action: 'open',
  label: 'review this way',
  help: 'opens the review of the way under the cursor; it never acts',
  group: 'open',
  footer: ({ shows, known }) => (shows === 'case' && known ? 1 : undefined),
  blocked: whyNoReview,
  command: (state) => {
    const found = caseAt(state);
    const option = optionAt(state);
    if (!found || !option) return undefined;
    return wayArguments(state.environment, chosenWay(found, option, casesOf(state)));
  },
};

export const bindings: readonly Row[] = [
  open,
  {
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    action: 'number',
    label: 'choose',
    help: 'the way with this number',
    group: 'move',
    footer: (state) => (state.shows === 'case' && waysOpen(state) > 1 ? 2 : undefined),
    blocked: (state) => (waysOpen(state) > 0 ? undefined : 'no way is open'),
  },
  {
    keys: ['tab'],
    action: 'pane',
    label: 'next case',
    help: 'the next case of this environment',
    group: 'move',
    footer: (state) => (casesOf(state).length > 1 ? 3 : undefined),
    blocked: (state) => (casesOf(state).length > 1 ? undefined : 'there is one case only'),
  },
  {
    keys: ['n'],
    action: 'next',
    label: 'next evidence',
    help: 'the next evidence, then the next case',
    group: 'move',
    footer: ({ shows, known }) => (shows === 'case' && known ? 4 : undefined),
    blocked: whyNoCase,
  },
  {
    keys: ['N'],
    action: 'previous',
    label: 'last evidence',
    help: 'the evidence before',
    group: 'move',
    blocked: whyNoCase,
  },
  {
    keys: ['z'],
    action: 'zoom',
    label: ({ shows }) => (shows === 'case' ? 'SQL' : 'ways out'),
    help: 'the statements in full with what ran and what failed, and back',
    group: 'view',
    footer: (state) => (hasStatements(state) ? 5 : undefined),
    blocked: (state) => (hasStatements(state) ? undefined : 'no statements here'),
  },
  {
    keys: ['x'],
    action: 'export',
    label: 'incident report',
    help: 'what happened, what was found and what leads out, as a file for a ticket',
    group: 'take',
    footer: 6,
    command: ({ environment }) => ['recover', environment, '--report'],
  },
  {
    keys: ['y'],
    action: 'copy',
    label: 'copy',
    help: 'the verdict and its evidence, to the clipboard',
    group: 'take',
    blocked: whyNoCase,
  },
  job('backups', { keys: ['w', 'b'] }),
  job('runs'),
  {
    keys: ['r'],
    action: 'refresh',
    label: 'read again',
    help: 'reads the target and replays again',
    group: 'always',
    footer: ({ reading }) => (reading.kind === 'failed' ? 0 : undefined),
  },
  {
    keys: ['esc'],
    action: 'leave',
    label: (state) =>
      state.shows === 'statements' ? 'ways out' : caseAt(state) ? 'leave it as it is' : 'back',
    help: 'back; what is unfinished stays so and is shown again',
    group: 'always',
    footer: 100,
  },
  ...scrollBindings,
];

function whyNoCase(state: RecoveryState): string | undefined {
  if (caseAt(state)) return undefined;
  return state.known ? 'nothing is unfinished' : 'it is being read';
}

function whyNoReview(state: RecoveryState, { environments }: Context): string | undefined {
  const nothing = whyNoCase(state);
  if (nothing !== undefined) return nothing;
  if (environments.get(state.environment)?.readOnly) return 'read-only in the configuration';
  const option = optionAt(state);
  if (!option) return 'nothing is offered';
  return option.allowed ? undefined : 'this way is not open, it says why';
}

function hasStatements(state: RecoveryState): boolean {
  return (caseAt(state)?.statements?.length ?? 0) > 0;
}

function waysOpen(state: RecoveryState): number {
  return caseAt(state)?.options.filter(({ allowed }) => allowed).length ?? 0;
}
