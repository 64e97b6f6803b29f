import { unicodeSigns } from '../../../lib/signs.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { AccountOfTable } from '../../../operations/consent/account.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { jobEffects } from '../../app/job-keys.ts';
import type { Key } from '../../keyboard/key.ts';
import { deliberate, nothingTyped, reasonOf, refusalOf, typeKey } from '../../present/typed.ts';
import type { Context, Effect, Message, RequestOf, Step } from '../../screen.ts';
import { listensFor, scrollActions, withPasted } from '../asking.ts';
import { scrolled, scrolledText } from '../scrolling.ts';
import { confirmedArguments } from './arguments.ts';
import { confirmationLines } from './confirmation.ts';
import { movedPlace, withNextChoice, type Place } from './copying.ts';
import { demandOf } from './demands.ts';
import { changePage } from './lines.ts';
import { accountOf, askedWords, choicesOf, firstState, type ChangeState } from './state.ts';
import { fellSilent, heard } from './told.ts';

type Next = Step<ChangeState>;

export function open(request: Omit<RequestOf<'change'>, 'screen'>, { now }: Context): Next {
  const state = firstState(request, now);
  return { state, effects: state.told.kind === 'sources' ? [] : [ask(state)] };
}

/** Run without consent it only tells what it would do. */
function ask(state: ChangeState): Effect {
  return { kind: 'ask', id: 'account', args: askedWords(state) };
}

export function reduce(state: ChangeState, message: Message, context: Context): Next {
  switch (message.kind) {
    case 'event':
      return message.id === 'account' ? { state: heard(state, message.event, context) } : { state };
    case 'ended':
      return message.id === 'account' ? { state: fellSilent(state, message.error) } : { state };
    case 'paste':
      return { state: withPasted(state, demandOf(state), message.text) };
    case 'key':
      return keyed(state, message.key, context);
    case 'action':
      return acted(state, message.action, message.key, context);
    case 'shown':
      return state.told.kind === 'sources' ? { state } : again(state, context, state.refused);
    case 'answer':
    case 'remembered':
    case 'status':
    case 'tick':
      return { state };
    default:
      return unreachable(message);
  }
}

function again(state: ChangeState, { now }: Context, refused: MigrateErrorView | undefined): Next {
  const account = accountOf(state);
  const next: ChangeState = {
    ...state,
    refused,
    told: account ? { kind: 'account', account, asking: true } : { kind: 'asking', since: now },
  };
  return { state: next, effects: [ask(next)] };
}

/** What letters are on this page now. */
export function listens(state: ChangeState): 'keys' | 'text' {
  return listensFor(state, demandOf(state));
}

function keyed(state: ChangeState, key: Key, context: Context): Next {
  if (listens(state) !== 'text') return { state };
  // No name begins with a space: with nothing typed it is the key of the table under the cursor.
  if (key.name === 'space' && state.typed.text === '') return chosenHere(state, context);
  const moves = scrollActions.get(key.name);
  return { state: moves ? moved(state, moves, context) : { ...state, typed: typeKey(state.typed, key) } };
}

function acted(state: ChangeState, action: string, key: Key, context: Context): Next {
  switch (action) {
    case 'write':
      return { state, effects: deliberate(key) ? start(state) : [] };
    case 'choose':
      return chosenHere(state, context);
    case 'enter':
      return entered(state, key);
    case 'pane':
      return { state: { ...state, focus: state.focus === 'field' ? 'page' : 'field' } };
    case 'clear':
      return { state: { ...state, typed: nothingTyped } };
    case 'refresh':
      return again(state, context, undefined);
    case 'back':
      return { state, effects: [{ kind: 'back' }] };
    default: {
      const effects = jobEffects(action, state.environment, context);
      return effects.length > 0 ? { state, effects } : { state: moved(state, action, context) };
    }
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
  if ('blocked' in choice && choice.blocked !== undefined) {
    const text = `${choice.name}: ${choice.blocked}`;
    return { state, effects: [{ kind: 'say', level: 'info', text }] };
  }
  const { environment } = state;
  return opened(state, { screen: 'change', environment, words: choice.words, from: 'choice' });
}

/** The next choice on the row under the cursor; the account is told anew with it. */
function chosenHere(state: ChangeState, context: Context): Next {
  const account = accountOf(state);
  if (!account?.tables) return { state };
  const copying = withNextChoice(state.copying, account, state.place);
  return copying === state.copying
    ? { state }
    : again({ ...state, copying, takenBack: undefined }, context, undefined);
}

/** The one way to the change: the words of the account that stands on the page, with what was typed. */
function start(state: ChangeState): readonly Effect[] {
  const account = accountOf(state);
  if (!account || !demandOf(state)) return [];
  const { environment } = state;
  const { tables } = account;
  const args = confirmedArguments(account, state);
  const source = { kind: 'start', args, before: [] } as const;
  const change = askedWords(state);
  const request = { screen: 'run', environment, source, change, ...(tables && { tables }) } as const;
  // What was chosen is being done: the page that asked which would say that nothing is written yet.
  return state.from === 'choice'
    ? [{ kind: 'home' }, { kind: 'open', request }]
    : [{ kind: 'replace', request }];
}

function moved(state: ChangeState, action: string, context: Context): ChangeState {
  const account = accountOf(state);
  const choices = choicesOf(state);
  if (choices.length > 0) {
    const to = scrolled(action, { at: state.cursor, last: choices.length - 1, page: context.rows });
    return to === undefined ? state : { ...state, cursor: to };
  }
  if (!account) return state;
  if (account.tables) {
    const place = placeAfter(state.place, account.tables, action, context);
    return { ...state, place, takenBack: undefined };
  }
  const { columns: width, rows } = context;
  const frame = confirmationLines(unicodeSigns, state, account, { width, rows }).length;
  const { lines } = changePage(unicodeSigns, state, account, context);
  const top = scrolledText(action, { top: state.top, lines: lines.length, rows: rows - frame });
  return top === undefined ? state : { ...state, top };
}

function placeAfter(
  place: Place,
  tables: readonly AccountOfTable[],
  action: string,
  { rows }: Context,
): Place {
  if (action === 'down') return movedPlace(place, tables, 1);
  if (action === 'up') return movedPlace(place, tables, -1);
  const table = scrolled(action, { at: place.table, last: tables.length - 1, page: rows });
  return table === undefined ? place : { table, column: undefined };
}
