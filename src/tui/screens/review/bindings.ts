import { wayArguments, wayTitle } from '../../present/way-out.ts';
import { jobKeys } from '../../app/job-keys.ts';
import { leadsToBaseline } from '../../present/next.ts';
import type { Binding } from '../../screen.ts';
import { scrollBindings } from '../scrolling.ts';
import { demandOf, whyNoDryRun, whyNot } from './demands.ts';
import { listens } from './reduce.ts';
import {
  isAboutMigration,
  isHeldUp,
  failureOf,
  isLocked,
  passesOver,
  reportOf,
  type ReviewState,
} from './state.ts';
import { rehearses } from './way.ts';

const job = jobKeys<ReviewState>(({ environment }) => environment);

export const bindings: readonly Binding<ReviewState>[] = [
  {
    keys: ['!'],
    action: 'write',
    label: ({ way, environment }) => (way ? wayTitle(way) : `deploy to ${environment}`),
    help: 'write: carry out the plan on this page, after its dry-run',
    group: 'jobs',
    footer: (state) => (demandOf(state)?.kind === 'key' ? 1 : undefined),
    blocked: (state) =>
      whyNot(state) ?? (demandOf(state)?.kind === 'key' ? undefined : 'type what the frame asks for'),
  },
  {
    keys: ['y'],
    action: 'copy-rows',
    label: 'copy the rows and rehearse',
    help: 'yes: the rows of a protected environment may come to this machine for the dry-run',
    group: 'jobs',
    footer: ({ copying }) => (copying === 'asked' ? 1 : undefined),
    blocked: ({ copying }) => (copying === 'asked' ? undefined : 'nothing asks for it now'),
  },
  {
    keys: ['t'],
    action: 'dry-run',
    label: (state) => (state.rehearsal.kind === 'none' ? 'backup and dry-run' : 'dry-run again'),
    help: 'try: takes the backup and runs the plan on a copy; the target is only read',
    group: 'jobs',
    footer: (state) =>
      listens(state) === 'text' || state.copying === 'asked' || !isRehearsed(state) ? undefined : 2,
    // Asked for while the plan is being read it begins once that is there.
    blocked: (state) => (state.plan.kind === 'asking' && isRehearsed(state) ? undefined : whyNoDryRun(state)),
    command: ({ way, environment }) => (way ? wayArguments(environment, way) : ['dry-run', environment]),
  },
  {
    keys: ['esc'],
    action: 'back',
    label: (state, { columns }) =>
      state.rehearsal.kind === 'running'
        ? 'back, the dry-run goes on'
        : columns < 70
          ? 'back'
          : 'back, nothing changed',
    help: 'back to where this review was opened; nothing was changed',
    group: 'always',
    footer: 3,
  },
  {
    keys: ['enter'],
    action: 'enter',
    label: (state, { columns }) =>
      listens(state) !== 'text' ? 'SQL' : columns < 100 ? 'goes on' : 'goes on once it is complete',
    help: 'in the frame: goes on once what it asks for is typed; else opens the migration',
    group: 'open',
    footer: (state) => (listens(state) === 'text' ? 4 : undefined),
  },
  {
    keys: ['tab'],
    action: 'pane',
    label: (state) => (state.focus === 'field' ? 'keys of the page' : 'back to the frame'),
    help: 'between the frame, where letters are text, and the page, where they are keys',
    group: 'view',
    footer: (state) => (needsTyping(state) ? 5 : undefined),
    blocked: (state) => (needsTyping(state) ? undefined : 'nothing is to be typed now'),
  },
  {
    keys: ['n'],
    action: 'next',
    label: 'next finding',
    help: 'the next finding',
    group: 'move',
    footer: (state) => (hasFindings(state) && listens(state) === 'keys' ? 6 : undefined),
    blocked: (state) => (hasFindings(state) ? undefined : 'there are no findings'),
  },
  {
    keys: ['N'],
    action: 'previous',
    label: 'last finding',
    help: 'the finding before',
    group: 'move',
    blocked: (state) => (hasFindings(state) ? undefined : 'there are no findings'),
  },
  {
    keys: ['x'],
    action: 'export',
    label: 'export',
    help: 'this review as a file, for a ticket',
    group: 'take',
    footer: (state) => (listens(state) === 'keys' ? 7 : undefined),
    blocked: (state) => (reportOf(state) ? undefined : 'the plan is being read'),
  },
  {
    keys: ['z'],
    action: 'sql',
    label: 'SQL',
    help: 'the SQL of the migration under the cursor',
    group: 'view',
    footer: (state) => (listens(state) === 'keys' && whyNoSql(state) === undefined ? 8 : undefined),
    blocked: whyNoSql,
  },
  {
    keys: ['w'],
    action: 'ways',
    label: (state) => (isHeldUp(state) ? 'ways out' : 'way back'),
    help: 'the backups of this environment; where something in it keeps it from being deployed to, the ways out',
    group: 'jobs',
    footer: (state) => (!isHeldUp(state) ? undefined : passesOver(state) ? 9 : 1),
  },
  job('bookkeeping', { footer: (state) => (leadsToBaseline(failureOf(state)) ? 1 : undefined) }),
  {
    keys: ['ctrl-c'],
    action: 'stop',
    label: 'stop',
    help: 'ends the dry-run; the target is as it was',
    group: 'always',
    footer: (state) => (state.rehearsal.kind === 'running' ? 1 : undefined),
  },
  {
    keys: ['r'],
    action: 'refresh',
    label: (state) => (isLocked(state) ? 'ask again' : 'read again'),
    help: 'the plan as it stands now',
    group: 'always',
    footer: (state) => (isLocked(state) && listens(state) === 'keys' ? 1 : undefined),
  },
  {
    keys: ['ctrl-k'],
    action: 'clear',
    label: 'clear',
    help: 'in the frame: empties the field',
    group: 'view',
  },
  ...scrollBindings,
];

function needsTyping(state: ReviewState): boolean {
  const demand = demandOf(state);
  return demand !== undefined && demand.kind !== 'key';
}

function isRehearsed({ way }: ReviewState): boolean {
  return way === undefined || rehearses(way);
}

function whyNoSql(state: ReviewState): string | undefined {
  if (!reportOf(state)) return 'the plan is being read';
  return isAboutMigration(state) ? undefined : 'no migration is run';
}

function hasFindings(state: ReviewState): boolean {
  return (reportOf(state)?.findings.length ?? 0) > 0;
}
