import type { DatabaseSync } from 'node:sqlite';
import { quoteName } from '../../sql/quote.ts';
import type { DumpTable } from '../d1/dump/source.ts';
import type { FillTable } from '../d1/dump/write.ts';
import { maskOf, rulesOf, type Masking } from '../masks.ts';

/** Brings rows over from a database that is attached under a name; `mask_hash(kind, hex)` is a function there. */
export function fillFrom(attached: string, { rules }: Masking): FillTable {
  return async function* fillTable(db, table) {
    const own = rulesOf(table.name, rules);
    const masks = table.columns.map((column) => maskOf(column, own));
    const values = table.columns.map((column, at) => valueOf(quoteName(column), masks[at]));
    const rowid = table.keyIs === 'rowid' ? table.key : [];
    const names = [...rowid, ...table.columns.map(quoteName)].join(', ');
    const copy = {
      table,
      insert: `INSERT INTO main.${quoteName(table.name)} (${names}) SELECT ${[...rowid, ...values].join(', ')}`,
      from: `FROM ${attached}.${quoteName(table.name)}`,
    };
    if (masks.includes('hash')) yield* rowByRow(db, copy);
    else if (rowid.length > 0) yield* inPortions(db, copy);
    else yield* atOnce(db, copy);
  };
}

interface Copy {
  readonly table: DumpTable;
  /** Up to the values that are selected. */
  readonly insert: string;
  /** The table that they are selected from. */
  readonly from: string;
}

function valueOf(name: string, mask: 'hash' | 'null' | undefined): string {
  switch (mask) {
    case undefined:
      return name;
    case 'null':
      return 'NULL';
    case 'hash':
      return `mask_hash(typeof(${name}), lower(hex(${name})))`;
  }
}

/**
 * What a statement hands to a function of JavaScript stays in memory until the statement ends: with one for each row
 * that is one row, however long the values and however many the rows.
 */
async function* rowByRow(db: DatabaseSync, { table, insert, from }: Copy) {
  const { key, name } = table;
  // In whatever order they lie there: to be sorted they would be written to a temporary file as they are.
  const keys = db.prepare(`SELECT ${key.flatMap(handedOut).join(', ')} ${from} NOT INDEXED`);
  keys.setReadBigInts(true);
  keys.setReturnArrays(true);
  const isRow = key.map((part, at) => `${part} = ${givenBack(at)}`).join(' AND ');
  const one = db.prepare(`${insert} ${from} WHERE ${isRow}`);
  // Node 26 throws at a rowid beyond 2^53 otherwise, after the row is in.
  one.setReadBigInts(true);
  let done = 0;
  for (const row of keys.iterate()) {
    if (Number(one.run(...Object.values(row)).changes) !== 1) {
      throw new Error(`A row of ${name} was not found again by its key.`);
    }
    done += 1;
    if (done % portion === 0) {
      yield portion;
      await untilTold();
    }
  }
  if (done % portion > 0) yield done % portion;
}

/** The kind of a key's value, and the value: texts and blobs in digits, so that it comes back byte by byte. */
function handedOut(key: string): readonly string[] {
  const kind = `typeof(${key})`;
  return [kind, `CASE WHEN ${kind} IN ('text', 'blob') THEN hex(${key}) ELSE ${key} END`];
}

function givenBack(at: number): string {
  const [kind, value] = [`?${2 * at + 1}`, `?${2 * at + 2}`];
  return `CASE ${kind} WHEN 'text' THEN CAST(unhex(${value}) AS TEXT) WHEN 'blob' THEN unhex(${value}) ELSE ${value} END`;
}

async function* inPortions(db: DatabaseSync, { table, insert, from }: Copy) {
  const [rowid = 'rowid'] = table.key;
  const order = `ORDER BY ${rowid} LIMIT ${portion}`;
  const first = db.prepare(`${insert} ${from} ${order}`);
  const next = db.prepare(`${insert} ${from} WHERE ${rowid} > ? ${order}`);
  next.setReadBigInts(true);
  first.setReadBigInts(true);
  for (let last: bigint | undefined; ;) {
    const { changes, lastInsertRowid } = last === undefined ? first.run() : next.run(last);
    if (Number(changes) > 0) yield Number(changes);
    if (Number(changes) < portion) return;
    last = BigInt(lastInsertRowid);
    await untilTold();
  }
}

const portion = 20_000;

/** In between, what is said about the progress gets out. */
function untilTold(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function* atOnce(db: DatabaseSync, { insert, from }: Copy) {
  await Promise.resolve();
  const all = db.prepare(`${insert} ${from}`);
  all.setReadBigInts(true);
  const { changes } = all.run();
  if (Number(changes) > 0) yield Number(changes);
}
