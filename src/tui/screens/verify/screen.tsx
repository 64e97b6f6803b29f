import { quantity } from '../../../lib/numbers.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { VerifyCheck, VerifyReport } from '../../../operations/reports.ts';
import { columns, paragraph } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import type { RequestOf } from '../../screen.ts';
import { answerPage, type Rows, type RowsView } from '../answer-page.tsx';
import { badgeOf } from '../page.ts';

/** Whether a target is what its migrations say, check by check. */
export const verify = answerPage<'verify', VerifyReport>({
  name: 'verify',
  args: ({ environment }) => ['verify', environment],
  what: ({ environment }) => `checking ${environment}; it is only read`,
  accept: (report) => (report.kind === 'verify' ? report : undefined),
  header: ({ environment }, _answer, context) => ({
    path: [environment, 'verify'],
    right: badgeOf(context, environment),
  }),
  rows,
});

function rows(report: VerifyReport, { signs, context, at }: RowsView<RequestOf<'verify'>>): Rows {
  const { columns: width } = context;
  const differs = report.checks.filter(({ state }) => state === 'differs').length;
  const said = report.equal
    ? `${signs.done} ${report.environment} is what its migrations say: ${quantity(report.checks.length, 'check')}. Nothing was changed.`
    : `${signs.differs} ${report.environment} differs in ${quantity(differs, 'check')}. Nothing was changed.`;
  const several = new Set(report.checks.map(({ database }) => database)).size > 1;
  const lines = report.checks.flatMap((check, index) =>
    checkLines(check, { signs, width, several, here: index === at }),
  );
  return {
    lines: [...paragraph(said, { width }), [], ...lines],
    items: report.checks.length,
    cursor: 2 + at,
  };
}

function checkLines(
  { database, check, state, says }: VerifyCheck,
  view: {
    readonly signs: RowsView<unknown>['signs'];
    readonly width: number;
    readonly several: boolean;
    readonly here: boolean;
  },
): readonly Line[] {
  const { signs, width, several, here } = view;
  const name = several ? `${database}, ${wordOf(check)}` : wordOf(check);
  const label = several ? 28 : 18;
  return paragraph(says, { width, indent: label + 4 }).map((line, index) =>
    index > 0
      ? line
      : [
          say(here ? `${signs.cursor} ` : '  ', 'accent'),
          ...signOf(state, signs),
          ...columns(signs, [{ content: ` ${name}`, width: label + 1 }]),
          ...line.slice(1),
        ],
  );
}

function signOf(state: VerifyCheck['state'], signs: RowsView<unknown>['signs']): Line {
  switch (state) {
    case 'proven':
      return [say(signs.done, 'ok')];
    case 'differs':
      return [say(signs.differs, 'warn')];
    case 'not-possible':
      return [say(signs.nothing, 'dim')];
    default:
      return unreachable(state);
  }
}

function wordOf(check: VerifyCheck['check']): string {
  return check === 'verify-file' ? 'your checks' : check.replaceAll('-', ' ');
}
