import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { ago, clock, dayAndMinute } from '../../../lib/time.ts';
import type { RunSummary } from '../../../operations/reports.ts';
import { columns, fit, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import { recordedView } from '../../present/as-recorded.ts';
import { outcomeLook, runFacts } from '../../present/run-words.ts';
import { stepRows } from '../../present/steps.ts';
import { cutClause, wrapped } from '../../present/width.ts';
import type { Context } from '../../screen.ts';
import { waitingLines } from '../page.ts';
import { runUnderCursor, shownRuns, type RunsState } from './state.ts';

/** Newest on top; at 100 columns and more the run under the cursor stands beside the list, else below it. */
export function runsLines(signs: Signs, state: RunsState, context: Context): readonly Line[] {
  const { columns: width, rows, now } = context;
  if (state.runs.kind !== 'answered') {
    return page(waitingLines(signs, state.runs, { what: 'the record of runs', context }), { rows, top: 0 });
  }
  const runs = shownRuns(state);
  if (runs.length === 0) return page([[say(`  ${emptyWords(state)}`)]], { rows, top: 0 });
  const list = (w: number, height: number): readonly Line[] =>
    runs
      .slice(state.top, state.top + height)
      .map((run, index) => listLine(signs, run, { here: state.top + index === state.cursor, width: w, now }));
  if (width < 100) {
    const height = listHeight(context);
    return page([...list(width, height), ...detailLines(signs, state, width, now)], { rows, top: 0 });
  }
  const left = list(leftWidth, rows);
  const right = detailLines(signs, state, width - leftWidth - 1, now);
  return Array.from({ length: rows }, (_, index) => [
    ...fit(signs, { content: left[index] ?? [], width: leftWidth }),
    say(' '),
    ...(right[index] ?? []),
  ]);
}

const leftWidth = 50;

/** Rows of the list that are drawn. */
export function listHeight({ columns: width, rows }: Context): number {
  return width < 100 ? Math.max(3, Math.floor(rows / 2)) : rows;
}

function emptyWords({ filter, environment }: RunsState): string {
  if (filter.text !== '') return `No run matches "${filter.text}". esc clears the filter.`;
  const where = environment === undefined ? '' : ` on ${environment}`;
  return `No run yet${where}. d on an environment makes the first.`;
}

function listLine(
  signs: Signs,
  run: RunSummary,
  { here, width, now }: { readonly here: boolean; readonly width: number; readonly now: number },
): Line {
  const { sign, tone } = outcomeLook(run);
  const name = run.operation === 'deploy' ? run.environment : `${run.operation} ${run.environment}`;
  return columns(signs, [
    { content: [say(here ? signs.cursor : ' ', 'accent')], width: 2 },
    { content: dayAndMinute(run.startedAt), width: 12, align: 'right' },
    { content: [say(`  ${ago(run.startedAt, new Date(now))}`, 'dim')], width: 13 },
    { content: [say(signs[sign], tone), say(` ${run.run} ${name}`)], width: Math.max(8, width - 27) },
  ]);
}

function detailLines(signs: Signs, state: RunsState, width: number, now: number): readonly Line[] {
  const run = runUnderCursor(state);
  if (!run) return [];
  const { word, tone } = outcomeLook(run);
  const facts = runFacts(run).flatMap(({ label, text }) => labelled(label, text, width));
  return [
    rule(signs, width, [
      { at: 3, title: `run ${run.run}` },
      { at: 0, title: `${run.operation} to ${run.environment}`, tone: 'dim' },
      { at: 0, title: word, tone },
    ]),
    ...facts,
    ...stepsOf(signs, state, run, width, now),
  ];
}

/** The steps with their time of day, once the run was read in full. */
function stepsOf(
  signs: Signs,
  { detail }: RunsState,
  run: RunSummary,
  width: number,
  now: number,
): readonly Line[] {
  if (detail?.summary.run !== run.run) return [];
  const rows = stepRows(recordedView(run, detail.events), now).filter(({ at }) => at !== undefined);
  return rows.map(({ sign, tone, name, time, says, at = '' }) =>
    columns(signs, [
      { content: [say(`  ${clock(at).slice(0, 8)}`, 'dim')], width: 14 },
      { content: name, width: 11 },
      {
        content: [say(`${signs[sign]} `, tone), say(cutClause(says, width - (time === '' ? 27 : 38), signs))],
        width: Math.max(0, width - (time === '' ? 25 : 36)),
      },
      { content: time, width: time === '' ? 0 : 11, align: 'right' },
    ]),
  );
}

function labelled(label: string, text: string, width: number): readonly Line[] {
  const [first = '', ...rest] = wrapped(text, width - 15);
  return [
    [say(`  ${label.padEnd(12)}`, 'dim'), say(first)],
    ...rest.map((row) => [say(' '.repeat(14)), say(row)]),
  ];
}

/** `42 runs` for the header. */
export function countOf(state: RunsState): string {
  return state.runs.kind === 'answered' ? quantity(state.runs.report.runs.length, 'run') : '';
}
