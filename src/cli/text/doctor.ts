import type { DoctorReport } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { nextOnce } from './next-once.ts';

/** A line a check; what to do stands below what is wrong. */
export function doctorText({ checks }: DoctorReport, style: Style): readonly string[] {
  const nextOf = nextOnce(checks);
  return checks.flatMap((one) => {
    const next = nextOf(one);
    return [
      `${stateSign(one.state, style)} ${shown(one.check)}  ${shown(one.says)}`,
      ...(next === undefined ? [] : [`    ${shown(next)}`]),
    ];
  });
}

function stateSign(state: DoctorReport['checks'][number]['state'], { paint, signs }: Style): string {
  switch (state) {
    case 'ok':
      return paint('ok', `${signs.done} ok     `);
    case 'warning':
      return paint('warn', `${signs.finding} warning`);
    case 'problem':
      return paint('danger', `${signs.failed} problem`);
  }
}
