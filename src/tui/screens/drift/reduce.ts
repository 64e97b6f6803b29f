import type { DriftReport, RecoveryReport, Report } from '../../../operations/reports.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import type { Key } from '../../keyboard/key.ts';
import { nothingTyped, typeKey } from '../../present/typed.ts';
import { chosenWay } from '../../present/way-out.ts';
import type { Context, Effect, Message, RequestOf, Step } from '../../screen.ts';
import { chosenIn, openChoice } from './choosing.ts';
import { moved } from './move.ts';
import {
  databasesOf,
  driftArguments,
  firstState,
  itemAt,
  itemsOf,
  objectAt,
  type DriftState,
} from './state.ts';
import { draftName, draftText, objectWords } from './take.ts';
import { nameOf } from './words.ts';

type Next = Step<DriftState>;

export function open(request: RequestOf<'drift'>, context: Context): Next {
  const state = firstState(request, context);
  return { state, effects: [ask(state)] };
}

export function reduce(state: DriftState, message: Message, context: Context): Next {
  switch (message.kind) {
    case 'answer':
      return answered(state, message.id, message.report, context);
    case 'ended':
      return message.error ? failed(state, message.id, message.error) : { state };
    case 'key':
      return typed(state, message.key, context);
    case 'paste':
      return state.filter.typing === 'typing'
        ? filtered(state, state.filter.text + message.text.replaceAll(/\s+/g, ' '), context)
        : { state };
    case 'action':
      return acted(state, message.action, message.key, context);
    case 'shown':
      // A run may have been here since.
      return readAgain(state, context);
    default:
      return { state };
  }
}

function ask(state: DriftState): Effect {
  return { kind: 'ask', id: 'drift', args: driftArguments(state) };
}

function readAgain(state: DriftState, { now }: Context): Next {
  return { state: { ...state, reading: { kind: 'asking', since: now } }, effects: [ask(state)] };
}

function answered(state: DriftState, id: string, report: Report, context: Context): Next {
  switch (report.kind) {
    case 'drift':
      return id === 'draft' ? drafted(state, report) : compared(state, report, context);
    case 'recovery':
      return recording(state, report);
    case 'backups': {
      const { choice } = state;
      if (!choice) return { state };
      const backups = { kind: 'answered', report: report.backups, at: context.now } as const;
      return { state: { ...state, choice: { ...choice, backups } } };
    }
    default:
      return { state };
  }
}

/** The eye stays on the object that it was on. What was found with its migrations is said by its status from now on. */
function compared(state: DriftState, report: DriftReport, context: Context): Next {
  const was = itemAt(state);
  const items = itemsOf(report);
  const known = { report, readAt: context.now, items };
  const next: DriftState = { ...state, known, reading: { kind: 'no' } };
  const effects: readonly Effect[] =
    state.than.kind === 'migrations' ? [{ kind: 'refresh', environments: [state.environment] }] : [];
  return { state: moved(next, { to: 'object', key: was?.key }, context), effects };
}

function failed(state: DriftState, id: string, error: MigrateErrorView): Next {
  const { choice } = state;
  if (id === 'drift') return { state: { ...state, reading: { kind: 'failed', error } } };
  if (id === 'backups' && choice)
    return { state: { ...state, choice: { ...choice, backups: { kind: 'failed', error } } } };
  return { state, effects: [{ kind: 'say', level: 'error', text: error.message }] };
}

function drafted(state: DriftState, report: DriftReport): Next {
  const content = draftText(state, report);
  if (content === undefined)
    return { state, effects: [{ kind: 'say', level: 'info', text: 'There is nothing to change.' }] };
  return { state, effects: [{ kind: 'export', name: draftName(state), content }] };
}

/** The review of recording what is there without a record: of all at once, where several are. */
function recording(state: DriftState, { cases }: RecoveryReport): Next {
  const { environment } = state;
  const object = objectAt(state);
  const unrecorded = cases.filter(({ situation }) => situation === 'unrecorded');
  const found = unrecorded.find(({ tag }) => object?.cause?.includes(tag)) ?? unrecorded[0];
  const option = found?.options.find(({ id }) => id === 'record');
  if (!found || !option) {
    const text = `No migration of ${environment} is there without a record.`;
    return { state, effects: [{ kind: 'say', level: 'info', text }] };
  }
  if (!option.allowed) return { state, effects: [{ kind: 'say', level: 'info', text: option.why }] };
  const way = chosenWay(found, option, cases);
  const request = { screen: 'review', environment, begin: 'look', way } as const;
  return { state, effects: [{ kind: 'open', request }] };
}

function typed(state: DriftState, key: Key, context: Context): Next {
  if (state.filter.typing === 'set') return { state };
  const { text } = typeKey({ ...nothingTyped, text: state.filter.text }, key);
  return filtered(state, text, context);
}

function filtered(state: DriftState, text: string, context: Context): Next {
  const next: DriftState = { ...state, filter: { ...state.filter, text } };
  return { state: moved(next, { to: 'object', key: itemAt(state)?.key }, context) };
}

function acted(state: DriftState, action: string, key: Key, context: Context): Next {
  if (state.choice) return chosen(state, action, key, context);
  switch (action) {
    case 'leave':
      return left(state, context);
    case 'open':
      return state.filter.typing === 'typing'
        ? { state: { ...state, filter: { ...state.filter, typing: 'set' } } }
        : { state: moved(state, { to: 'zoom', zoom: 'text' }, context) };
    case 'zoom':
      return {
        state: moved(state, { to: 'zoom', zoom: state.zoom === 'none' ? 'text' : 'none' }, context),
      };
    case 'filter':
      return { state: { ...state, zoom: 'none', filter: { ...state.filter, typing: 'typing' } } };
    case 'pane':
      return { state: { ...state, pane: state.pane === 'objects' ? 'text' : 'objects' } };
    case 'left':
      return { state: { ...state, pane: 'objects' } };
    case 'right':
      return { state: { ...state, pane: 'text' } };
    case 'next':
      return { state: moved(state, { to: 'difference', by: 1 }, context) };
    case 'previous':
      return { state: moved(state, { to: 'difference', by: -1 }, context) };
    case 'database-before':
      return otherDatabase(state, context, -1);
    case 'database-after':
      return otherDatabase(state, context, 1);
    case 'refresh':
      return readAgain(state, context);
    case 'compare':
      return openChoice(state, context);
    default:
      return { state: moved(state, { to: 'key', action }, context), effects: effectsOf(state, action) };
  }
}

function chosen(state: DriftState, action: string, key: Key, context: Context): Next {
  const { choice, than, effects = [] } = chosenIn(state, action, key, context);
  if (than === undefined) return { state: { ...state, choice }, effects };
  const next = firstState({ screen: 'drift', environment: state.environment, than }, context);
  return { state: next, effects: [ask(next)] };
}

/** One step back a key: the zoom, then the filter, then the page. */
function left(state: DriftState, context: Context): Next {
  if (state.zoom === 'text') return { state: moved(state, { to: 'zoom', zoom: 'none' }, context) };
  const { text, typing } = state.filter;
  if (text === '' && typing === 'set') return { state, effects: [{ kind: 'back' }] };
  const next: DriftState = { ...state, filter: { text: '', typing: 'set' } };
  return { state: moved(next, { to: 'object', key: itemAt(state)?.key }, context) };
}

function otherDatabase(state: DriftState, context: Context, by: 1 | -1): Next {
  const names = databasesOf(state.environment, context);
  const name = names.at((names.indexOf(state.database ?? '') + by) % names.length);
  if (name === undefined) return { state };
  const { environment, than } = state;
  const next = firstState({ screen: 'drift', environment, than }, { ...context, database: name });
  return { state: next, effects: [{ kind: 'database', name }, ask(next)] };
}

function effectsOf(state: DriftState, action: string): readonly Effect[] {
  const { environment } = state;
  const object = objectAt(state);
  switch (action) {
    case 'export':
      return [
        { kind: 'ask', id: 'draft', args: [...driftArguments(state), '--format', 'sql'] },
        { kind: 'say', level: 'info', text: 'The SQL is being drafted.' },
      ];
    case 'record':
      return [
        { kind: 'ask', id: 'record', args: recoverArguments(state) },
        { kind: 'say', level: 'info', text: `What ${environment} has without a record is being proven.` },
      ];
    case 'copy':
      return object ? [{ kind: 'copy', text: objectWords(state, object), what: nameOf(object) }] : [];
    case 'runs':
      return [{ kind: 'open', request: { screen: 'runs', environment } }];
    default:
      return [];
  }
}

function recoverArguments({ environment, database }: DriftState): readonly string[] {
  return ['recover', environment, ...(database === undefined ? [] : ['--database', database])];
}
