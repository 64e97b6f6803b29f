import type { PlanReport, Report } from '../../../operations/reports.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { nothingTyped } from '../../present/typed.ts';
import type { Context, Step } from '../../screen.ts';
import { askPlan } from './questions.ts';
import { tried } from './rehearsing.ts';
import { nothingGiven, plannedOf, reportOf, type ReviewState } from './state.ts';
import { planOfWay, withRehearsal } from './way.ts';

/** The plan was read. */
export function answered(state: ReviewState, report: Report, context: Context): Step<ReviewState> {
  if (report.kind !== 'plan') return { state };
  if (state.way) return asBegun(withWay(state, report, context));
  const changed = report.refusals.find(({ code }) => code === 'target-changed');
  // The refused plan names nothing any more: only a new rehearsal leads on.
  if (changed && plannedOf(report).length === 0) return startedOver(state, changed);
  const read: ReviewState = {
    ...state,
    plan: { kind: 'read', report: withWaiting(report, reportOf(state)), readAt: context.now, asking: false },
    cursor: Math.min(state.cursor, Math.max(0, plannedOf(report).length - 1)),
    copying: state.copying === 'asked' && !report.copiesRows?.first ? 'not-asked' : state.copying,
  };
  // What was agreed to belongs to the page it was typed on.
  const same = reportOf(state)?.hash === report.hash;
  return asBegun(same ? read : { ...read, given: nothingGiven, typed: nothingTyped });
}

/** The dry-run that was asked for before its plan was there. */
function asBegun(state: ReviewState): Step<ReviewState> {
  return state.begin === 'dry-run' && state.rehearsal.kind === 'none'
    ? tried({ ...state, begin: 'look' })
    : { state };
}

/** The plan that was rehearsed names what runs; what does not run, and why, is as it was when it was made. */
function withWaiting(report: PlanReport, before: PlanReport | undefined): PlanReport {
  if (report.evidence === undefined || before === undefined) return report;
  const waitingIn = (name: string) =>
    before.databases.find(({ database }) => database === name)?.waiting ?? [];
  return {
    ...report,
    databases: report.databases.map((one) =>
      one.waiting.length > 0 ? one : { ...one, waiting: waitingIn(one.database) },
    ),
    warnings: [...new Set([...report.warnings, ...before.warnings])],
  };
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
function startedOver(
  state: ReviewState,
  { code, message }: PlanReport['refusals'][number],
): Step<ReviewState> {
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

/** A question or the dry-run ended without an answer. */
export function endedBadly(
  state: ReviewState,
  id: string,
  error: MigrateErrorView,
  context: Context,
): Step<ReviewState> {
  // A way leads out of a target of which little can be said: that is no reason not to take it.
  if (id === 'plan' && state.way) return asBegun(withWay(state, undefined, context));
  if (id === 'plan') return { state: { ...state, plan: { kind: 'error', error } } };
  const { rehearsal } = state;
  if (id !== 'dry-run' || rehearsal.kind !== 'running') return { state };
  return { state: { ...state, rehearsal: { ...rehearsal, kind: 'failed', error } } };
}
