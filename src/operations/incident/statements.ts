import { code, fenced, prose, table } from '../../lib/markdown.ts';
import { duration, quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { foldName } from '../../sql/cursor.ts';
import { nameOf, tokens } from '../../sql/tokens.ts';
import { withoutLiterals } from '../../sql/without-literals.ts';
import { classify } from '../../sql/classify.ts';
import { statementHashes } from '../attempt.ts';
import type { RunEvent } from '../events.ts';
import type { RecoveryCase } from '../reports.ts';
import type { Incident, IncidentDatabase, IncidentUnit } from './incident.ts';
import { said } from './said.ts';

/** Each migration that was begun, failed or is unfinished, statement by statement. */
export function migrationSections(incident: Incident): readonly string[] {
  const sections = incident.databases.flatMap((database) =>
    tagsOf(database, incident).flatMap((tag) => ['', ...sectionOf(tag, database, incident)]),
  );
  return sections.length === 0 ? ['', 'None was begun, and none is unfinished.'] : sections;
}

/** In the order of the folder; records without a file come after it. */
function tagsOf({ name, migrations, now }: IncidentDatabase, { run }: Incident): readonly string[] {
  const events = run?.events ?? [];
  const tags = new Set([
    ...events.flatMap((event) => ('tag' in event && event.tag && event.database === name ? [event.tag] : [])),
    ...casesIn(now).flatMap(({ tag, statements }) => (statements ? [tag] : [])),
  ]);
  if (run?.summary.inside?.database === name) tags.add(run.summary.inside.tag);
  const known = migrations.map(({ tag }) => tag);
  return [...tags].toSorted((a, b) => placeIn(known, a) - placeIn(known, b) || (a < b ? -1 : 1));
}

function placeIn(known: readonly string[], tag: string): number {
  const at = known.indexOf(tag);
  return at === -1 ? known.length : at;
}

function casesIn(now: IncidentDatabase['now']): readonly RecoveryCase[] {
  return now.kind === 'read' ? now.cases : [];
}

function sectionOf(tag: string, database: IncidentDatabase, incident: Incident): readonly string[] {
  const migration = database.migrations.find((one) => one.tag === tag);
  const unit = database.units.findLast(({ run, tag: of }) => run === incident.run?.summary.run && of === tag);
  const heading = `### ${code(tag)}${incident.databases.length > 1 ? ` in ${code(database.name)}` : ''}`;
  const rows = statementRows({ tag, migration, unit, database, incident });
  return [
    heading,
    '',
    ...(migration ? fileLines(migration, unit, incident) : ['- There is no file of that name now.']),
    ...(unit ? [`- In run ${unit.run}: ${sayOutcome(unit)}.`] : []),
    ...nowLines(tag, database, incident),
    '',
    ...table(
      [
        'statement',
        'place',
        incident.run ? `in run ${incident.run.summary.run}` : 'in a run',
        'took',
        `in ${code(database.name)} now`,
        'hash',
      ],
      rows.map(({ cells }) => cells),
    ),
    ...(rows.length < (migration?.statements.length ?? 0)
      ? [
          '',
          `Only ${rows.length} of ${quantity(migration?.statements.length ?? 0, 'statement')} are shown: those around the place where it stopped.`,
        ]
      : []),
    '',
    ...fenced(
      'sql',
      rows.flatMap(({ sql }) => sql),
    ),
  ];
}

function fileLines(
  migration: Migration,
  unit: IncidentUnit | undefined,
  { root }: Incident,
): readonly string[] {
  const file = migration.file.replace(`${root}/`, '');
  const edited =
    unit && unit.hash !== migration.hash && unit.hash !== migration.hashWithOtherLineEnds
      ? [`- The file was edited since: it was ${code(short(unit.hash))} in run ${unit.run}.`]
      : [];
  return [
    `- File: ${code(file)}, ${quantity(migration.statements.length, 'statement')}, hash ${code(short(migration.hash))}`,
    ...edited,
  ];
}

function sayOutcome({ outcome, took }: IncidentUnit): string {
  const time = took === undefined ? '' : ` after ${duration(took)}`;
  switch (outcome) {
    case 'committed':
      return `committed${time}`;
    case 'undone':
      return `undone in full${time}`;
    case 'unknown':
      return `the connection was lost${time} before its outcome was known`;
    case 'none-recorded':
      return 'begun, and no outcome was recorded';
  }
}

function nowLines(tag: string, { now }: IncidentDatabase, incident: Incident): readonly string[] {
  if (now.kind === 'not-read') return [];
  const found = now.cases.find((one) => one.tag === tag);
  if (found) return [`- Now: ${said(found.verdict, incident)}.`];
  const item = now.status.items.find((one) => one.tag === tag);
  return item ? [`- Now: ${prose(item.state)}.`] : [];
}

interface Asked {
  readonly tag: string;
  readonly migration: Migration | undefined;
  readonly unit: IncidentUnit | undefined;
  readonly database: IncidentDatabase;
  readonly incident: Incident;
}

interface StatementRow {
  readonly cells: readonly string[];
  /** Empty where the text of then is not known. */
  readonly sql: readonly string[];
}

function statementRows(asked: Asked): readonly StatementRow[] {
  const { migration, unit, database, incident } = asked;
  const now = migration ? statementHashes(migration.statements) : [];
  const then = unit?.statementHashes ?? now;
  const numbers = Array.from({ length: Math.max(then.length, now.length) }, (_, index) => index + 1);
  const stop = stopOf(asked);
  const names = namesIn(database.migrations);
  return around(numbers, stop).map((number) => {
    const statement = migration?.statements[number - 1];
    const hash = then[number - 1];
    const isSame = statement !== undefined && hash === now[number - 1];
    const place = statement && migration ? code(`${fileName(migration.file)}:${statement.line}`) : '';
    return {
      cells: [
        String(number),
        place,
        ...inRun(number, asked),
        inDatabase(number, asked),
        hash === undefined ? '' : code(hash),
      ],
      sql: isSame
        ? [`-- ${number}`, cut(withoutLiterals(statement.sql, names))]
        : [
            `-- ${number}: the file has another statement here than run ${incident.run?.summary.run ?? '?'} ran`,
          ],
    };
  });
}

/** What may stand in double quotes as a name: every other word of the folder, and what its definitions quote. */
function namesIn(migrations: readonly Migration[]): ReadonlySet<string> {
  const known = namesOf.get(migrations);
  if (known) return known;
  const names = new Set<string>();
  for (const { sql } of migrations.flatMap(({ statements }) => statements)) {
    const isDefinition = /^(?:create|drop|alter)-/.test(classify(sql).kind);
    for (const token of tokens(sql)) {
      const isName =
        token.kind === 'word' ||
        (token.kind === 'quoted-name' && (isDefinition || !token.text.startsWith('"')));
      if (isName) names.add(foldName(nameOf(token)));
    }
  }
  namesOf.set(migrations, names);
  return names;
}

const namesOf = new WeakMap<readonly Migration[], ReadonlySet<string>>();

/** The statement at which it stopped, from 1, where that is known. */
function stopOf({ tag, database, incident: { run } }: Asked): number | undefined {
  const found = casesIn(database.now).find((one) => one.tag === tag);
  const failed = run?.events.find((event) => event.kind === 'step-failed' && event.tag === tag);
  const at = failed?.kind === 'step-failed' ? failed.statement : undefined;
  return (
    at ?? statementEvents(run?.events ?? [], { database: database.name, tag }).at(-1)?.number ?? found?.after
  );
}

/** A long migration is shown around its stop. */
function around(numbers: readonly number[], stop: number | undefined): readonly number[] {
  if (numbers.length <= most) return numbers;
  const from = Math.min(Math.max(0, (stop ?? 0) - most / 2), numbers.length - most);
  return numbers.slice(from, from + most);
}

const most = 40;

/** What it did in the run, and how long that took. */
function inRun(number: number, asked: Asked): readonly [string, string] {
  const {
    tag,
    unit,
    database,
    incident: { run },
  } = asked;
  if (!run) return ['no run', ''];
  const own = statementEvents(run.events, { database: database.name, tag });
  const failed = run.events.some((event) => event.kind === 'step-failed' && event.tag === tag);
  const done = own.find((event) => event.number === number && event.phase === 'done');
  const begun = own.some((event) => event.number === number);
  const undone = unit?.outcome === 'undone' ? ', undone' : '';
  if (done) return [`ran${undone}`, done.took === undefined ? '' : duration(done.took)];
  if (failed && (begun || number === stopOf(asked))) return ['**failed**', ''];
  if (begun) return ['begun', ''];
  if (own.length > 0 || !unit) return ['not begun', ''];
  // Sent as a whole: nothing tells its statements apart.
  return [unit.outcome === 'committed' ? 'ran' : unit.outcome === 'undone' ? 'undone' : 'not known', ''];
}

function statementEvents(
  events: readonly RunEvent[],
  { database, tag }: { readonly database: string; readonly tag: string },
) {
  return events
    .filter((event) => event.kind === 'statement')
    .filter((event) => event.step === 'migrate' && event.database === database && event.tag === tag);
}

function inDatabase(number: number, { tag, database: { now } }: Asked): string {
  if (now.kind === 'not-read') return 'not read';
  const found = now.cases.find((one) => one.tag === tag);
  const statement = found?.statements?.find((one) => one.number === number);
  if (statement) return words[statement.state];
  const state = found ? undefined : now.status.items.find((one) => one.tag === tag)?.state;
  if (state === 'applied') return words.ran;
  return state === 'pending' || state === 'skipped' ? words['did-not-run'] : words['not-known'];
}

const words = { ran: 'there', 'did-not-run': 'not there', 'not-known': 'not known' } as const;

const short = (hash: string) => hash.slice(0, 16);
const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const cut = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);
const longest = 300;
