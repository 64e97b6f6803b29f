import type { Key } from '../../keyboard/key.ts';
import { jobEffects } from '../../app/job-keys.ts';
import type { Context, Effect, Message, RequestOf, Step } from '../../screen.ts';
import { databaseAfter, type DatabaseAction } from '../databases.ts';
import { filterAfter, filterTyped, type Filter } from '../filter.ts';
import { answered, failed, made } from './answers.ts';
import { chooseOther, chooseTake, chosenIn } from './choosing.ts';
import { moved } from './move.ts';
import {
  databaseFlag,
  databasesOf,
  driftArguments,
  firstState,
  itemAt,
  objectAt,
  type DriftState,
} from './state.ts';
import { objectWords } from './take.ts';
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
    case 'event':
      return made(state, message.event);
    case 'key':
    case 'paste':
      return filtered(state, filterTyped(state.filter, message), context);
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

function filtered(state: DriftState, filter: Filter, context: Context): Next {
  if (filter === state.filter) return { state };
  const next: DriftState = { ...state, zoom: 'none', filter };
  return { state: moved(next, { to: 'object', key: itemAt(state)?.key }, context) };
}

function acted(state: DriftState, action: string, key: Key, context: Context): Next {
  if (state.choice) return chosen(state, action, key, context);
  // One step back a key: the zoom, then the filter, then the page.
  if (action === 'leave' && state.zoom === 'text')
    return { state: moved(state, { to: 'zoom', zoom: 'none' }, context) };
  const filter = filterAfter(state.filter, action);
  if (filter) return filtered(state, filter, context);
  switch (action) {
    case 'leave':
      return { state, effects: [{ kind: 'back' }] };
    case 'open':
      return { state: moved(state, { to: 'zoom', zoom: 'text' }, context) };
    case 'zoom':
      return {
        state: moved(state, { to: 'zoom', zoom: state.zoom === 'none' ? 'text' : 'none' }, context),
      };
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
    case 'database-after':
      return otherDatabase(state, context, action);
    case 'refresh':
      return readAgain(state, context);
    case 'export':
      return take(state);
    case 'compare':
      return chooseOther(state, context);
    default:
      return {
        state: moved(state, { to: 'key', action }, context),
        effects: effectsOf(state, action, context),
      };
  }
}

function chosen(before: DriftState, action: string, key: Key, context: Context): Next {
  const { state, leads } = chosenIn(before, action, key, context);
  switch (leads?.to) {
    case undefined:
      return { state };
    case 'other': {
      const { environment } = state;
      const next = firstState({ screen: 'drift', environment, than: leads.than }, context);
      return { state: next, effects: [...forgotten, ask(next)] };
    }
    case 'all':
      return { state, effects: [{ kind: 'open', request: { screen: 'drift-all' } }] };
    case 'file':
    case 'migration':
      return { state, effects: askDraft(state, leads.to) };
  }
}

/** What was asked of the page as it was before. */
const forgotten: readonly Effect[] = ['draft-file', 'draft-migration', 'record'].map((id) => ({
  kind: 'forget',
  id,
}));

/** As a migration it is for every environment: that has a sense only where one is to become like another. */
function take(state: DriftState): Next {
  return state.than.kind === 'environment'
    ? { state: chooseTake(state) }
    : { state, effects: askDraft(state, 'file') };
}

function askDraft(state: DriftState, as: 'file' | 'migration'): readonly Effect[] {
  return [
    { kind: 'ask', id: `draft-${as}`, args: [...driftArguments(state), '--format', 'sql'] },
    { kind: 'say', level: 'info', text: 'The SQL is being drafted.' },
  ];
}

function otherDatabase(state: DriftState, context: Context, action: DatabaseAction): Next {
  const name = databaseAfter(action, databasesOf(state.environment, context), state.database);
  if (name === undefined) return { state };
  const { environment, than } = state;
  const next = firstState({ screen: 'drift', environment, than }, { ...context, database: name });
  return { state: next, effects: [{ kind: 'database', name }, ...forgotten, ask(next)] };
}

function effectsOf(state: DriftState, action: string, context: Context): readonly Effect[] {
  const { environment } = state;
  const object = objectAt(state);
  switch (action) {
    case 'record':
      return [
        { kind: 'ask', id: 'record', args: ['recover', environment, ...databaseFlag(state)] },
        { kind: 'say', level: 'info', text: `What ${environment} has without a record is being proven.` },
      ];
    case 'copy':
      return object ? [{ kind: 'copy', text: objectWords(state, object), what: nameOf(object) }] : [];
    default:
      return jobEffects(action, environment, context);
  }
}
