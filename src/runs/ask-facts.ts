import { SqlError } from '../engines/engine.ts';
import {
  copyKey,
  referenceKey,
  type AddedColumn,
  type Facts,
  type FactsToAsk,
  type Reference,
} from '../operations/ways/facts.ts';
import { foldName } from '../sql/cursor.ts';
import { quoteName } from '../sql/quote.ts';
import type { Query } from '../sql/statement.ts';
import { countRows } from './measure/measure.ts';

/**
 * Asks a target's rows what decides which ways are open: counts, never values. What the database refuses to say is
 * left out of the answer, and closes the ways that need it.
 */
export async function askFacts(
  query: Query,
  { tables, columns, references, copies }: FactsToAsk,
): Promise<Facts> {
  const [rows, filled, lost, missing] = await Promise.all([
    rowsOf(query, tables),
    counted(query, columns, (column) => [columnKey(column), filledIn(column)]),
    counted(query, references, (reference) => [referenceKey(reference), lostOf(reference)]),
    counted(query, copies, (copy) => [copyKey(copy.child, copy.parent), lostOf(copy)]),
  ]);
  return { rows, filled, lost: new Map([...lost, ...missing]) };
}

async function rowsOf(query: Query, tables: readonly string[]): Promise<Facts['rows']> {
  if (tables.length === 0) return new Map();
  const found = await orNothing(countRows(query, { tables }));
  return new Map((found ?? []).map(({ table, rows }) => [foldName(table), rows]));
}

async function counted<Item>(
  query: Query,
  items: readonly Item[],
  asked: (item: Item) => readonly [key: string, sql: string],
): Promise<ReadonlyMap<string, number>> {
  const counts = await Promise.all(
    items.map(async (item) => {
      const [key, sql] = asked(item);
      const rows = await orNothing(query({ sql }));
      return rows ? [[key, Number(rows[0]?.['n'] ?? 0)] as const] : [];
    }),
  );
  return new Map(counts.flat());
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

const columnKey = ({ table, column }: AddedColumn) => `${foldName(table)}.${foldName(column)}`;

function filledIn({ table, column, otherwise }: AddedColumn): string {
  return `SELECT count(*) AS n FROM ${quoteName(table)} WHERE ${quoteName(column)} IS NOT ${otherwise}`;
}

function lostOf({ child, columns, parent, parentColumns }: Reference): string {
  const names = (of: readonly string[]) => of.map(quoteName).join(', ');
  const there = (of: readonly string[]) =>
    of.map((column) => `${quoteName(column)} IS NOT NULL`).join(' AND ');
  return `SELECT count(*) AS n FROM ${quoteName(child)} WHERE ${there(columns)} AND (${names(columns)}) NOT IN (SELECT ${names(parentColumns)} FROM ${quoteName(parent)} WHERE ${there(parentColumns)})`;
}
