import { quantity } from '../../../lib/numbers.ts';
import type { Sign } from '../../../lib/signs.ts';
import type { DoctorReport } from '../../../operations/reports.ts';
import { columns, headline, paragraph } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { widthOf } from '../../present/width.ts';
import type { Tone } from '../../theme.ts';
import { answerPage, type Rows, type RowsView } from '../answer-page.tsx';

type Check = DoctorReport['checks'][number];

/** What is said of the project, its folders, its targets and this machine: what needs eyes first. */
export const doctor = answerPage<'doctor', DoctorReport>({
  name: 'doctor',
  args: () => ['doctor'],
  what: () => 'looking at the project; nothing is written',
  accept: (report) => (report.kind === 'doctor' ? report : undefined),
  header: (_request, answered) => ({
    path: ['doctor'],
    right:
      answered === undefined ? [] : [{ text: quantity(answered.report.checks.length, 'check'), tone: 'dim' }],
  }),
  rows,
});

function rows({ checks }: DoctorReport, { signs, context, at }: RowsView<unknown>): Rows {
  const { columns: width } = context;
  const sorted = (['problem', 'warning', 'ok'] as const).flatMap((wanted) =>
    checks.filter(({ state }) => state === wanted),
  );
  const label = Math.min(Math.floor(width / 3), Math.max(0, ...checks.map(({ check }) => widthOf(check))));
  const each = sorted.map((check, index) => checkLines(check, { signs, width, label, here: index === at }));
  const { sign, tone, says } = verdictOf(checks);
  const head = [...headline(signs, { sign, tone }, says, width), []];
  return {
    lines: [...head, ...each.flat()],
    items: sorted.length,
    // The last row of the check, where it has several; on the first check the sentence above is in sight.
    cursor: at === 0 ? 0 : head.length + each.slice(0, at + 1).flat().length - 1,
  };
}

function verdictOf(checks: readonly Check[]): {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly says: string;
} {
  const count = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems + warnings === 0) {
    return { sign: 'done', tone: 'ok', says: 'Nothing stands in the way. Nothing was changed.' };
  }
  const found = [
    ...(problems === 0 ? [] : [quantity(problems, 'problem')]),
    ...(warnings === 0 ? [] : [quantity(warnings, 'thing')]),
  ].join(' and ');
  const sign = problems > 0 ? 'failed' : 'finding';
  return { sign, tone: problems > 0 ? 'danger' : 'warn', says: `${found} to look at. Nothing was changed.` };
}

function checkLines(
  { check, state, says, next }: Check,
  view: {
    readonly signs: RowsView<unknown>['signs'];
    readonly width: number;
    readonly label: number;
    readonly here: boolean;
  },
): readonly Line[] {
  const { signs, width, label, here } = view;
  const { sign, tone } = looks[state];
  const said = { width, indent: label + 6 };
  const below = next === undefined ? [] : paragraph(next, { ...said, tone: 'dim' });
  return [...paragraph(says, said), ...below].map((line, index) =>
    index > 0
      ? line
      : [
          say(here ? `${signs.cursor} ` : '  ', 'accent'),
          say(signs[sign], tone),
          ...columns(signs, [
            { content: '', width: 1 },
            { content: check, width: label, cut: 'middle' },
            { content: '', width: 2 },
          ]),
          ...line.slice(1),
        ],
  );
}

const looks = {
  problem: { sign: 'failed', tone: 'danger' },
  warning: { sign: 'finding', tone: 'warn' },
  ok: { sign: 'done', tone: 'ok' },
} as const;
