import { unicodeSigns } from '../../../lib/signs.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { Account } from '../../../operations/account.ts';
import type { RunEvent } from '../../../operations/events.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import type { Key } from '../../keyboard/key.ts';
import { deliberate, nothingTyped, pasteInto, reasonOf, refusalOf, typeKey } from '../../present/typed.ts';
import type { Context, Effect, Message, RequestOf, Step } from '../../screen.ts';
import { scrolled, scrolledText } from '../scrolling.ts';
import { confirmedArguments } from './arguments.ts';
import { confirmationLines } from './confirmation.ts';
import { demandOf } from './demands.ts';
import { changePage } from './lines.ts';
import { accountOf, choicesOf, firstState, type ChangeState } from './state.ts';

type Next = Step<ChangeState>;

export function open(request: Omit<RequestOf<'change'>, 'screen'>, { now }: Context): Next {
  const state = firstState(request, now);
  return { state, effects: [ask(state)] };
}

/** Run without consent it only tells what it would do. */
function ask({ words }: ChangeState): Effect {
  return { kind: 'ask', id: 'account', args: words };
}

export function reduce(state: ChangeState, message: Message, context: Context): Next {
  switch (message.kind) {
    case 'event':
      return { state: message.id === 'account' ? heard(state, message.event) : state };
    case 'ended':
      return { state: message.id === 'account' ? ended(state, message.error) : state };
    case 'paste':
      return { state: pasted(state, message.text) };
    case 'key':
      return keyed(state, message.key, context);
    case 'action':
      return acted(state, message.action, message.key, context);
    case 'shown':
      return again(state, context, state.refused);
    case 'answer':
    case 'remembered':
    case 'status':
    case 'tick':
      return { state };
    default:
      return unreachable(message);
  }
}

function heard(state: ChangeState, event: RunEvent): ChangeState {
  switch (event.kind) {
    case 'review':
      return withAccount(state, event);
    case 'done':
      return { ...state, told: { kind: 'nothing-to-do', message: event.message } };
    case 'failed':
      // What is only not agreed to yet has told its account before.
      return accountOf(state) ? state : { ...state, told: { kind: 'refused', error: event } };
    default:
      return state;
  }
}

/** What was typed belongs to the account that it was typed under. */
function withAccount(state: ChangeState, account: Account): ChangeState {
  const before = accountOf(state);
  const same = before !== undefined && sameAccount(before, account);
  const last = Math.max(0, (account.choices?.length ?? 0) - 1);
  return {
    ...state,
    told: { kind: 'account', account, asking: false },
    cursor: Math.min(state.cursor, last),
    ...(!same && { typed: nothingTyped, reason: undefined }),
  };
}

function sameAccount(a: Account, b: Account): boolean {
  const known = ({ says, words, databases, steps, consent, choices }: Account) =>
    JSON.stringify({ says, words, databases, steps, consent, choices });
  return known(a) === known(b);
}

function ended(state: ChangeState, error: MigrateErrorView | undefined): ChangeState {
  const { told } = state;
  const waits = told.kind === 'asking' || (told.kind === 'account' && told.asking);
  if (!waits) return state;
  return { ...state, told: { kind: 'refused', error: error ?? silent } };
}

const silent: MigrateErrorView = {
  code: 'crashed',
  message: 'Its process ended without an answer. Nothing was changed.',
  next: undefined,
};

function again(state: ChangeState, { now }: Context, refused: MigrateErrorView | undefined): Next {
  const account = accountOf(state);
  const next: ChangeState = {
    ...state,
    refused,
    told: account ? { kind: 'account', account, asking: true } : { kind: 'asking', since: now },
  };
  return { state: next, effects: [ask(next)] };
}

function pasted(state: ChangeState, text: string): ChangeState {
  const demand = demandOf(state);
  if (state.focus !== 'field' || !demand || demand.kind === 'key') return state;
  const field = demand.kind === 'reason' ? 'reason' : 'confirmation';
  return { ...state, typed: pasteInto(state.typed, text, field) };
}

/** Letters are text while something is to be typed and the field has the focus. */
export function listens(state: ChangeState): 'keys' | 'text' {
  const demand = demandOf(state);
  return demand && demand.kind !== 'key' && state.focus === 'field' ? 'text' : 'keys';
}

function keyed(state: ChangeState, key: Key, context: Context): Next {
  if (listens(state) !== 'text') return { state };
  const moves = scrollActions.get(key.name);
  return { state: moves ? moved(state, moves, context) : { ...state, typed: typeKey(state.typed, key) } };
}

/** The keys that move the page also while letters are text. */
const scrollActions: ReadonlyMap<string, string> = new Map([
  ['down', 'down'],
  ['up', 'up'],
  ['pagedown', 'page-down'],
  ['pageup', 'page-up'],
  ['home', 'first'],
  ['end', 'last'],
]);

function acted(state: ChangeState, action: string, key: Key, context: Context): Next {
  const { environment } = state;
  switch (action) {
    case 'write':
      return { state, effects: deliberate(key) ? start(state) : [] };
    case 'enter':
      return entered(state, key);
    case 'pane':
      return { state: { ...state, focus: state.focus === 'field' ? 'page' : 'field' } };
    case 'clear':
      return { state: { ...state, typed: nothingTyped } };
    case 'refresh':
      return again(state, context, undefined);
    case 'ways':
      return opened(state, { screen: 'recovery', environment });
    case 'backups':
      return opened(state, { screen: 'backups', environment });
    case 'deploy':
      return opened(state, { screen: 'review', environment, begin: 'look' });
    case 'back':
      return { state, effects: [{ kind: 'back' }] };
    default:
      return { state: moved(state, action, context) };
  }
}

function opened(state: ChangeState, request: Extract<Effect, { kind: 'open' }>['request']): Next {
  return { state, effects: [{ kind: 'open', request }] };
}

function entered(state: ChangeState, key: Key): Next {
  if (choicesOf(state).length > 0) return chosen(state);
  const demand = demandOf(state);
  if (!demand || demand.kind === 'key' || state.focus === 'page') return { state };
  if (demand.kind === 'reason') {
    const said = reasonOf(state.typed, key);
    if (!said) return { state };
    return 'refusal' in said
      ? { state: { ...state, typed: { ...state.typed, ...said } } }
      : { state: { ...state, typed: nothingTyped, ...said } };
  }
  const refusal = refusalOf(state.typed, key, demand.expected);
  return refusal === undefined
    ? { state, effects: start(state) }
    : { state: { ...state, typed: { ...state.typed, refusal } } };
}

/** What was chosen has an account of its own; esc leads back to the choice. */
function chosen(state: ChangeState): Next {
  const choice = choicesOf(state)[state.cursor];
  if (!choice) return { state };
  return opened(state, { screen: 'change', environment: state.environment, words: choice.words });
}

/** The one way to the change: the words of the account that stands on the page, with what was typed. */
function start(state: ChangeState): readonly Effect[] {
  const account = accountOf(state);
  if (!account || !demandOf(state)) return [];
  const { environment, words } = state;
  const args = confirmedArguments(account, state);
  const source = { kind: 'start', args, before: [] } as const;
  return [{ kind: 'replace', request: { screen: 'run', environment, source, change: words } }];
}

function moved(state: ChangeState, action: string, context: Context): ChangeState {
  const account = accountOf(state);
  if (!account) return state;
  const choices = choicesOf(state);
  if (choices.length > 0) {
    const to = scrolled(action, { at: state.cursor, last: choices.length - 1, page: context.rows });
    return to === undefined ? state : { ...state, cursor: to };
  }
  const frame = confirmationLines(unicodeSigns, state, account, context.columns).length;
  const { lines } = changePage(unicodeSigns, state, account, context.columns);
  const top = scrolledText(action, { top: state.top, lines: lines.length, rows: context.rows - frame });
  return top === undefined ? state : { ...state, top };
}
