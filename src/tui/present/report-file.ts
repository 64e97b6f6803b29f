import { sentences } from '../../lib/sentences.ts';
import { duration } from '../../lib/numbers.ts';
import { moment, span } from '../../lib/time.ts';
import type { RunEvent } from '../../operations/events.ts';
import { countsOf } from './rows.ts';
import { foldRun, type RunView } from './run.ts';
import { stepRows } from './steps.ts';
import { wayBackWords } from './way-back.ts';

/** A run as a file for a ticket or an incident: names, counts and times, never row values. */
export function incidentReport(events: readonly RunEvent[]): string {
  const view = foldRun(events);
  const end = view.lastHeard ?? '';
  const rows = countsOf(view).map(
    ({ table, before, after }) => `${table}: ${before ?? 'not there'} to ${after ?? 'gone'}`,
  );
  return [
    `# Run ${view.run ?? 'unknown'}: ${view.operation ?? 'unknown'} on ${view.environment}`,
    '',
    outcomeWords(view),
    '',
    `- when: ${view.startedAt === undefined ? 'not known' : `${moment(view.startedAt, { year: 'with' })} (${span(view.startedAt, end)})`}`,
    `- who: ${view.by} on ${view.host}, migrate-tui ${view.version}${view.git === undefined ? '' : `, git ${view.git}`}`,
    `- databases: ${view.databases.join(', ')}`,
    `- way back: ${wayBackWords(view)}`,
    ...(view.confirmed
      ? [`- confirmed: ${view.confirmed.how} by ${view.confirmed.by}, ${view.confirmed.hash}`]
      : []),
    ...section(
      'Steps',
      stepRows(view, Date.parse(end)).map(({ name, time, says }) =>
        [name, time, says].filter(Boolean).join(', '),
      ),
    ),
    ...section(
      'Migrations',
      view.migrations.map(
        ({ database, tag, state, took }) =>
          `${database} ${tag}: ${state}${took === undefined ? '' : `, ${duration(took)}`}`,
      ),
    ),
    ...section(
      'Checked',
      view.checks.map(({ database, check, state, says }) => `${database} ${check}: ${state}, ${says}`),
    ),
    ...section('Rows', rows),
    ...section(
      'Noted',
      view.notices.map(({ message }) => message),
    ),
    '',
  ].join('\n');
}

function outcomeWords({ outcome }: RunView): string {
  switch (outcome.kind) {
    case 'running':
      return 'The run has not ended.';
    case 'done':
      return outcome.message;
    case 'failed':
      return sentences(outcome);
  }
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', `## ${title}`, '', ...items.map((item) => `- ${item}`)];
}
