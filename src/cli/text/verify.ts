import type { VerifyCheck, VerifyReport } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';

/** One sentence, then a line a check. */
export function verifyText(report: VerifyReport, style: Style): readonly string[] {
  const differing = report.checks.filter(({ state }) => state === 'differs').length;
  const proven = report.checks.filter(({ state }) => state === 'proven').length;
  const name = shown(report.environment);
  return [
    report.equal
      ? `${name} is what its migrations say: ${proven} of ${report.checks.length} checks proven.`
      : `${name} is not what its migrations say: ${differing} of ${report.checks.length} checks differ. Nothing was changed.`,
    ...table(
      report.checks.map(({ database, check, state, says }): readonly Cell[] => [
        stateCell(state, style),
        database,
        check.replaceAll('-', ' '),
        says,
      ]),
      [{}, { cut: 'middle' }, {}, { cut: 'end' }],
      style,
    ),
  ];
}

function stateCell(state: VerifyCheck['state'], { signs }: Style): Cell {
  switch (state) {
    case 'proven':
      return { text: `${signs.done} proven`, as: 'ok' };
    case 'differs':
      return { text: `${signs.differs} differs`, as: 'danger' };
    case 'not-possible':
      return { text: `${signs.nothing} not possible`, as: 'dim' };
  }
}
