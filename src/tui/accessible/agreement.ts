import { unreachable } from '../../lib/unreachable.ts';
import type { PlanReport } from '../../operations/reports.ts';
import { unheard } from '../present/run.ts';
import { confirmedArguments } from '../screens/review/arguments.ts';
import { demandOf, whyNot, type Demand } from '../screens/review/demands.ts';
import { firstState, type Given, type ReviewState } from '../screens/review/state.ts';
import type { Voice } from './conversation.ts';
import { stopped } from '../../lib/sentences.ts';

/**
 * Asks for what the review's frame asks for, by the same rules, one answer a line.
 *
 * @returns the words of the deploy that was agreed to; undefined when the person left
 */
export async function agreement(
  voice: Voice,
  plan: PlanReport,
  planFile: string,
): Promise<readonly string[] | undefined> {
  let state = pageOf(plan, planFile);
  for (;;) {
    const demand = demandOf(state);
    if (!demand) {
      voice.say(`It cannot be deployed now: ${stopped(whyNot(state) ?? 'not known why')}`);
      return undefined;
    }
    const answer = await voice.answer(questionOf(demand, plan));
    const text = answer?.text.trim() ?? '';
    if (!answer || text === '') return undefined;
    if (demand.kind === 'reason') {
      state = given(state, { reason: text });
    } else if (answer.how === 'pasted') {
      voice.say('Pasted text does not confirm.');
    } else if (text !== expectedOf(demand)) {
      voice.say(`That is not ${expectedOf(demand)}. Nothing was changed.`);
    } else if (demand.kind === 'loss') {
      state = given(state, { losses: [...state.given.losses, { table: demand.table, rows: demand.rows }] });
    } else {
      return confirmedArguments(state, plan, planFile);
    }
  }
}

/** The review as it would stand on the screen, with the evidence read. */
function pageOf(plan: PlanReport, file: string): ReviewState {
  return {
    ...firstState({ environment: plan.environment, begin: 'look' }, 0),
    plan: { kind: 'read', report: plan, readAt: 0, asking: false },
    rehearsal: { kind: 'rehearsed', events: [], view: unheard, file },
  };
}

function given(state: ReviewState, more: Partial<Given>): ReviewState {
  return { ...state, given: { ...state.given, ...more } };
}

function expectedOf(demand: Exclude<Demand, { kind: 'reason' }>): string {
  return demand.kind === 'key' ? 'apply' : demand.expected;
}

function questionOf(demand: Demand, { environment }: PlanReport): string {
  switch (demand.kind) {
    case 'loss':
      return `${demand.table} ${demand.says} and no statement says so. Type ${demand.expected} to accept that for good, or press enter to leave: `;
    case 'reason':
      return `${environment} is protected and a finding is an error. Why is it right all the same? Press enter to leave: `;
    case 'name':
      return `Type ${demand.expected} to apply, or press enter to leave: `;
    case 'key':
      return `Type apply to write to ${environment}, or press enter to leave: `;
    default:
      return unreachable(demand);
  }
}
