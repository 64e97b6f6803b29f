import { code, prose, table } from '../../lib/markdown.ts';
import { quantity } from '../../lib/numbers.ts';
import { dateAndSecond } from '../../lib/time.ts';
import type { RecoveryCase, RunReport } from '../reports.ts';
import type { DatabaseNow, Incident } from './incident.ts';
import { said } from './said.ts';
import { choiceIn, sayConfirmed } from './timeline.ts';

/** What recover says of it now, with what that rests on and the ways that are open. */
export function foundSection(incident: Incident): readonly string[] {
  const found = casesIn(incident);
  if (found.length > 0)
    return found.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...caseLines(one, incident)]);
  return incident.databases.some(({ now }) => now.kind === 'not-read')
    ? ['Not asked: see the state below.']
    : ['Nothing is unfinished, and nothing contradicts itself.'];
}

function caseLines(one: RecoveryCase, incident: Incident): readonly string[] {
  const { database, tag, verdict, evidence, meaning = [], options } = one;
  return [
    `**${code(tag)}** in ${code(database)}: ${said(verdict, incident)}`,
    '',
    ...evidence.map((line) => `- ${said(line, incident)}`),
    ...meaning.map((line) => `- What it means: ${said(line, incident)}`),
    ...options.map(
      ({ id, recommended, allowed, why }) =>
        `- ${code(id)} (${recommended ? 'recommended' : allowed ? 'possible' : 'not possible'}): ${said(why, incident)}`,
    ),
  ];
}

/** What people did about it: each later run, who agreed to it and how. */
export function choiceSection({ later, laterStill, environment }: Incident): readonly string[] {
  if (later.length === 0) return ['Nothing yet.'];
  return [
    ...table(['begun (UTC)', 'run', 'what', 'by', 'confirmed', 'outcome'], later.map(choiceRow)),
    ...(laterStill === 0
      ? []
      : [
          '',
          `${quantity(laterStill, 'later run')} ${laterStill === 1 ? 'is' : 'are'} not shown: ${code(`migrate-tui runs ${environment}`)}`,
        ]),
  ];
}

function choiceRow({ summary, events }: RunReport): readonly string[] {
  return [
    dateAndSecond(summary.startedAt),
    String(summary.run),
    `${summary.operation}${choiceIn(events)}`,
    prose(`${summary.by}@${summary.host}`),
    summary.confirmed === undefined ? 'not' : sayConfirmed(summary.confirmed),
    `${summary.outcome === 'cut-off' ? 'cut off' : summary.outcome}${summary.exitCode === undefined ? '' : `, exit ${summary.exitCode}`}`,
  ];
}

/** What status says of each database. */
export function stateSection(incident: Incident): readonly string[] {
  return incident.databases.flatMap(({ name, now }) => {
    if (now.kind === 'not-read') return [`- ${code(name)} could not be read: ${said(now.why, incident)}`];
    const { state, applied, pending, says, lock } = now.status;
    return [
      `- ${code(name)}: ${state.join(', ')}; ${quantity(applied, 'migration')} applied, ${pending} pending`,
      ...(lock
        ? [
            `  - The lock is ${lock.held === 'live' ? 'held' : 'left'} by run ${prose(lock.run)} of ${prose(`${lock.by}@${lock.host}`)}, since ${dateAndSecond(lock.since)}.`,
          ]
        : []),
      ...says.map((line) => `  - ${said(line, incident)}`),
    ];
  });
}

/** What leads on, in order, the recommended way first; an item of Markdown each. */
export function nextSection(incident: Incident): readonly string[] {
  const steps = nextSteps(incident);
  if (steps.length > 0) return steps.map((step) => `1. ${step}`);
  return [`Nothing. ${code(`migrate-tui verify ${incident.environment}`)} proves it.`];
}

/** What may be wrong differs with what was done before it, so none is more than the next one from here. */
export function nextSteps(incident: Incident): readonly string[] {
  const { environment, databases } = incident;
  const commands = [
    ...casesIn(incident).map((one) => wayOut(one, incident)),
    ...(databases.some(({ now }) => isOpen(now)) ? [`migrate-tui deploy ${environment}`] : []),
  ];
  const unread = databases.flatMap(({ name, now }) => (now.kind === 'not-read' ? [name] : []));
  const steps = [
    ...unread.map((name) => `Make ${code(name)} answer, and put this report together again.`),
    ...advice(incident),
    ...new Set(commands.map(code)),
  ];
  return steps.length === 0 ? [] : [...steps, code(`migrate-tui verify ${environment}`)];
}

/** The run's own advice, as long as nothing was done about it. */
function advice(incident: Incident): readonly string[] {
  const end = incident.run?.events.findLast((event) => event.kind === 'failed');
  const isOver = incident.later.some(({ summary }) => summary.outcome === 'done');
  if (end?.next === undefined || isOver || casesIn(incident).length > 0) return [];
  return [said(end.next, incident)];
}

/** A case is named only where others of its database have the same way. */
function wayOut({ tag, database, options }: RecoveryCase, incident: Incident): string {
  const best = options.find(({ recommended, allowed }) => recommended && allowed);
  if (!best) return `migrate-tui recover ${incident.environment}`;
  const rivals = casesIn(incident).filter((one) =>
    one.options.some(({ id, allowed }) => id === best.id && allowed),
  );
  const only = rivals.filter((one) => one.database === database).length > 1 ? ` --only ${tag}` : '';
  const named = rivals.some((one) => one.database !== database) ? ` --database ${database}` : '';
  return `migrate-tui recover ${incident.environment} --choose ${best.id}${only}${named}`;
}

/** Whether a deploy would still do something that no case speaks of. */
function isOpen(now: DatabaseNow): boolean {
  if (now.kind === 'not-read') return false;
  const inCases = new Set(now.cases.map(({ tag }) => tag));
  return now.status.items.some(({ tag, state }) => state === 'pending' && !inCases.has(tag));
}

function casesIn({ databases }: Incident): readonly RecoveryCase[] {
  return databases.flatMap(({ now }) => (now.kind === 'read' ? now.cases : []));
}
