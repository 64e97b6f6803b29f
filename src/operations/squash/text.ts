import { quoteName } from '../../sql/quote.ts';
import { breakpointMarker } from '../../sql/split.ts';
import { foldName } from '../../sql/cursor.ts';
import type { ForeignKey, Schema, SchemaObject } from '../../schema/schema.ts';
import { inGroups } from './insert-groups.ts';
import { postgresStatements, type LeftInPostgres } from './postgres-text.ts';

/** What migrations leave in an empty database: everything that a squashed file has to make. */
export type LeftBehind = LeftInSqlite | LeftInPostgres;

export interface LeftInSqlite {
  readonly dialect: 'sqlite';
  readonly schema: Schema;
  readonly foreignKeys: readonly ForeignKey[];
  readonly tables: readonly KeptTable[];
  /** What SQLite gave out last in tables with AUTOINCREMENT, by table. */
  readonly sequences: ReadonlyMap<string, string>;
  /** Numbers in the file's head that a migration may set, where they are not 0. */
  readonly pragmas: ReadonlyMap<string, string>;
}

/** The statements of a squashed file, each of them one. */
export function squashStatements(left: LeftBehind): readonly string[] {
  return left.dialect === 'sqlite' ? sqliteStatements(left) : postgresStatements(left);
}

export interface KeptTable {
  readonly name: string;
  /** As they are written in an INSERT; the name of the rowid among them where it follows from nothing else. */
  readonly columns: readonly string[];
  /** Values as SQL literals, in the order of inserting. */
  readonly rows: readonly (readonly string[])[];
  /** `rebuilt`: rows are in another table; its index is made from those. */
  readonly how: 'inserted' | 'rebuilt';
}

/**
 * Tables, their rows, then what would hinder or be run by inserting them. Rows that others refer to come first, so
 * that it runs with foreign keys on and off.
 */
function sqliteStatements(left: LeftInSqlite): readonly string[] {
  const objects = left.schema.objects.toSorted((a, b) => compare(a.name, b.name));
  const made = (...types: readonly SchemaObject['type'][]) =>
    types.flatMap((type) => objects.filter((one) => one.type === type).map(({ display }) => `${display};`));
  return [
    ...Array.from(left.pragmas, ([name, value]) => `PRAGMA ${name} = ${value};`),
    ...made('table'),
    ...rowStatements(left),
    ...made('view', 'index', 'trigger'),
  ];
}

/** A file of Drizzle's, which wrangler and plain SQL read as well. */
export function squashFile(
  statements: readonly string[],
  { from, to, count, archive }: { from: string; to: string; count: number; archive: string },
): string {
  const head = [
    `-- Stands for ${count} migrations, ${from} to ${to}, and has the name of the last: a database that ran it never runs this.`,
    `-- The originals are in ${archive}/; migrate-tui squash --undo puts them back.`,
  ];
  return `${head.join('\n')}\n${statements.join(`\n${breakpointMarker}\n`)}\n`;
}

function rowStatements(left: LeftInSqlite): readonly string[] {
  const filled = left.tables.filter(({ rows }) => rows.length > 0);
  const { ordered, circular } = parentsFirst(filled, left.foreignKeys);
  return [
    ...(circular ? ['PRAGMA defer_foreign_keys = ON;'] : []),
    ...ordered.flatMap(insertsInto),
    ...sequenceStatements(left),
  ];
}

/** `circular`: rows refer to rows that come later, which only a check at the end allows. */
function parentsFirst(
  tables: readonly KeptTable[],
  foreignKeys: readonly ForeignKey[],
): { readonly ordered: readonly KeptTable[]; readonly circular: boolean } {
  const parents = Map.groupBy(foreignKeys, ({ table }) => foldName(table));
  const ordered: KeptTable[] = [];
  const open = new Set<KeptTable>();
  let circular = false;
  const visit = (table: KeptTable): void => {
    if (ordered.includes(table)) return;
    if (open.has(table)) {
      circular = true;
      return;
    }
    open.add(table);
    for (const { parent } of parents.get(foldName(table.name)) ?? []) {
      const found = tables.find(({ name }) => foldName(name) === foldName(parent));
      if (found) visit(found);
    }
    open.delete(table);
    ordered.push(table);
  };
  // An index that is made from another table's rows needs them.
  for (const table of tables.filter(({ how }) => how === 'inserted')) visit(table);
  for (const table of tables.filter(({ how }) => how === 'rebuilt')) visit(table);
  return { ordered, circular };
}

function insertsInto({ name, columns, rows, how }: KeptTable): readonly string[] {
  const table = quoteName(name);
  if (how === 'rebuilt') return [`INSERT INTO ${table}(${table}) VALUES ('rebuild');`];
  const begin = `INSERT INTO ${table} (${columns.map(quoteName).join(', ')}) VALUES\n`;
  const lines = rows.map((row) => `  (${row.join(', ')})`);
  return inGroups(lines).map((group) => `${begin}${group.join(',\n')};`);
}

/** Only where the last number was given out and its row is gone again: otherwise inserting counts on by itself. */
function sequenceStatements({ sequences, tables }: LeftInSqlite): readonly string[] {
  return Array.from(sequences, ([name, last]) => {
    const table = tables.find((one) => foldName(one.name) === foldName(name));
    const text = `'${name.replaceAll("'", "''")}'`;
    if (!table || table.rows.length === 0) {
      return `INSERT INTO sqlite_sequence (name, seq) VALUES (${text}, ${last});`;
    }
    return `UPDATE sqlite_sequence SET seq = ${last} WHERE name = ${text};`;
  });
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
