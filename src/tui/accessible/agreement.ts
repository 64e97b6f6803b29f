import { unreachable } from '../../lib/unreachable.ts';
import type { PlanReport } from '../../operations/reports.ts';
import { unheard } from '../present/run-view.ts';
import { confirmedArguments } from '../screens/review/arguments.ts';
import { demandOf, whyNot, type Demand } from '../screens/review/demands.ts';
import { firstState, type Given, type ReviewState } from '../screens/review/state.ts';
import type { ChosenWay } from '../screen.ts';
import type { Voice } from './conversation.ts';
import { stopped } from '../../lib/sentences.ts';

/**
 * Asks for what the review's frame asks for, by the same rules, one answer a line.
 *
 * @param of a deploy has the file of its plan, a way out where it was rehearsed
 * @returns the words that carry out what was agreed to; undefined when the person left
 */
export async function agreement(
  voice: Voice,
  plan: PlanReport,
  of: { readonly file: string } | { readonly way: ChosenWay; readonly file?: string | undefined },
): Promise<readonly string[] | undefined> {
  let state = pageOf(plan, of);
  for (;;) {
    const demand = demandOf(state);
    if (!demand) {
      voice.say(`It cannot be done now: ${stopped(whyNot(state) ?? 'not known why')}`);
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
      return confirmedArguments(state, plan, 'file' in of ? of.file : undefined);
    }
  }
}

/** The review as it would stand on the screen, with the evidence read. */
function pageOf(plan: PlanReport, of: Parameters<typeof agreement>[2]): ReviewState {
  const { environment } = plan;
  const file = 'file' in of ? of.file : undefined;
  return {
    ...firstState({ environment, begin: 'look', ...('way' in of && { way: of.way }) }, 0),
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
      if (demand.because === 'unproven')
        return 'Whether the statements that change rows ran, nobody can tell from the schema. Why are the rows as they should be all the same? Press enter to leave: ';
      return `${environment} is protected and a finding is an error. Why is it right all the same? Press enter to leave: `;
    case 'name':
      return `Type ${demand.expected} to apply, or press enter to leave: `;
    case 'key':
      return `Type apply to write to ${environment}, or press enter to leave: `;
    default:
      return unreachable(demand);
  }
}
