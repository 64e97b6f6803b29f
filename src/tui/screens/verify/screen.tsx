import { quantity } from '../../../lib/numbers.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { VerifyCheck, VerifyReport } from '../../../operations/reports.ts';
import { columns, paragraph } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { widthOf } from '../../present/width.ts';
import type { RequestOf } from '../../screen.ts';
import { answerPage, type Rows, type RowsView } from '../answer-page.tsx';
import { protectionOf } from '../page.ts';
import { readAgo } from '../reading.ts';

/** Whether a target is what its migrations say, check by check. */
export const verify = answerPage<'verify', VerifyReport>({
  name: 'verify',
  args: ({ environment }) => ['verify', environment],
  what: ({ environment }) => `checking ${environment}; it is only read`,
  accept: (report) => (report.kind === 'verify' ? report : undefined),
  // What it found is part of the status from now on.
  answered: ({ environment }) => [{ kind: 'refresh', environments: [environment] }],
  header: ({ environment }, answered, context) => ({
    path: [environment, 'verify'],
    right: [
      ...protectionOf(context, environment),
      ...(answered
        ? [{ text: `read ${readAgo({ readAt: answered.at }, context.now)}`, tone: 'dim' } as const]
        : []),
    ],
  }),
  rows,
});

function rows(report: VerifyReport, { signs, context, at }: RowsView<RequestOf<'verify'>>): Rows {
  const { columns: width } = context;
  const differs = report.checks.filter(({ state }) => state === 'differs').length;
  const isCompared = report.checks.every(
    ({ check, state }) => check !== 'schema' || state !== 'not-possible',
  );
  const equal = isCompared
    ? `${signs.done} ${report.environment} is what its migrations say: ${quantity(report.checks.length, 'check')}.`
    : `${signs.nothing} ${report.environment} was not compared with what its migrations make; no check differs.`;
  const said = report.equal
    ? `${equal} Nothing was changed.`
    : `${signs.differs} ${report.environment} differs in ${quantity(differs, 'check')}. Nothing was changed.`;
  const several = new Set(report.checks.map(({ database }) => database)).size > 1;
  const longest = Math.max(...report.checks.map((check) => widthOf(nameOf(check, several))), 0);
  const label = width < 100 ? longest + 2 : several ? 28 : 18;
  const checks = report.checks.map((check, index) =>
    checkLines(check, { signs, width, several, label, here: index === at }),
  );
  const head = [...paragraph(said, { width }), []];
  return {
    lines: [...head, ...checks.flat()],
    items: report.checks.length,
    // The last row of the check, where it has several; on the first check the sentence above is in sight.
    cursor: at === 0 ? 0 : head.length + checks.slice(0, at + 1).flat().length - 1,
  };
}

function checkLines(
  check: VerifyCheck,
  view: {
    readonly signs: RowsView<unknown>['signs'];
    readonly width: number;
    readonly several: boolean;
    readonly label: number;
    readonly here: boolean;
  },
): readonly Line[] {
  const { signs, width, several, label, here } = view;
  const { state, says } = check;
  return paragraph(says, { width, indent: label + 4 }).map((line, index) =>
    index > 0
      ? line
      : [
          say(here ? `${signs.cursor} ` : '  ', 'accent'),
          ...signOf(state, signs),
          ...columns(signs, [{ content: ` ${nameOf(check, several)}`, width: label + 1 }]),
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

function nameOf({ database, check }: VerifyCheck, several: boolean): string {
  return several ? `${database}, ${wordOf(check)}` : wordOf(check);
}

function wordOf(check: VerifyCheck['check']): string {
  return check === 'verify-file' ? 'your checks' : check.replaceAll('-', ' ');
}
