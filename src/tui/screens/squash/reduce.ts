import { unicodeSigns } from '../../../lib/signs.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { Report } from '../../../operations/reports.ts';
import type { SquashReport } from '../../../operations/squash/report.ts';
import type { Key } from '../../keyboard/key.ts';
import { deliberate, nothingTyped, pasteInto, reasonOf, refusalOf, typeKey } from '../../present/typed.ts';
import type { Context, Effect, Message, RequestOf, Step } from '../../screen.ts';
import { scrolled, scrolledText } from '../scrolling.ts';
import { exportText } from './export.ts';
import { fileLines } from './file.ts';
import {
  argumentsOf,
  isTidyable,
  rowAt,
  rowsOf,
  whyNotWritten,
  type Field,
  type SquashAsked,
  type SquashState,
} from './state.ts';

type Next = Step<SquashState>;

export function open({ to, database }: RequestOf<'squash'>, { now }: Context): Next {
  const asked: SquashAsked = { what: 'squash', database, to, leftOut: [], accepted: [], reason: '' };
  const state: SquashState = {
    asked,
    known: undefined,
    reading: { kind: 'asking', since: now, how: 'prove' },
    proven: [],
    at: 0,
    field: undefined,
    shows: 'review',
    top: 0,
  };
  return { state, effects: [ask(asked, 'prove')] };
}

export function reduce(state: SquashState, message: Message, context: Context): Next {
  switch (message.kind) {
    case 'answer':
      return answered(state, message.report, context);
    case 'ended':
      return {
        state: message.error ? { ...state, reading: { kind: 'failed', error: message.error } } : state,
      };
    case 'action':
      return acted(state, message.action, message.key, context);
    case 'key':
      return { state: typed(state, message.key) };
    case 'paste':
      return { state: pasted(state, message.text) };
    case 'shown':
      // A deploy or a tidying may have been there since.
      return state.reading.kind === 'asking' ? { state } : proveAgain(state, state.asked, context);
    case 'event':
    case 'remembered':
    case 'status':
    case 'tick':
      return { state };
    default:
      return unreachable(message);
  }
}

function ask(asked: SquashAsked, how: 'prove' | 'write'): Effect {
  return { kind: 'ask', id: 'squash', args: argumentsOf(asked, how) };
}

function proveAgain(state: SquashState, asked: SquashAsked, { now }: Context): Next {
  return {
    state: {
      ...state,
      asked,
      field: undefined,
      reading: { kind: 'asking', since: now, how: 'prove' },
      proven: [],
    },
    effects: [ask(asked, 'prove')],
  };
}

function answered(state: SquashState, report: Report, { now }: Context): Next {
  if (report.kind === 'squash-proof') return { state: { ...state, proven: [...state.proven, report.proof] } };
  if (report.kind !== 'squash') return { state };
  const known = { report, readAt: now };
  const last = rowsOf({ ...state, known }).length - 1;
  // The eye begins where something holds it up, and stays where it is later.
  const held = report.environments.findIndex(({ refusal }) => refusal !== undefined);
  const at = Math.max(0, Math.min(state.known ? state.at : held, last));
  const shows = report.baseline ? state.shows : 'review';
  const next: SquashState = { ...state, known, reading: { kind: 'no' }, at, shows };
  // Files came and went: every environment is lined up with others now.
  return hasWritten(report) ? { state: next, effects: [{ kind: 'refresh' }] } : { state: next };
}

function hasWritten({ state }: SquashReport): boolean {
  return state === 'written' || state === 'undone';
}

function acted(state: SquashState, action: string, key: Key, context: Context): Next {
  switch (action) {
    case 'write':
      return deliberate(key) ? written(state, context) : { state };
    case 'undo':
      return proveAgain(state, { ...state.asked, what: 'undo', leftOut: [] }, context);
    case 'refresh':
      return proveAgain(state, again(state), context);
    case 'range':
      return proveAgain(state, { ...state.asked, to: otherEnd(state) }, context);
    case 'choose':
      return chosen(state, context);
    case 'open':
      return state.field ? entered(state, state.field, key, context) : { state, effects: opened(state) };
    case 'tidy':
      return { state, effects: tidied(state) };
    case 'zoom':
      return { state: { ...state, shows: state.shows === 'file' ? 'review' : 'file', top: 0 } };
    case 'export':
      return { state, effects: exported(state) };
    case 'leave':
      return left(state);
    default:
      return { state: moved(state, action, context) };
  }
}

/** What was written or put back is behind; what is asked next is a squash. */
function again({ asked, known }: SquashState): SquashAsked {
  return known && hasWritten(known.report) ? { ...asked, what: 'squash', to: undefined } : asked;
}

/** The whole history, and the beginning of it that nothing holds up, in turn. */
export function otherEnd({ asked, known }: SquashState): string | undefined {
  return asked.to === undefined ? known?.report.possibleTo : undefined;
}

/** The proofs are made again by the command that writes: what is on the page may be old. */
function written(state: SquashState, { now }: Context): Next {
  if (whyNotWritten(state) !== undefined) return { state };
  return {
    state: { ...state, reading: { kind: 'asking', since: now, how: 'write' }, proven: [] },
    effects: [ask(state.asked, 'write')],
  };
}

/** `space` on a row: an environment is left out or asked again, a table's rows are accepted. */
function chosen(state: SquashState, context: Context): Next {
  const row = rowAt(state);
  if (!row) return { state };
  if (row.kind === 'table')
    return { state: { ...state, field: { kind: 'accept', table: row.table, typed: nothingTyped } } };
  const { environment } = row.environment;
  const { leftOut } = state.asked;
  if (!leftOut.includes(environment))
    return { state: { ...state, field: { kind: 'leave-out', environment, typed: nothingTyped } } };
  const rest = leftOut.filter((name) => name !== environment);
  return proveAgain(state, { ...state.asked, leftOut: rest }, context);
}

function typed(state: SquashState, key: Key): SquashState {
  return state.field ? withTyped(state, state.field, typeKey(state.field.typed, key)) : state;
}

function pasted(state: SquashState, text: string): SquashState {
  const { field } = state;
  if (!field) return state;
  const as = field.kind === 'accept' ? 'reason' : 'confirmation';
  return withTyped(state, field, pasteInto(field.typed, text, as));
}

function withTyped(state: SquashState, field: Field, now: Field['typed']): SquashState {
  return { ...state, field: { ...field, typed: now } };
}

function entered(state: SquashState, field: Field, key: Key, context: Context): Next {
  const { asked } = state;
  if (field.kind === 'leave-out') {
    const refusal = refusalOf(field.typed, key, field.environment);
    if (refusal !== undefined) return { state: withTyped(state, field, { ...field.typed, refusal }) };
    return proveAgain(state, { ...asked, leftOut: [...asked.leftOut, field.environment] }, context);
  }
  const given = reasonOf(field.typed, key);
  if (given === undefined) return { state };
  if ('refusal' in given) return { state: withTyped(state, field, { ...field.typed, ...given }) };
  const accepted = [...asked.accepted, field.table];
  return proveAgain(state, { ...asked, accepted, reason: given.reason }, context);
}

/** What holds things up there stands on its page; where that is nothing, the review of what is left to do. */
function opened(state: SquashState): readonly Effect[] {
  const row = rowAt(state);
  if (row?.kind !== 'environment') return [];
  const { environment, refusal } = row.environment;
  if (refusal === undefined && isTidyable(state)) return tidied(state);
  return [{ kind: 'open', request: { screen: 'environment', environment } }];
}

function tidied(state: SquashState): readonly Effect[] {
  const row = rowAt(state);
  if (row?.kind !== 'environment') return [];
  const { environment } = row.environment;
  const { database } = state.asked;
  const words = [
    'squash',
    '--tidy',
    environment,
    ...(database === undefined ? [] : ['--database', database]),
  ];
  return [{ kind: 'open', request: { screen: 'change', environment, words } }];
}

function exported({ known }: SquashState): readonly Effect[] {
  return known ? [{ kind: 'export', name: 'squash.md', content: exportText(known.report) }] : [];
}

/** One step back a key: out of the field, then off the page. */
function left(state: SquashState): Next {
  if (state.field) return { state: { ...state, field: undefined } };
  if (state.shows === 'file') return { state: { ...state, shows: 'review' } };
  return { state, effects: [{ kind: 'back' }] };
}

function moved(state: SquashState, action: string, { rows, columns }: Context): SquashState {
  if (state.shows === 'file') {
    const { length } = fileLines(unicodeSigns, state, columns);
    const top = scrolledText(action, { top: state.top, lines: length, rows });
    return top === undefined ? state : { ...state, top };
  }
  const last = rowsOf(state).length - 1;
  const at = scrolled(action, { at: state.at, last, page: rows });
  return at === undefined ? state : { ...state, at: Math.max(0, at) };
}
