import { unreachable } from '../../../lib/unreachable.ts';
import type { RunEvent } from '../../../operations/events.ts';
import type { PlanReport, Report } from '../../../operations/reports.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import type { Key } from '../../keyboard/key.ts';
import { foldRun, unheard, withEvent } from '../../present/run.ts';
import { wayArguments } from '../../present/way-out.ts';
import { deliberate, nothingTyped, refusalOf, refusePaste, typeKey } from '../../present/typed.ts';
import type { Context, Effect, Message, RefusedDeploy, RequestOf, Step } from '../../screen.ts';
import { confirmedArguments } from './arguments.ts';
import { demandOf, whyNoDryRun, type Demand } from './demands.ts';
import { exportText } from './export.ts';
import { moved } from './move.ts';
import {
  firstState,
  isAboutMigration,
  isLocked,
  isStale,
  nothingGiven,
  plannedOf,
  reportOf,
  viewOf,
  type ReviewState,
} from './state.ts';
import { planOfWay, rehearses, withRehearsal } from './way.ts';

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
  switch (message.kind) {
    case 'answer':
      return answered(state, message.report, context);
    case 'event':
      return message.id === 'dry-run' ? heard(state, message.event) : { state };
    case 'ended':
      return message.error ? endedBadly(state, message.id, message.error, context) : { state };
    case 'paste':
      return { state: pasted(state, message.text) };
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

function askPlan({ environment, way }: Pick<ReviewState, 'environment' | 'way'>): Effect {
  const database = way ? ['--database', way.found.database] : [];
  return { kind: 'ask', id: 'plan', args: ['plan', environment, ...database] };
}

/** The plan as it stands; with the evidence when there is some, so that it is held against the target again. */
function readAgain(state: ReviewState): Effect {
  const { environment, rehearsal } = state;
  const file = rehearsal.kind === 'rehearsed' ? rehearsal.file : undefined;
  if (file === undefined) return askPlan(state);
  return { kind: 'ask', id: 'plan', args: ['plan', environment, '--plan', file] };
}

function answered(state: ReviewState, report: Report, context: Context): ReviewStep {
  if (report.kind !== 'plan') return { state };
  if (state.way) return { state: withWay(state, report, context) };
  const changed = report.refusals.find(({ code }) => code === 'target-changed');
  // The refused plan names nothing any more: only a new rehearsal leads on.
  if (changed && plannedOf(report).length === 0) return startedOver(state, changed);
  const read: ReviewState = {
    ...state,
    plan: { kind: 'read', report, readAt: context.now, asking: false },
    cursor: Math.min(state.cursor, Math.max(0, plannedOf(report).length - 1)),
    copying: state.copying === 'asked' && !report.copiesRows?.first ? 'not-asked' : state.copying,
  };
  // What was agreed to belongs to the page it was typed on.
  const same = reportOf(state)?.hash === report.hash;
  const next = same ? read : { ...read, given: nothingGiven, typed: nothingTyped };
  return next.begin === 'dry-run' && next.rehearsal.kind === 'none'
    ? tried({ ...next, begin: 'look' })
    : { state: next };
}

/** Of a way the page itself is the plan: asked for is only what kind of environment it is taken in. */
function withWay(state: ReviewState, asked: PlanReport | undefined, context: Context): ReviewState {
  const { environment, way, rehearsal } = state;
  if (!way) return state;
  const status = context.environments.get(environment)?.status;
  const plan = planOfWay({ environment, way, asked, status });
  const report = rehearsal.kind === 'rehearsed' ? withRehearsal(plan, rehearsal.view) : plan;
  return { ...state, plan: { kind: 'read', report, readAt: context.now, asking: false } };
}

/** What was rehearsed does not fit any more and has no evidence left: the plan as it is now, to rehearse anew. */
function startedOver(state: ReviewState, { code, message }: PlanReport['refusals'][number]): ReviewStep {
  return {
    state: {
      ...state,
      rehearsal: { kind: 'none' },
      refused: { code, message, next: 't rehearses anew.' },
      given: nothingGiven,
      typed: nothingTyped,
    },
    effects: [askPlan(state)],
  };
}

function tried(state: ReviewState): ReviewStep {
  if (whyNoDryRun(state) !== undefined) return { state };
  if (mayNotCopy(state)) return { state: { ...state, copying: 'asked' } };
  const rehearsal = {
    kind: 'running',
    events: [],
    view: { ...unheard, environment: state.environment },
  } as const;
  return {
    state: {
      ...state,
      plan: withoutEvidence(state.plan),
      rehearsal,
      refused: undefined,
      given: nothingGiven,
      typed: nothingTyped,
    },
    effects: [{ kind: 'start', id: 'dry-run', args: rehearsalArguments(state) }],
  };
}

/** Without any consent a way out is only rehearsed. */
function rehearsalArguments({ environment, way }: ReviewState): readonly string[] {
  return way ? wayArguments(environment, way) : ['dry-run', environment];
}

/** Rows of a protected environment come to this machine for the first time, and nobody said yes yet. */
function mayNotCopy(state: ReviewState): boolean {
  return reportOf(state)?.copiesRows?.first === true && state.copying !== 'agreed';
}

/** What an earlier dry-run showed confirms nothing any more, however soon this one ends. */
function withoutEvidence(plan: ReviewState['plan']): ReviewState['plan'] {
  if (plan.kind !== 'read') return plan;
  const { evidence, hash, rehearsedAt, ...report } = plan.report;
  void [evidence, hash, rehearsedAt];
  return { ...plan, report };
}

function heard(state: ReviewState, event: RunEvent): ReviewStep {
  if (state.rehearsal.kind === 'none') return { state };
  const events = [...state.rehearsal.events, event];
  const view = withEvent(state.rehearsal.view, event);
  if (view.outcome.kind === 'running')
    return { state: { ...state, rehearsal: { kind: 'running', events, view } } };
  if (state.way && view.rehearsed)
    return {
      state: rehearsedWay({ ...state, rehearsal: { kind: 'rehearsed', events, view, file: undefined } }),
    };
  const file = view.rehearsed?.plan;
  if (file !== undefined) {
    // Also a rehearsal that lost rows has a plan: the page shows the loss and what would accept it.
    const next: ReviewState = {
      ...state,
      rehearsal: { kind: 'rehearsed', events, view, file },
    };
    return { state: next, effects: [readAgain(next)] };
  }
  const error = view.outcome.kind === 'failed' ? view.outcome : noPlan;
  return { state: { ...state, rehearsal: { kind: 'failed', events, view, error } } };
}

function rehearsedWay(state: ReviewState): ReviewState {
  const { plan, rehearsal } = state;
  if (plan.kind !== 'read' || rehearsal.kind !== 'rehearsed') return state;
  const report = withRehearsal(plan.report, rehearsal.view);
  return { ...state, plan: { ...plan, report }, given: nothingGiven, typed: nothingTyped };
}

const noPlan: MigrateErrorView = {
  code: 'rehearsal-failed',
  message: 'The dry-run ended without a plan. Nothing was changed.',
  next: 't runs it again.',
};

function endedBadly(state: ReviewState, id: string, error: MigrateErrorView, context: Context): ReviewStep {
  // A way leads out of a target of which little can be said: that is no reason not to take it.
  if (id === 'plan' && state.way) return { state: withWay(state, undefined, context) };
  if (id === 'plan') return { state: { ...state, plan: { kind: 'error', error } } };
  const { rehearsal } = state;
  if (id !== 'dry-run' || rehearsal.kind !== 'running') return { state };
  return { state: { ...state, rehearsal: { ...rehearsal, kind: 'failed', error } } };
}

function pasted(state: ReviewState, text: string): ReviewState {
  const demand = demandOf(state);
  if (state.focus !== 'field' || !demand || demand.kind === 'key') return state;
  // A reason is words for the record, not a confirmation: it may be pasted.
  if (demand.kind === 'reason')
    return { ...state, typed: { ...state.typed, text: state.typed.text + text.trim() } };
  return { ...state, typed: refusePaste(state.typed) };
}

function keyed(state: ReviewState, key: Key, context: Context): ReviewStep {
  const move = moved(state, scrollActions.get(key.name) ?? '', context);
  if (move) return { state: move };
  return listens(state) === 'text' ? { state: { ...state, typed: typeKey(state.typed, key) } } : { state };
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

/** Letters are text while something is to be typed and the field has the focus. */
export function listens(state: ReviewState): 'keys' | 'text' {
  const demand = demandOf(state);
  return demand && demand.kind !== 'key' && state.focus === 'field' ? 'text' : 'keys';
}

function acted(state: ReviewState, action: string, key: Key, context: Context): ReviewStep {
  switch (action) {
    case 'dry-run':
      return tried(state);
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
    case 'backups':
      return {
        state,
        effects: [{ kind: 'open', request: { screen: 'backups', environment: state.environment } }],
      };
    case 'export':
      return { state, effects: exported(state) };
    case 'clear':
      return { state: { ...state, typed: nothingTyped } };
    case 'stop':
      return { state, effects: stopDryRun(state) };
    case 'refresh':
      return refreshed(state, context);
    case 'back':
      return { state, effects: [{ kind: 'back' }] };
    default:
      return { state: moved(state, action, context) ?? state };
  }
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
  const reason = state.typed.text.trim();
  if (!deliberate(key)) return { state };
  if (reason.length < shortestReason) {
    return {
      state: {
        ...state,
        typed: { ...state.typed, refusal: 'Say it in words: whoever reads the record was not here.' },
      },
    };
  }
  return { state: { ...state, typed: nothingTyped, given: { ...state.given, reason } } };
}

const shortestReason = 3;

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
  // A way is rehearsed again when it is taken, so that what was done for this page is not part of that run.
  const before = rehearsal.kind === 'rehearsed' && !way ? rehearsal.events : [];
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

function openMigration(state: ReviewState): readonly Effect[] {
  const report = reportOf(state);
  const migration = report && isAboutMigration(state) ? plannedOf(report)[state.cursor] : undefined;
  if (!migration) return [];
  return [
    { kind: 'open', request: { screen: 'migration', database: migration.database, tag: migration.tag } },
  ];
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
