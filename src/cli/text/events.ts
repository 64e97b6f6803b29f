import { duration, quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { RunEvent } from '../../operations/events.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { lossText } from './evidence.ts';

/** What an event says to a person who follows a run; none for what only a program needs. */
export function eventText(event: RunEvent, style: Style): readonly string[] {
  const { paint, signs } = style;
  switch (event.kind) {
    case 'started':
      return [startedText(event, style)];
    case 'step-finished': {
      const name = stepName(event);
      return [
        `${paint('ok', signs.done)} ${name}  ${duration(event.took).padStart(6)}  ${shown(event.says)}`,
      ];
    }
    case 'step-failed': {
      const at = event.statement === undefined ? '' : ` statement ${event.statement}:`;
      return [
        `${paint('danger', signs.failed)} ${stepName(event)}  ${duration(event.took).padStart(6)} ${at} ${shown(event.message)}`,
      ];
    }
    case 'confirmed':
      return [`${paint('ok', signs.done)} ${confirmedText(event)}`];
    case 'backup-renewed':
      return [
        `${paint('warn', signs.finding)} a fresh backup ${shown(event.backup)} of ${shown(event.database)}: ${shown(event.because)}`,
      ];
    case 'notice': {
      const sign = event.level === 'warning' ? paint('warn', signs.finding) : paint('dim', signs.nothing);
      return [`${sign} ${shown(event.message)}`];
    }
    case 'rehearsed':
      return event.losses.map((loss) => `${paint('danger', signs.failed)} ${lossText(loss)}`);
    case 'step-started':
    case 'statement':
    case 'progress':
    case 'done':
    case 'failed':
      return [];
    default:
      return unreachable(event);
  }
}

/** What a step is called for people: `apply app 0014_orders_due_date`. */
export function stepName({
  step,
  database,
  tag,
}: {
  readonly step: string;
  readonly database: string;
  readonly tag?: string;
}): string {
  const word = step === 'migrate' ? 'apply' : step;
  return [word.padEnd(8), shown(database), ...(tag === undefined ? [] : [shown(tag)])].join(' ');
}

function startedText(event: Extract<RunEvent, { kind: 'started' }>, { paint }: Style): string {
  const databases = `database${event.databases.length === 1 ? '' : 's'} ${shown(event.databases.join(', '))}`;
  const badge = event.protected ? ` ${paint('danger', 'PROTECTED')}` : '';
  const number = event.run === 0 ? '' : `, run ${event.run}`;
  if (event.operation === 'demo' || event.operation === 'init') return `${event.operation}${number}`;
  const steps = event.steps.length === 0 ? '' : `, ${quantity(event.steps.length, 'step')}`;
  return `${event.operation} ${shown(event.environment)}${badge}, ${databases}${number}${steps}`;
}

function confirmedText({ how, by }: Extract<RunEvent, { kind: 'confirmed' }>): string {
  switch (how) {
    case 'flag':
      return `confirmed by a flag, as ${shown(by)}`;
    case 'typed':
      return `confirmed by ${shown(by)}, typed`;
    case 'not-needed':
      return 'no consent is needed';
    default:
      return unreachable(how);
  }
}
