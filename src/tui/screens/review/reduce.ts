import { unreachable } from '../../../lib/unreachable.ts';
import { baselineOf } from '../../app/bookkeeping.ts';
import type { Key } from '../../keyboard/key.ts';
import { foldRun } from '../../present/run.ts';
import { deliberate, nothingTyped, reasonOf, refusalOf, typeKey } from '../../present/typed.ts';
import type { Context, Effect, Message, RefusedDeploy, RequestOf, Step } from '../../screen.ts';
import { listensFor, scrollActions, withPasted } from '../asking.ts';
import { answered, endedBadly } from './answers.ts';
import { confirmedArguments } from './arguments.ts';
import { demandOf, type Demand } from './demands.ts';
import { exportText } from './export.ts';
import { evidenceInSight, moved } from './move.ts';
import { readAgain } from './questions.ts';
import { heard, tried } from './rehearsing.ts';
import {
  firstState,
  isAboutMigration,
  isHeldUp,
  isLocked,
  isStale,
  plannedOf,
  reportOf,
  viewOf,
  type ReviewState,
} from './state.ts';
import { rehearses } from './way.ts';

type ReviewStep = Step<ReviewState>;

export function open(
  { refused, ...request }: Omit<RequestOf<'review'>, 'screen'>,
  { now }: Context,
): ReviewStep {
  const state = afterRefusal(firstState(request, now), refused);
  return { state, effects: [readAgain(state)] };
}

function afterRefusal(state: ReviewState, refused: RefusedDeploy | undefined): ReviewState {
  if (!refused) return state;
  const events = refused.rehearsal;
  const view = foldRun(events);
  const file = view.rehearsed?.plan;
  if (file === undefined) return { ...state, refused: refused.error };
  return { ...state, refused: refused.error, rehearsal: { kind: 'rehearsed', events, view, file } };
}

export function reduce(state: ReviewState, message: Message, context: Context): ReviewStep {
  const step = reduced(state, message, context);
  return { ...step, state: evidenceInSight(state, step.state, context) };
}

function reduced(state: ReviewState, message: Message, context: Context): ReviewStep {
  switch (message.kind) {
    case 'answer':
      return answered(state, message.report, context);
    case 'event':
      return message.id === 'dry-run' ? heard(state, message.event) : { state };
    case 'ended':
      return message.error ? endedBadly(state, message.id, message.error, context) : { state };
    case 'paste':
      return { state: withPasted(state, demandOf(state), message.text) };
    case 'key':
      return keyed(state, message.key, context);
    case 'action':
      return acted(state, message.action, message.key, context);
    case 'shown':
      return { state, effects: [readAgain(state)] };
    case 'remembered':
    case 'status':
    case 'tick':
      return { state };
    default:
      return unreachable(message);
  }
}

function keyed(state: ReviewState, key: Key, context: Context): ReviewStep {
  const move = moved(state, scrollActions.get(key.name) ?? '', context);
  if (move) return { state: move };
  return listens(state) === 'text' ? { state: { ...state, typed: typeKey(state.typed, key) } } : { state };
}

/** What letters are on this page now. */
export function listens(state: ReviewState): 'keys' | 'text' {
  return listensFor(state, demandOf(state));
}

function acted(state: ReviewState, action: string, key: Key, context: Context): ReviewStep {
  switch (action) {
    case 'dry-run':
      return state.plan.kind === 'asking' ? { state: { ...state, begin: 'dry-run' } } : tried(state);
    case 'copy-rows':
      return deliberate(key) ? tried({ ...state, copying: 'agreed' }) : { state };
    case 'write':
      return deliberate(key) ? deploy(state) : { state };
    case 'enter':
      return entered(state, key);
    case 'pane':
      return { state: { ...state, focus: state.focus === 'field' ? 'page' : 'field' } };
    case 'sql':
      return { state, effects: openMigration(state) };
    case 'ways': {
      const screen = isHeldUp(state) ? 'recovery' : 'backups';
      return { state, effects: [{ kind: 'open', request: { screen, environment: state.environment } }] };
    }
    case 'bookkeeping':
      return { state, effects: [{ kind: 'open', request: baselineOf(state.environment, failedIn(state)) }] };
    case 'export':
      return { state, effects: exported(state) };
    case 'clear':
      return { state: { ...state, typed: nothingTyped } };
    case 'stop':
      return { state, effects: stopDryRun(state) };
    case 'refresh':
      return refreshed(state, context);
    case 'back':
      return { state, effects: [{ kind: 'back' }, ...goesOn(state)] };
    default:
      return { state: moved(state, action, context) ?? state };
  }
}

/** The database whose migration failed in the rehearsal. */
function failedIn({ rehearsal }: ReviewState): { readonly database: string } | undefined {
  const outcome = rehearsal.kind === 'failed' ? rehearsal.view.outcome : undefined;
  return outcome?.kind === 'failed' ? outcome.failed : undefined;
}

function refreshed(state: ReviewState, { now }: Context): ReviewStep {
  // Whether the lock is still held is seen by whoever asks for it: the dry-run that it kept from reading.
  if (state.rehearsal.kind === 'failed' && isLocked(state)) return tried(state);
  const plan: ReviewState['plan'] =
    state.plan.kind === 'read' ? { ...state.plan, asking: true } : { kind: 'asking', since: now };
  // Only a new rehearsal leads on from a stale one; what has none is judged anew when it is taken.
  const refused = isStale(state) && !(state.way && !rehearses(state.way)) ? state.refused : undefined;
  return { state: { ...state, plan, refused }, effects: [readAgain(state)] };
}

function entered(state: ReviewState, key: Key): ReviewStep {
  const demand = demandOf(state);
  if (!demand || demand.kind === 'key' || state.focus === 'page')
    return { state, effects: openMigration(state) };
  if (demand.kind === 'reason') return reasonGiven(state, key);
  const refusal = refusalOf(state.typed, key, demand.expected);
  if (refusal !== undefined) return { state: { ...state, typed: { ...state.typed, refusal } } };
  return demand.kind === 'name' ? deploy(state) : { state: lossAccepted(state, demand) };
}

function reasonGiven(state: ReviewState, key: Key): ReviewStep {
  const said = reasonOf(state.typed, key);
  if (!said) return { state };
  if ('refusal' in said) return { state: { ...state, typed: { ...state.typed, ...said } } };
  return { state: { ...state, typed: nothingTyped, given: { ...state.given, ...said } } };
}

function lossAccepted(state: ReviewState, { table, rows }: Extract<Demand, { kind: 'loss' }>): ReviewState {
  return {
    ...state,
    typed: nothingTyped,
    given: { ...state.given, losses: [...state.given.losses, { table, rows }] },
  };
}

/** The one way to a change: what is carried out is the plan file whose evidence is on the page. */
function deploy(state: ReviewState): ReviewStep {
  const report = reportOf(state);
  const { rehearsal, environment } = state;
  const demand = demandOf(state);
  if (!report || !demand) return { state };
  const { way } = state;
  const file = rehearsal.kind === 'rehearsed' ? rehearsal.file : undefined;
  if (file === undefined && !way) return { state };
  const args = confirmedArguments(state, report, file);
  // That nobody had agreed to a way yet ended its rehearsal, and is over now.
  const before =
    rehearsal.kind === 'rehearsed' ? rehearsal.events.filter(({ kind }) => kind !== 'failed') : [];
  return {
    state,
    effects: [
      {
        kind: 'replace',
        request: { screen: 'run', environment, source: { kind: 'start', args, before }, ...(way && { way }) },
      },
    ],
  };
}

/** Whoever leaves the page of a dry-run hears where it is to be seen again. */
function goesOn({ rehearsal }: ReviewState): readonly Effect[] {
  if (rehearsal.kind !== 'running') return [];
  return [{ kind: 'say', level: 'info', text: 'The dry-run goes on. H shows it.' }];
}

function openMigration(state: ReviewState): readonly Effect[] {
  const report = reportOf(state);
  const migration = report && isAboutMigration(state) ? plannedOf(report)[state.cursor] : undefined;
  if (!migration) return [];
  const { database, tag } = migration;
  return [{ kind: 'open', request: { screen: 'migration', database, tag, environment: state.environment } }];
}

function exported(state: ReviewState): readonly Effect[] {
  const report = reportOf(state);
  if (!report) return [];
  return [{ kind: 'export', name: `review-${state.environment}.md`, content: exportText(report, state.way) }];
}

function stopDryRun(state: ReviewState): readonly Effect[] {
  const { run } = viewOf(state);
  if (state.rehearsal.kind !== 'running') return [{ kind: 'quit' }];
  if (run === undefined) return [];
  return [
    { kind: 'stop', run, how: 'boundary' },
    { kind: 'say', level: 'info', text: `The dry-run ends now; ${state.environment} was only read.` },
  ];
}
