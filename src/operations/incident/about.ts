import { code, prose, table } from '../../lib/markdown.ts';
import { count, duration, quantity } from '../../lib/numbers.ts';
import { dateAndSecond } from '../../lib/time.ts';
import type { RunReport, RunSummary } from '../reports.ts';
import { nextSteps } from './found.ts';
import type { Incident, IncidentDatabase } from './incident.ts';
import { said } from './said.ts';
import { choiceIn, sayConfirmed } from './timeline.ts';

/** What somebody needs who reads nothing else. */
export function shortSection(incident: Incident): readonly string[] {
  const [first, ...others] = nextSteps(incident);
  return [
    `- **What happened**: ${whatHappened(incident)}`,
    `- **Now**: ${incident.databases.map((database) => nowOf(database, incident)).join('; ')}.`,
    `- **Done since**: ${doneSince(incident)}`,
    `- **To do**: ${first === undefined ? 'nothing that is known here.' : `${first}${others.length === 0 ? '' : ` (${count(others.length)} more below)`}`}`,
  ];
}

/** Where, which run, who, with what. */
export function aboutSection(incident: Incident): readonly string[] {
  const { run, environment, databases } = incident;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['environment', code(environment)],
    ...databases.map(({ name, now }): [string, string] => [
      'database',
      now.kind === 'read'
        ? `${code(name)}: ${prose(now.status.engine)}, ${code(now.status.location)}`
        : code(name),
    ]),
    ...(run ? runRows(run) : [['run', 'none that is known here'] as const]),
    ['command log', run?.log === undefined ? undefined : code(run.log.replace(`${incident.root}/`, ''))],
  ];
  return table(
    ['', ''],
    rows.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

function runRows({ summary, events }: RunReport): readonly (readonly [string, string | undefined])[] {
  const { startedAt, finishedAt, confirmed } = summary;
  return [
    ['run', `${summary.run}, ${summary.operation}${choiceIn(events)}`],
    ['by', `${prose(summary.by)} on ${prose(summary.host)}`],
    ['version', `migrate-tui ${prose(summary.version)}`],
    ['git', summary.git === undefined ? undefined : code(summary.git)],
    ['begun', dateAndSecond(startedAt)],
    [
      'ended',
      finishedAt === undefined
        ? 'not recorded'
        : `${dateAndSecond(finishedAt)}, after ${between(startedAt, finishedAt)}`,
    ],
    [
      'confirmed',
      confirmed === undefined ? 'not' : `${sayConfirmed(confirmed)}, ${dateAndSecond(confirmed.at)}`,
    ],
    [
      'outcome',
      `${sayOutcome(summary.outcome)}${summary.exitCode === undefined ? '' : `, exit ${summary.exitCode}`}`,
    ],
    ['backup', summary.backup === undefined ? undefined : code(summary.backup)],
  ];
}

function whatHappened(incident: Incident): string {
  if (!incident.run)
    return 'no run that is known here began what is found; when it ran and who ran it is not known.';
  const { summary } = incident.run;
  const who = `run ${summary.run}, ${summary.operation} of ${code(summary.environment)} by ${prose(`${summary.by}@${summary.host}`)} on ${dateAndSecond(summary.startedAt)} UTC, ${sayOutcome(summary.outcome)}`;
  const inside =
    summary.inside === undefined
      ? ''
      : ` inside ${code(summary.inside.tag)} (${code(summary.inside.database)})`;
  return `${who}${inside}${summary.message === undefined ? '.' : `: ${said(summary.message, incident)}`}`;
}

function sayOutcome(outcome: RunSummary['outcome']): string {
  switch (outcome) {
    case 'running':
      return 'is still running';
    case 'done':
      return 'ended well';
    case 'failed':
      return 'failed';
    case 'stopped':
      return 'was stopped';
    case 'refused':
      return 'was refused';
    case 'rehearsed':
      return 'was only rehearsed';
    case 'cut-off':
      return 'was cut off';
  }
}

function nowOf({ name, now }: IncidentDatabase, incident: Incident): string {
  if (now.kind === 'not-read') return `${code(name)} could not be read`;
  const [first, ...others] = now.cases;
  if (!first) return `${code(name)} is ${now.status.state.join(', ')}`;
  const more = others.length === 0 ? '' : `, and ${quantity(others.length, 'more case')}`;
  return `${code(name)}: ${prose(first.tag)}: ${said(first.verdict, incident)}${more}`;
}

function doneSince({ later, laterStill }: Incident): string {
  if (later.length === 0) return 'nothing.';
  const runs = later.map(
    ({ summary: { run, operation, outcome } }) => `run ${run} (${operation}) ${sayOutcome(outcome)}`,
  );
  return `${runs.join(', ')}${laterStill === 0 ? '' : `, and ${quantity(laterStill, 'later run')}`}.`;
}

function between(from: string, to: string): string {
  return duration(Date.parse(to) - Date.parse(from));
}
