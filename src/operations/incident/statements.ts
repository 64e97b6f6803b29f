import { code, fenced, prose, table } from '../../lib/markdown.ts';
import { duration, quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Incident, IncidentDatabase, IncidentUnit } from './incident.ts';
import { asUndone } from '../rollback/undone.ts';
import { said } from './said.ts';
import { statementRows, type Asked } from './statement-rows.ts';

/** Each migration that was begun, failed or is unfinished, statement by statement. */
export function migrationSections(incident: Incident): readonly string[] {
  const sections = incident.databases.flatMap((database) =>
    tagsOf(database, incident).flatMap((tag) => ['', ...sectionOf(tag, database, incident)]),
  );
  return sections.length === 0 ? ['None was begun, and none is unfinished.'] : sections;
}

/** In the order of the folder; records without a file come after it. */
function tagsOf({ name, migrations, units, now }: IncidentDatabase, { run }: Incident): readonly string[] {
  const known = migrations.map(({ tag }) => tag);
  // A dry-run's copy is thrown away: what was begun there was not begun.
  const inEvents = (run?.events ?? []).flatMap((event) =>
    'tag' in event && event.tag !== undefined && event.step !== 'dry-run' && event.database === name
      ? [event.tag]
      : [],
  );
  // A restore and a correction of records are units, too, and are about no file.
  const inLedger = units.filter((unit) => unit.run === run?.summary.run && known.includes(unit.tag));
  const inCases = now.kind === 'read' ? now.cases.filter(({ statements }) => statements) : [];
  const tags = new Set([...inEvents, ...[...inLedger, ...inCases].map(({ tag }) => tag)]);
  return [...tags].toSorted((a, b) => placeIn(known, a) - placeIn(known, b) || (a < b ? -1 : 1));
}

function placeIn(known: readonly string[], tag: string): number {
  const at = known.indexOf(tag);
  return at === -1 ? known.length : at;
}

function sectionOf(tag: string, database: IncidentDatabase, incident: Incident): readonly string[] {
  const { run } = incident;
  const migration = database.migrations.find((one) => one.tag === tag);
  const isRollback = run?.summary.operation === 'rollback';
  const asked: Asked = {
    tag,
    migration: migration && isRollback ? asUndone(migration) : migration,
    unit: database.units.findLast((unit) => unit.run === run?.summary.run && unit.tag === tag),
    database,
    run,
  };
  return [
    `### ${code(tag)}${incident.databases.length > 1 ? ` in ${code(database.name)}` : ''}`,
    '',
    ...(asked.migration ? fileLine(asked.migration, incident) : ['- There is no file of that name now.']),
    ...(asked.unit ? unitLines(asked.unit, asked.migration) : []),
    ...nowLine(tag, database, incident),
    ...statementLines(asked),
  ];
}

function fileLine({ file, statements, hash, rollback }: Migration, { root }: Incident): readonly string[] {
  const shown = code(file.replace(`${root}/`, ''));
  const isItsOwn = rollback?.file !== file;
  const of = isItsOwn ? `, hash ${code(hash.slice(0, 16))}` : '';
  return [
    `- ${isItsOwn ? 'File' : 'Rollback file'}: ${shown}, ${quantity(statements.length, 'statement')}${of}`,
  ];
}

function unitLines(unit: IncidentUnit, migration: Migration | undefined): readonly string[] {
  const hashes = migration ? [migration.hash, migration.hashWithOtherLineEnds] : [];
  // Nothing is kept of the hash of what left no record.
  const isEdited = migration !== undefined && unit.hash !== '' && !hashes.includes(unit.hash);
  return [
    `- In run ${unit.run}: ${sayOutcome(unit)}.`,
    ...(isEdited ? [`- The file was edited since: its hash was ${code(unit.hash.slice(0, 16))} then.`] : []),
  ];
}

function sayOutcome({ outcome, took }: IncidentUnit): string {
  const time = took === undefined ? '' : ` after ${duration(took)}`;
  switch (outcome) {
    case 'committed':
      return `committed${time}`;
    case 'undone':
      return `undone in full${time}`;
    case 'half':
      return `stopped in the middle${time}: what was committed of it stayed`;
    case 'unknown':
      return `the connection was lost${time}, before its outcome was known`;
    case 'none-recorded':
      return 'begun, and no outcome was recorded';
  }
}

function nowLine(tag: string, { now }: IncidentDatabase, incident: Incident): readonly string[] {
  if (now.kind === 'not-read') return [];
  const found = now.cases.find((one) => one.tag === tag);
  if (found) return [`- Now: ${said(found.verdict, incident)}.`];
  const item = now.status.items.find((one) => one.tag === tag);
  return item ? [`- Now: ${prose(item.state)}.`] : [];
}

function statementLines(asked: Asked): readonly string[] {
  const { all, shown } = statementRows(asked);
  if (all === 0) return [];
  const { run, database } = asked;
  const head = [
    'statement',
    'place',
    ...(run ? [`in run ${run.summary.run}`, 'took'] : []),
    `in ${code(database.name)} now`,
    'hash',
  ];
  return [
    '',
    ...table(
      head,
      shown.map(({ cells }) => cells),
    ),
    ...(shown.length < all
      ? ['', `${shown.length} of ${quantity(all, 'statement')}: those around the place where it stopped.`]
      : []),
    '',
    ...fenced(
      'sql',
      shown.flatMap(({ sql }) => sql),
    ),
  ];
}
