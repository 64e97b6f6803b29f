import { jobKeys } from '../../app/job-keys.ts';
import { deployBlocked, hasCase } from '../../app/jobs.ts';
import { changeTitle } from '../../present/change-words.ts';
import type { Binding, Context } from '../../screen.ts';
import { scrollBindings } from '../scrolling.ts';
import { demandOf, whyNot } from './demands.ts';
import { listens } from './reduce.ts';
import { accountOf, choicesOf, type ChangeState } from './state.ts';

const job = jobKeys<ChangeState>(({ environment }) => environment);

export const bindings: readonly Binding<ChangeState>[] = [
  {
    keys: ['!'],
    action: 'write',
    label: (state) => {
      const account = accountOf(state);
      return account ? changeTitle(account) : 'write';
    },
    help: 'write: carry out what stands on this page',
    group: 'jobs',
    footer: (state) => (demandOf(state)?.kind === 'key' ? 1 : undefined),
    blocked: (state) =>
      whyNot(state) ?? (demandOf(state)?.kind === 'key' ? undefined : 'type what the frame asks for'),
    command: ({ words }) => words,
  },
  {
    keys: ['enter'],
    action: 'enter',
    label: (state, { columns }) =>
      choicesOf(state).length > 0
        ? 'review this one'
        : columns < 100
          ? 'goes on'
          : 'goes on once it is complete',
    help: 'in the frame: goes on once what it asks for is typed; on a choice: its review',
    group: 'open',
    footer: (state) => (choicesOf(state).length > 0 ? 1 : listens(state) === 'text' ? 4 : undefined),
    blocked: (state) =>
      choicesOf(state).length > 0 || needsTyping(state) ? undefined : 'nothing is to be typed or chosen',
  },
  {
    keys: ['esc'],
    action: 'back',
    label: (state, { columns }) =>
      columns < (accountOf(state)?.tables ? 100 : 70) ? 'back' : 'back, nothing changed',
    help: 'back to where this review was opened; nothing was changed',
    group: 'always',
    footer: 3,
  },
  {
    keys: ['space'],
    action: 'choose',
    label: choiceLabel,
    help: 'of a copy: the table under the cursor with its rows or without, its column under the next rule, this once',
    group: 'jobs',
    footer: (state) => (accountOf(state)?.tables ? 2 : undefined),
    blocked: (state) => (accountOf(state)?.tables ? undefined : 'nothing is copied here'),
  },
  {
    keys: ['tab'],
    action: 'pane',
    label: (state, { columns }) =>
      state.focus === 'field' ? (columns < 70 ? 'page' : 'keys of the page') : 'back to the frame',
    help: 'between the frame, where letters are text, and the page, where they are keys',
    group: 'view',
    footer: (state) => (needsTyping(state) ? 5 : undefined),
    blocked: (state) => (needsTyping(state) ? undefined : 'nothing is to be typed now'),
  },
  job('ways', {
    footer: ({ told, environment }, context) =>
      told.kind === 'refused' && hasCase(context.environments.get(environment), context) ? 4 : undefined,
  }),
  job('backups', { footer: (state) => (listens(state) === 'keys' ? 6 : undefined) }),
  job('deploy', {
    footer: ({ told, environment }, context) =>
      (told.kind === 'refused' || told.kind === 'nothing-to-do') &&
      deployBlocked(context, environment) === undefined
        ? 5
        : undefined,
  }),
  {
    keys: ['r'],
    action: 'refresh',
    label: 'ask again',
    help: 'what it would do, as things stand now',
    group: 'always',
    footer: ({ told, refused }) => (told.kind === 'refused' || refused ? 1 : undefined),
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

/** What space does to the row under the cursor. */
function choiceLabel({ place, told, copying }: ChangeState, { columns }: Context): string {
  if (columns < 70) return place.column === undefined ? 'rows' : 'rule';
  if (place.column !== undefined) return 'next rule';
  const table = told.kind === 'account' ? told.account.tables?.[place.table]?.table : undefined;
  return copying.exclude.includes(table ?? '') ? 'with its rows' : 'without its rows';
}

function needsTyping(state: ChangeState): boolean {
  const demand = demandOf(state);
  return demand !== undefined && demand.kind !== 'key';
}
