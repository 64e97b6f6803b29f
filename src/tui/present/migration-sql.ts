import type { MigrationReport } from '../../operations/reports.ts';
import type { ChosenWay, Effect } from '../screen.ts';
import type { Line } from './line.ts';
import type { RunView } from './run-view.ts';
import { beginningOnOneLine, sqlOnOneLine } from './sql.ts';

/** The statements of migrations, asked for as they are needed: by database and tag, then by number. */
export type SqlOf = ReadonlyMap<string, 'asked' | ReadonlyMap<number, Line>>;

export const noSql: SqlOf = new Map();

/** Asks for a migration's SQL unless it was asked for before. */
export function askSql(
  known: SqlOf,
  { database, tag }: { readonly database: string; readonly tag: string },
): { readonly sql: SqlOf; readonly effects: readonly Effect[] } {
  const key = keyOf(database, tag);
  if (known.has(key)) return { sql: known, effects: [] };
  const args = ['migration', tag, '--database', database];
  return { sql: new Map(known).set(key, 'asked'), effects: [{ kind: 'ask', id: idOf(key), args }] };
}

/**
 * Asks for the SQL of the first that is not known, unless an answer is still waited for: each question is a process,
 * and a run of hundreds of small migrations must not start as many beside it.
 */
export function askNextSql(
  known: SqlOf,
  wanted: readonly { readonly database: string; readonly tag: string }[],
): { readonly sql: SqlOf; readonly effects: readonly Effect[] } {
  const next = wanted.find(({ database, tag }) => !known.has(keyOf(database, tag)));
  return next === undefined || [...known.values()].includes('asked')
    ? { sql: known, effects: [] }
    : askSql(known, next);
}

/** After a question has ended: a migration that it did not tell of stays without its SQL. */
export function settledSql(known: SqlOf, id: string): SqlOf {
  return new Map(
    [...known].map(([key, rows]) => [key, rows === 'asked' && id === idOf(key) ? noRows : rows]),
  );
}

/** What is known for certain: the answers that are waited for go to the page that asked. */
export function knownSql(known: SqlOf): SqlOf {
  return new Map([...known].filter(([, rows]) => rows !== 'asked'));
}

const noRows: ReadonlyMap<number, Line> = new Map();

export function withSql(known: SqlOf, { database, tag, statements }: MigrationReport): SqlOf {
  const rows = new Map(statements.map(({ number, sql }) => [number, sqlOnOneLine(sql)]));
  return new Map(known).set(keyOf(database, tag), rows);
}

/** What a way out runs under the name of its migration: other statements than those of the file, with other numbers. */
export function sqlOfWay(way: ChosenWay | undefined): SqlOf {
  const statements = way?.option.statements;
  if (!way || !statements) return noSql;
  const { database, tag } = way.found;
  const rows = new Map(statements.map((sql, index) => [index + 1, beginningOnOneLine(sql)]));
  return new Map([[keyOf(database, tag), rows]]);
}

/** Whether the statements of a run are those of the files: a way out has its own, and a rollback those of other files. */
export function runsFiles({ operation }: Pick<RunView, 'operation'>): boolean {
  return operation !== 'recover' && operation !== 'rollback';
}

export function sqlOf(
  known: SqlOf,
  { database, tag }: { readonly database: string; readonly tag: string },
): ReadonlyMap<number, Line> {
  const found = known.get(keyOf(database, tag));
  return found === undefined || found === 'asked' ? noRows : found;
}

/** Whether the statements of a migration of a run are still to be read: nothing stands in their place until then. */
export function awaitsSql(
  known: SqlOf,
  { database, tag }: { readonly database: string; readonly tag: string },
  view: Pick<RunView, 'operation'>,
): 'awaited' | 'settled' {
  const found = known.get(keyOf(database, tag));
  return runsFiles(view) && (found === undefined || found === 'asked') ? 'awaited' : 'settled';
}

/** Of the question. */
function idOf(key: string): string {
  return `sql ${key}`;
}

function keyOf(database: string, tag: string): string {
  return `${database} ${tag}`;
}
