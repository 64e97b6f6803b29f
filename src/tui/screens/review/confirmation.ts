import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { PlanReport } from '../../../operations/reports.ts';
import { askFrame, type Asked, type FrameRoom } from '../../present/ask-frame.ts';
import { heavyFrame } from '../../present/frame.ts';
import { say, type Line } from '../../present/line.ts';
import { wrapped } from '../../present/width.ts';
import { demandOf, type Demand } from './demands.ts';
import type { ReviewState } from './state.ts';
import { overwrites, rehearses } from './way.ts';

/** The frame that asks, or nothing while nothing is to be typed. It never leaves the screen. */
export function confirmationLines(
  signs: Signs,
  state: ReviewState,
  report: PlanReport,
  room: FrameRoom,
): readonly Line[] {
  if (state.copying === 'asked') return copyingLines(signs, report, room.width);
  const demand = demandOf(state);
  if (!demand || demand.kind === 'key') return [];
  return askFrame(
    signs,
    {
      ...wordsOf(demand, state, report),
      title: titleOf(demand, report),
      expected: expectedIn(demand, report),
    },
    state,
    room,
  );
}

/** Asked once on a machine, before anything of a protected environment is copied to it. */
function copyingLines(signs: Signs, report: PlanReport, width: number): readonly Line[] {
  const room = width - 3;
  const lines = [
    ...wrapped(report.copiesRows?.says ?? '', room),
    ...wrapped('y copies them and rehearses. esc leaves them where they are.', room),
  ];
  return heavyFrame(signs, {
    title: report.environment.toUpperCase(),
    lines: lines.map((text) => [say(text)]),
    width,
  });
}

type Words = Pick<Asked, 'before' | 'ask' | 'after'>;

function wordsOf(demand: Exclude<Demand, { kind: 'key' }>, { way }: ReviewState, report: PlanReport): Words {
  const { environment } = report;
  switch (demand.kind) {
    case 'loss':
      return {
        before: [`${demand.table} ${demand.says} and no statement says so. Nothing was changed.`],
        ask: `To accept that for good, type ${demand.expected}:`,
        after: 'It is recorded with your name. Changing the migration is the safe way: esc.',
      };
    case 'reason':
      if (demand.because === 'unproven') return unproven;
      return {
        before: [
          `${environment} is protected, and ${quantity(demand.findings, 'finding')} above ${demand.findings === 1 ? 'is an error' : 'are errors'}.`,
        ],
        ask: 'Why is it right all the same?',
        after: 'The words go into the record of the run. Then the name is asked for.',
      };
    case 'name':
      return {
        before: [],
        ask: askForName(report, way),
        after: afterName(way),
      };
    default:
      return unreachable(demand);
  }
}

const unproven: Words = {
  before: ['Whether the statements that change rows ran, nobody can tell from the schema.'],
  ask: 'Why are the rows as they should be all the same?',
  after: 'The words go into the record of the run, with your name.',
};

function askForName({ environment, protected: isProtected }: PlanReport, way: ReviewState['way']): string {
  if (way && overwrites(way))
    return `This overwrites what ${environment} holds now. To go on, type its name:`;
  return isProtected
    ? `This writes to ${environment}. To unlock it for this run alone, type its name:`
    : `This destroys rows or values in ${environment}. To go on, type its name:`;
}

function afterName(way: ReviewState['way']): string {
  if (way === undefined || rehearses(way))
    return 'If files, schema or history move before apply begins, nothing runs and this page is shown anew.';
  return way.option.id === 'take-over'
    ? 'A run that lives keeps its lock: then nothing is taken over.'
    : 'A backup of the present state is taken first: it is the way back.';
}

function titleOf(demand: Demand, { environment, protected: isProtected }: PlanReport): string {
  if (demand.kind === 'loss') return 'LOSS';
  return isProtected ? environment.toUpperCase() : environment;
}

/** What is to be typed, as far as it is known: its room is kept free from the start. */
function expectedIn(demand: Exclude<Demand, { kind: 'key' }>, { environment }: PlanReport): string {
  if (demand.kind === 'loss') return demand.expected;
  return demand.kind === 'name' ? environment : '';
}
