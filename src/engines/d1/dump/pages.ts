import { literalOf } from '../../../sql/inline.ts';
import { quoteName } from '../../../sql/quote.ts';
import type { SqlValue } from '../../../sql/statement.ts';
import type { AskRaw, DumpTable } from './source.ts';
import { exactly, fromExactly, kindsOf, type RawResult } from '../remote/rows.ts';

/** A row as it is to be inserted: the rowid first where the table has one. `bytes`: texts that are no valid UTF-8. */
export interface DumpRow {
  readonly values: readonly SqlValue[];
  readonly bytes: ReadonlySet<number>;
}

/** What one page weighs in bytes of texts and blobs, but for its last row: it comes as text, twice as long. */
const pageBytes = 1 << 20;
const pageRows = 2000;
/** Of the 100 columns of an answer; the rest is for the key and the kinds. */
const columnsAtOnce = 80;

/** Its columns in the order of a row's values, as SQL. */
export function insertedColumns({ columns, key, keyIs }: DumpTable): readonly string[] {
  const quoted = columns.map(quoteName);
  return keyIs === 'rowid' ? [...key, ...quoted] : quoted;
}

/** All rows of a table in the order of its key, a page at a time. Only one page is ever in memory. */
export async function* pagesOf(table: DumpTable, ask: AskRaw): AsyncGenerator<readonly DumpRow[]> {
  const groups = inGroups(table.columns);
  let done = 0;
  for (let last: readonly string[] | undefined; done < table.rows;) {
    const questions = groups.map((group) => pageQuery(table, group, last));
    const [first, ...others] = await ask(questions);
    if (!first || first.rows.length === 0) return;
    yield await rowsOf(table, groups, [first, ...others], ask);
    done += first.rows.length;
    const end = first.rows.at(-1) ?? [];
    last = keyLiterals(table, end);
  }
}

/**
 * One group of columns of the page after `last`. Each group finds the same page: it ends where the weights of its
 * rows, added up, pass the limit. Lengths are in the header of a row, so that nothing is read twice.
 */
function pageQuery(table: DumpTable, group: readonly string[], last: readonly string[] | undefined): string {
  const from = quoteName(table.name);
  const after = last === undefined ? '' : `WHERE ${tuple(table.key)} > ${tuple(last)} `;
  const names = table.key.map((_, index) => `k${index}`);
  const weight = weightOf(table.columns.map(quoteName));
  const order = table.key.join(', ');
  const keys = table.key.map((key, index) => `${key} AS k${index}`).join(', ');
  const candidates = `SELECT ${keys}, ${weight} AS w FROM ${from} ${after}ORDER BY ${order} LIMIT ${pageRows}`;
  const weighed = `SELECT ${names.join(', ')}, row_number() OVER o AS n, sum(w) OVER o - w AS before FROM (${candidates}) WINDOW o AS (ORDER BY ${names.join(', ')} ROWS UNBOUNDED PRECEDING)`;
  const end = `SELECT ${names.join(', ')} FROM (${weighed}) WHERE before < ${pageBytes} ORDER BY n DESC LIMIT 1`;
  const columns = group.map(quoteName);
  const selected = [
    weightOf(columns),
    kindsOf([...table.key, ...columns]),
    ...[...table.key, ...columns].map(exactly),
  ];
  const upTo = `${tuple(table.key)} <= (${end})`;
  return `SELECT ${selected.join(', ')} FROM ${from} ${after === '' ? 'WHERE ' : `${after}AND `}${upTo} ORDER BY ${order}`;
}

/** What the texts and blobs of a row are long, as a tree of additions; anything else counts 8. */
function weightOf(values: readonly string[]): string {
  if (values.length <= 1) {
    const value = values[0] ?? 'NULL';
    return `CASE WHEN typeof(${value}) IN ('text', 'blob') THEN octet_length(${value}) ELSE 8 END`;
  }
  const half = Math.ceil(values.length / 2);
  return `(${weightOf(values.slice(0, half))} + ${weightOf(values.slice(half))})`;
}

/** Where each value of an answer's row stands: its weight, the kinds, the key, then the columns. */
const keyAt = 2;

async function rowsOf(
  table: DumpTable,
  groups: readonly (readonly string[])[],
  answers: readonly RawResult[],
  ask: AskRaw,
): Promise<readonly DumpRow[]> {
  const count = answers[0]?.rows.length ?? 0;
  const rows = Array.from({ length: count }, (_, at) => rowAt(table, groups, answers, at));
  const broken = rows.flatMap((row, at) => (row.isSound ? [] : [at]));
  if (broken.length === 0) return rows.map(({ values }) => ({ values, bytes: noColumns }));
  const keys = broken.map((at) => keyLiterals(table, answers[0]?.rows[at] ?? []));
  const exact = await textsAsBytes(table, keys, ask);
  return rows.map(({ values, kinds }, at) => {
    const found = exact[broken.indexOf(at)];
    return found
      ? withBytes(values, kinds, found, values.length - table.columns.length)
      : { values, bytes: noColumns };
  });
}

const noColumns: ReadonlySet<number> = new Set();

interface SeenRow {
  readonly values: readonly SqlValue[];
  /** Of the columns, without the rowid. */
  readonly kinds: string;
  /** Whether every text came as long as it is in the database: JSON carries only valid UTF-8. */
  readonly isSound: boolean;
}

function rowAt(
  table: DumpTable,
  groups: readonly (readonly string[])[],
  answers: readonly RawResult[],
  at: number,
): SeenRow {
  const values: SqlValue[] = [];
  let kinds = '';
  let isSound = true;
  for (const index of groups.keys()) {
    const row = answers[index]?.rows[at] ?? [];
    const all = String(row[1]);
    const cells = row.slice(keyAt).map((value, place) => fromExactly(all.charAt(place), value));
    if (index === 0 && table.keyIs === 'rowid') values.push(cells[0] ?? null);
    const own = cells.slice(table.key.length);
    values.push(...own);
    kinds += all.slice(table.key.length);
    isSound &&=
      own.reduce((sum: number, value) => sum + lengthOf(value), 0) === Number(row[0]) &&
      !own.some(hasReplacement);
  }
  return { values, kinds, isSound };
}

function lengthOf(value: SqlValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.length : 8;
}

function hasReplacement(value: SqlValue): boolean {
  return typeof value === 'string' && value.includes('\uFFFD');
}

/** The columns of single rows as bytes, some rows to a request. */
async function textsAsBytes(
  table: DumpTable,
  keys: readonly (readonly string[])[],
  ask: AskRaw,
): Promise<readonly RawResult['rows'][number][]> {
  const found: RawResult['rows'][number][] = [];
  const columns = table.columns.map((name) => `CAST(${quoteName(name)} AS BLOB)`).join(', ');
  for (let at = 0; at < keys.length; at += 20) {
    const questions = keys
      .slice(at, at + 20)
      .map(
        (key) => `SELECT ${columns} FROM ${quoteName(table.name)} WHERE ${tuple(table.key)} = ${tuple(key)}`,
      );
    const answers = await ask(questions);
    found.push(...answers.map(({ rows }) => rows[0] ?? []));
  }
  return found;
}

function withBytes(
  values: readonly SqlValue[],
  kinds: string,
  bytes: readonly SqlValue[],
  offset: number,
): DumpRow {
  const texts = Array.from(kinds).flatMap((kind, index) => (kind === 't' ? [index] : []));
  const exact = values.map((value, index) =>
    kinds.charAt(index - offset) === 't' ? (bytes[index - offset] ?? null) : value,
  );
  return { values: exact, bytes: new Set(texts.map((index) => index + offset)) };
}

/** The key of an answer's row as SQL literals. */
function keyLiterals(table: DumpTable, row: readonly SqlValue[]): readonly string[] {
  const kinds = String(row[1]);
  return table.key.map((_, index) => literalOf(fromExactly(kinds.charAt(index), row[keyAt + index] ?? null)));
}

function tuple(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`;
}

function inGroups(columns: readonly string[]): readonly (readonly string[])[] {
  const groups = Math.max(1, Math.ceil(columns.length / columnsAtOnce));
  return Array.from({ length: groups }, (_, index) =>
    columns.slice(index * columnsAtOnce, (index + 1) * columnsAtOnce),
  );
}
