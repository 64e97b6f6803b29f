import { code, prose, table } from '../../lib/markdown.ts';
import { bytes, quantity } from '../../lib/numbers.ts';
import { dateAndSecond } from '../../lib/time.ts';
import type { BackupSummary, RunReport } from '../reports.ts';
import type { Incident } from './incident.ts';
import { leftOut, said } from './said.ts';
import { stepName } from './timeline.ts';

/** Each failure once, with its code and what was advised. */
export function errorSection(incident: Incident): readonly string[] {
  const runs = incident.run ? [incident.run, ...incident.later] : incident.later;
  const lines = runs.flatMap((run) => errorsOf(run, incident));
  return lines.length === 0 ? ['None was recorded.'] : lines;
}

function errorsOf({ summary, events }: RunReport, incident: Incident): readonly string[] {
  const steps = events.filter((event) => event.kind === 'step-failed');
  const end = events.findLast((event) => event.kind === 'failed');
  const inSteps = steps.map((step) => {
    const at = step.statement === undefined ? '' : `, statement ${step.statement}`;
    return `- Run ${summary.run}, ${stepName(step)}${at}: ${code(step.code)}. ${said(step.message, incident)}`;
  });
  if (!end) return inSteps;
  const isKnown = steps.some(({ message }) => message === end.message);
  return [
    ...inSteps,
    ...(isKnown ? [] : [`- Run ${summary.run}: ${code(end.code)}. ${said(end.message, incident)}`]),
    ...(end.next === undefined ? [] : [`  - What was advised: ${advised(end.next, summary.run, incident)}`]),
  ];
}

function advised(next: string, run: number, incident: Incident): string {
  const text = said(next, incident);
  return text.includes(leftOut) ? `${text} (In full: ${code(`migrate-tui show ${run}`)})` : text;
}

/** The backups of these runs, and how well each is proven. */
export function backupSection({ run, later, backups }: Incident): readonly string[] {
  const named = [run, ...later].flatMap((one) =>
    one ? backupsOf(one).map((id) => [id, one.summary.run] as const) : [],
  );
  const rows = new Map(named.map(([id, number]) => [id, rowOf(id, number, backups)]));
  if (rows.size === 0) return ['None was taken or put back.'];
  return table(['backup', 'run', 'taken', 'holds', 'proof'], [...rows.values()]);
}

function backupsOf({ summary, events }: RunReport): readonly string[] {
  const taken = events.flatMap((event) =>
    'backup' in event && event.backup !== undefined ? [event.backup] : [],
  );
  return [...new Set([...taken, ...(summary.backup === undefined ? [] : [summary.backup])])];
}

function rowOf(id: string, run: number, backups: readonly BackupSummary[]): readonly string[] {
  const found = backups.find((one) => one.id === id);
  if (!found) return [code(id), String(run), '', '', 'no longer kept on this machine'];
  const holds = found.databases.map(
    ({ database, tables, rows }) =>
      `${code(database)}: ${quantity(tables, 'table')}, ${quantity(rows, 'row')}`,
  );
  const size = found.proof === 'kept-by-server' ? '' : `, ${bytes(found.size)}`;
  return [code(id), String(run), dateAndSecond(found.takenAt), `${holds.join('; ')}${size}`, sayProof(found)];
}

function sayProof({ proof, databases }: BackupSummary): string {
  switch (proof) {
    case 'proven':
      return 'a dry-run restored it';
    case 'read-back':
      return 'its checksum was read back';
    case 'damaged':
      return '**damaged**';
    case 'kept-by-server': {
      const places = databases.flatMap(({ position }) => (position === undefined ? [] : [code(position)]));
      return `a place in the server's own history: ${places.join(', ') || prose('not named')}`;
    }
  }
}
