import type { RunEvent } from '../../../operations/events.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { withEvent } from '../../present/run.ts';
import { unheard } from '../../present/run-view.ts';
import { nothingTyped } from '../../present/typed.ts';
import { wayArguments } from '../../present/way-out.ts';
import type { Step } from '../../screen.ts';
import { whyNoDryRun } from './demands.ts';
import { readAgain } from './questions.ts';
import { nothingGiven, reportOf, stoppedAt, type ReviewState } from './state.ts';
import { withRehearsal } from './way.ts';

/** Begins the rehearsal, unless something stands in its way or has to be asked first. */
export function tried(state: ReviewState): Step<ReviewState> {
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

/** What the rehearsal tells, to its end. */
export function heard(state: ReviewState, event: RunEvent): Step<ReviewState> {
  if (state.rehearsal.kind === 'none') return { state };
  const events = [...state.rehearsal.events, event];
  const view = withEvent(state.rehearsal.view, event);
  if (view.outcome.kind === 'running')
    return { state: { ...state, rehearsal: { kind: 'running', events, view } } };
  if (state.way && view.rehearsed)
    return {
      state: rehearsedWay({
        ...state,
        rehearsal: { kind: 'rehearsed', events, view, file: view.rehearsed.plan },
      }),
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
  const failed: ReviewState = { ...state, rehearsal: { kind: 'failed', events, view, error } };
  // What is to be looked at next is the SQL of what failed.
  return { state: { ...failed, cursor: stoppedAt(failed) ?? failed.cursor } };
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
