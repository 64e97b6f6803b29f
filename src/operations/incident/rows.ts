import { code, table } from '../../lib/markdown.ts';
import { change, count, quantity } from '../../lib/numbers.ts';
import type { RunEvent } from '../events.ts';
import type { Evidence, Loss } from '../evidence/evidence.ts';
import type { RunReport } from '../reports.ts';
import type { Incident } from './incident.ts';
import { said } from './said.ts';

/** Rows of each table as they were counted: in the dry-run, and in the target around the apply. */
export function rowSection(incident: Incident): readonly string[] {
  const runs = incident.run ? [incident.run, ...incident.later] : incident.later;
  const counted = runs.flatMap(countsOf);
  const losses = runs.flatMap((run) => lossesOf(run, incident));
  if (counted.length === 0 && losses.length === 0) return ['None were counted that differ.'];
  return [
    ...(counted.length === 0
      ? []
      : table(['run', 'counted in', 'database', 'table', 'before', 'after', 'difference'], counted)),
    ...(counted.length > 0 && losses.length > 0 ? [''] : []),
    ...losses,
  ];
}

function countsOf({ summary: { run }, events }: RunReport): readonly (readonly string[])[] {
  return finished(events).flatMap(({ database, evidence, rows }) => [
    ...(evidence?.tables ?? []).map(({ table: name, rowsBefore, rowsAfter }) =>
      rowOf([String(run), rehearsedOn(evidence), code(database), code(name)], rowsBefore, rowsAfter),
    ),
    ...(rows ?? []).map(({ table: name, before, after }) =>
      rowOf([String(run), 'the target', code(database), code(name)], before, after),
    ),
  ]);
}

function finished(events: readonly RunEvent[]) {
  return events.filter((event) => event.kind === 'step-finished');
}

function rowOf(
  place: readonly string[],
  before: number | undefined,
  after: number | undefined,
): readonly string[] {
  return [...place, sayCount(before), sayCount(after), change((after ?? 0) - (before ?? 0))];
}

function sayCount(rows: number | undefined): string {
  return rows === undefined ? 'no table' : count(rows);
}

function rehearsedOn(evidence: Evidence | undefined): string {
  return evidence?.rehearsal === 'in-target' ? 'the target, undone' : 'the dry-run';
}

function lossesOf({ summary: { run }, events }: RunReport, incident: Incident): readonly string[] {
  return finished(events).flatMap(({ evidence }) =>
    (evidence?.losses ?? []).map(
      (loss) =>
        `- Run ${run}, not asked for by any statement: ${sayLoss(loss)}; likely ${said(loss.likely, incident)}`,
    ),
  );
}

function sayLoss(loss: Loss): string {
  switch (loss.kind) {
    case 'rows':
      return `${code(loss.table)} loses ${quantity(loss.rows, 'row')}`;
    case 'nulled':
      return `${code(`${loss.table}.${loss.column}`)} becomes NULL in ${quantity(loss.rows, 'row')}`;
    case 'values':
      return `${code(`${loss.table}.${loss.column}`)} changes in up to ${quantity(loss.rows, 'row')}`;
  }
}
