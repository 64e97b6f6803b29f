import { literalOf } from '../../../sql/inline.ts';
import { quoteName } from '../../../sql/quote.ts';
import type { SqlValue } from '../../../sql/statement.ts';
import { pagesOf } from '../dump/pages.ts';
import type { AskRaw, DumpSource, DumpTable } from '../dump/source.ts';

/**
 * The tables with values that an export writes down wrong: whole numbers beyond 2^53, REAL values without a fraction
 * where the column would take them for INTEGER, texts with a NUL, and texts with the two letters that it puts in place of a line break.
 */
export async function inexactTables({ tables }: DumpSource, ask: AskRaw): Promise<readonly DumpTable[]> {
  const own = tables.filter(({ rows, isBehindVirtual }) => rows > 0 && !isBehindVirtual);
  if (own.length === 0) return [];
  const answers = await ask(
    own.map(
      ({ name, columns }) =>
        `SELECT EXISTS (SELECT 1 FROM ${quoteName(name)} WHERE ${anyOf(columns.map(quoteName))})`,
    ),
  );
  return own.filter((_, index) => Number(answers[index]?.rows[0]?.[0]) === 1);
}

/** INSERT statements for all rows, one a row, as exact as a copy into a file. */
export async function* exactInserts(tables: readonly DumpTable[], ask: AskRaw): AsyncGenerator<string> {
  for (const table of tables) {
    const start = `INSERT INTO ${quoteName(table.name)} (${table.columns.map(quoteName).join(',')}) VALUES(`;
    for await (const page of pagesOf(table, ask)) {
      for (const { values, bytes } of page) {
        const own = values.length - table.columns.length;
        const literals = values
          .slice(own)
          .map((value, index) => (bytes.has(index + own) ? textOf(value) : literal(value)));
        yield `${start}${literals.join(',')});`;
      }
    }
  }
}

function textOf(value: SqlValue): string {
  return `CAST(${literalOf(value)} AS TEXT)`;
}

function literal(value: SqlValue): string {
  // A page has REAL values as numbers and INTEGER ones as bigint.
  return typeof value === 'number' && Number.isInteger(value) ? value.toExponential() : literalOf(value);
}

function anyOf(columns: readonly string[]): string {
  if (columns.length <= 1) return inexact(columns[0] ?? 'NULL');
  const half = Math.ceil(columns.length / 2);
  return `(${anyOf(columns.slice(0, half))} OR ${anyOf(columns.slice(half))})`;
}

function inexact(column: string): string {
  return `CASE typeof(${column}) WHEN 'integer' THEN ${column} NOT BETWEEN -9007199254740991 AND 9007199254740991 WHEN 'real' THEN ${column} = round(${column}) WHEN 'text' THEN instr(${column}, char(0)) OR instr(${column}, char(92)) ELSE 0 END`;
}
