import type { VerifyCheck, VerifyReport } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';

/** One sentence, then a line a check. */
export function verifyText(report: VerifyReport, style: Style): readonly string[] {
  return [
    headline(report),
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

function headline({ environment, equal, checks }: VerifyReport): string {
  const counted = (state: VerifyCheck['state']) => checks.filter((check) => check.state === state).length;
  const name = shown(environment);
  if (!equal) {
    return `${name} is not what its migrations say: ${counted('differs')} of ${checks.length} checks differ. Nothing was changed.`;
  }
  const proven = `${counted('proven')} of ${checks.length} checks proven`;
  return checks.some(({ check, state }) => check === 'schema' && state === 'not-possible')
    ? `${name} was not compared with what its migrations make: ${proven}.`
    : `${name} is what its migrations say: ${proven}.`;
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
