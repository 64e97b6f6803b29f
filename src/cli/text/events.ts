import { count, duration } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { RunEvent } from '../../operations/events.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { accountText } from './account.ts';
import { lossText } from './evidence.ts';

/** What an event says to a person who follows a run; none for what only a program needs. */
export function eventText(event: RunEvent, style: Style): readonly string[] {
  const { paint, signs } = style;
  switch (event.kind) {
    case 'started':
      return [startedText(event, style)];
    case 'step-finished':
      return [`${paint('ok', signs.done)} ${stepTook(event)}: ${shown(event.says)}`];
    case 'step-failed': {
      const at = event.statement === undefined ? '' : `, statement ${count(event.statement)}`;
      return [`${paint('danger', signs.failed)} ${stepTook(event)}${at}: ${shown(event.message)}`];
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
    // The refusal that follows says the rest for people.
    case 'review':
      return accountText(event, style);
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

interface Step {
  readonly step: string;
  readonly database: string;
  readonly tag?: string;
}

/** What a step is called for people: `apply    app 0014_orders_due_date`. */
export function stepName(step: Step): string {
  return `${stepWord(step)} ${stepPlace(step)}`;
}

function stepTook(step: Step & { readonly took: number }): string {
  return `${stepWord(step)} ${duration(step.took).padStart(7)}  ${stepPlace(step)}`;
}

function stepWord({ step }: Step): string {
  return (step === 'migrate' ? 'apply' : step).padEnd(8);
}

function stepPlace({ database, tag }: Step): string {
  return tag === undefined ? shown(database) : `${shown(database)} ${shown(tag)}`;
}

function startedText(event: Extract<RunEvent, { kind: 'started' }>, { paint }: Style): string {
  const { databases, run } = event;
  const where = `${shown(event.environment)}${event.protected ? ` ${paint('danger', 'PROTECTED')}` : ''}`;
  const what = databases.length === 1 ? 'database' : 'databases';
  return [
    `${event.operation} ${where}`,
    ...(databases.length === 0 ? [] : [`${what} ${shown(databases.join(', '))}`]),
    ...(run === 0 ? [] : [`run ${run}`]),
  ].join(', ');
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
