import { code, prose } from '../../lib/markdown.ts';
import { dateAndSecond } from '../../lib/time.ts';
import { aboutSection, shortSection } from './about.ts';
import { backupSection, errorSection } from './failures.ts';
import { choiceSection, foundSection, nextSection, stateSection } from './found.ts';
import type { Incident } from './incident.ts';
import { rowSection } from './rows.ts';
import { schemaSection } from './schema-changes.ts';
import { migrationSections } from './statements.ts';
import { timeline } from './timeline.ts';

/**
 * What happened to an environment, as a page of Markdown for those who were not there. It holds no row value, no
 * credential and no literal of a statement, and nothing in a name or an error is markup.
 */
export function incidentMarkdown(incident: Incident): string {
  const lines = [
    `# ${titleOf(incident)}`,
    '',
    `Put together ${dateAndSecond(incident.at)} UTC by migrate-tui ${prose(incident.version)}. All times are UTC. Values are left out: where a statement has one, it shows •••.`,
    ...section('In short', shortSection(incident)),
    ...section('What it is about', aboutSection(incident)),
    ...section('Timeline', timeline(incident)),
    ...section('Migrations and statements', migrationSections(incident)),
    ...section('Errors', errorSection(incident)),
    ...section('Backups', backupSection(incident)),
    ...section('Rows before and after', rowSection(incident)),
    ...section('Schema', schemaSection(incident)),
    ...section('Diagnosis', foundSection(incident)),
    ...section('What was chosen since', choiceSection(incident)),
    ...section('State now', stateSection(incident)),
    ...section('What remains to be done', nextSection(incident)),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', `## ${title}`, ...(lines[0] === '' ? [] : ['']), ...lines];
}

function titleOf({ environment, run, at }: Incident): string {
  return run
    ? `Incident report: ${run.summary.operation} of ${code(environment)}, run ${run.summary.run}, ${dateAndSecond(run.summary.startedAt)} UTC`
    : `Incident report: ${code(environment)}, ${dateAndSecond(at)} UTC`;
}
