import type { MigrationReport } from '../../operations/reports.ts';
import type { Effect } from '../screen.ts';
import type { Line } from './line.ts';
import { sqlOnOneLine } from './sql.ts';

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
  return { sql: new Map(known).set(key, 'asked'), effects: [{ kind: 'ask', id: `sql ${key}`, args }] };
}

export function withSql(known: SqlOf, { database, tag, statements }: MigrationReport): SqlOf {
  const rows = new Map(statements.map(({ number, sql }) => [number, sqlOnOneLine(sql)]));
  return new Map(known).set(keyOf(database, tag), rows);
}

export function sqlOf(
  known: SqlOf,
  { database, tag }: { readonly database: string; readonly tag: string },
): ReadonlyMap<number, Line> {
  const found = known.get(keyOf(database, tag));
  return found === undefined || found === 'asked' ? new Map() : found;
}

function keyOf(database: string, tag: string): string {
  return `${database} ${tag}`;
}
