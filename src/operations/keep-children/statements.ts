import { foldName, sameName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';
import type { TableDefinition } from '../../sql/table-definition.ts';
import type { Choice, DroppedTable, Kept } from './choice.ts';
import { primaryKey, storedColumns, type Model, type ModelTrigger } from './model.ts';

/** A statement of a rewritten migration. */
export interface WrittenStatement {
  readonly sql: string;
  /** SQL comments that stand above it. */
  readonly comment?: string;
}

/** Rows that are aside: the statements that take them there, and those that put them back. */
export interface Aside {
  /** Tables that no statement in between may name, in lower case. */
  readonly tables: ReadonlySet<string>;
  readonly take: readonly WrittenStatement[];
  readonly putBack: readonly WrittenStatement[];
  readonly keeps: readonly { readonly table: string; readonly why: string }[];
  /** The names of the tables that are made for it. */
  readonly names: readonly string[];
}

export interface AsideInput {
  readonly model: Model;
  readonly dropped: string;
  /** In a rebuild: the table that gets the dropped one's name. */
  readonly via: string | undefined;
}

/** @returns why not, where the rows of a table cannot be told apart */
export function asideOf(
  { kept, deferring }: Extract<Choice, { kind: 'kept' }>,
  input: AsideInput,
): Aside | { readonly why: string } {
  const used = new Set(input.model.names);
  const parts: Part[] = [];
  for (const one of kept) {
    const part = partOf(one, { ...input, used });
    if (!part)
      return {
        why: `The rows of ${one.table.table} cannot be told apart: its columns hide the rowid, and it has no other key.`,
      };
    parts.push(part);
  }
  const childrenFirst = parts.toReversed();
  const deferral = { sql: 'PRAGMA defer_foreign_keys = ON', comment: deferralSaid };
  return {
    tables: new Set(kept.map(({ table }) => foldName(table.table))),
    take: [
      ...(deferring === 'needed' ? [deferral] : []),
      ...commented(takenSaid(input.dropped, parts), [
        ...parts.flatMap(({ triggers }) => triggers.map(({ name }) => `DROP TRIGGER ${quoteName(name)}`)),
        ...parts.flatMap(({ copy }) => copy),
        ...childrenFirst.flatMap(({ clear }) => clear),
        ...childrenFirst.flatMap(({ remove }) => remove),
      ]),
    ],
    putBack: commented(backSaid(parts), [
      ...parts.flatMap(({ insert }) => insert),
      ...parts.flatMap(({ update }) => update),
      ...parts.map(({ keep }) => `DROP TABLE ${quoteName(keep)}`),
      ...parts.flatMap(({ triggers }) => triggers.map(({ sql }) => sql)),
    ]),
    keeps: parts.map(({ home, why }) => ({ table: home, why })),
    names: parts.map(({ keep }) => keep),
  };
}

/** What goes before the DROP of a table that its own references reach. Its triggers are dropped with it in any case. */
export function readyToDrop(
  model: Model,
  table: string,
  { clearFirst, ownRows }: DroppedTable,
): readonly WrittenStatement[] {
  if (ownRows === 'not-reached') return [];
  const triggers = [...model.triggers.values()].filter((trigger) => sameName(trigger.table, table));
  return commented(
    `-- DROP TABLE ${oneLine(table)} would reach into its own rows, which are copied already.`,
    [
      ...triggers.map(({ name }) => `DROP TRIGGER ${quoteName(name)}`),
      ...(clearFirst.length > 0 ? [cleared(quoteName(table), clearFirst)] : []),
    ],
  );
}

const deferralSaid =
  '-- These tables refer to each other: their foreign keys are checked at the end of the migration.';

function takenSaid(dropped: string, parts: readonly Part[]): string {
  const those = parts.map(({ home }) => home).join(', ');
  return `-- D1 keeps foreign keys on: DROP TABLE ${oneLine(dropped)} would reach into ${oneLine(those)}. Copied aside first.`;
}

function backSaid(parts: readonly Part[]): string {
  return `-- ${oneLine(parts.map(({ home }) => home).join(', '))} as before.`;
}

/** A name may hold a line break, which would end the comment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function commented(comment: string, statements: readonly string[]): readonly WrittenStatement[] {
  return statements.map((sql, at) => (at === 0 ? { sql, comment } : { sql }));
}

interface Part {
  readonly keep: string;
  /** What the table is called when its rows are put back. */
  readonly home: string;
  readonly why: string;
  readonly triggers: readonly ModelTrigger[];
  readonly copy: readonly string[];
  readonly clear: readonly string[];
  readonly remove: readonly string[];
  readonly insert: readonly string[];
  readonly update: readonly string[];
}

function partOf(
  { table, manner, parent, action }: Kept,
  { model, dropped, via, used }: AsideInput & { readonly used: Set<string> },
): Part | undefined {
  const identity = identityOf(table);
  if (!identity) return undefined;
  const home = via !== undefined && sameName(table.table, via) ? dropped : table.table;
  const keep = freeName(`__keep_${home}`, used);
  const place = { table: quoteName(table.table), home: quoteName(home), keep: quoteName(keep), identity };
  const shared = {
    keep,
    home,
    triggers: [...model.triggers.values()].filter((trigger) => sameName(trigger.table, table.table)),
  };
  const refers = `it refers to ${parent} with ON DELETE ${action}`;
  return manner.kind === 'rows'
    ? {
        ...shared,
        why: `${refers}: its rows are copied to ${keep} and put back`,
        ...rowStatements(place, { columns: storedColumns(table), manner }),
      }
    : {
        ...shared,
        why: `${refers}: ${manner.columns.join(', ')} is copied to ${keep} and put back`,
        ...columnStatements(place, manner),
      };
}

interface Place {
  readonly table: string;
  readonly home: string;
  readonly keep: string;
  readonly identity: Identity;
}

/** Names as SQL. `rowid`: no column of the table, so the copy keeps it as its own rowid. */
interface Identity {
  readonly kind: 'columns' | 'rowid';
  readonly names: readonly string[];
}

function identityOf(table: TableDefinition): Identity | undefined {
  const key = primaryKey(table);
  const [only] = key;
  const column = table.columns.find(({ name }) => only !== undefined && sameName(name, only));
  // By an old slip of SQLite, DESC beside the column makes it an ordinary key, which takes NULL.
  const descends = column?.constraints.some((each) => each.kind === 'primary-key' && each.order === 'DESC');
  const isRowid = key.length === 1 && column?.type.toUpperCase() === 'INTEGER' && descends !== true;
  if (isRowid || table.options.includes('WITHOUT ROWID'))
    return { kind: 'columns', names: key.map(quoteName) };
  const taken = new Set(table.columns.map(({ name }) => foldName(name)));
  const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  return rowid === undefined ? undefined : { kind: 'rowid', names: [rowid] };
}

function freeName(wanted: string, used: Set<string>): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}_${number}`;
    if (used.has(foldName(name))) continue;
    used.add(foldName(name));
    return name;
  }
}

function rowStatements(
  { table, home, keep, identity }: Place,
  {
    columns,
    manner,
  }: { readonly columns: readonly string[]; readonly manner: Extract<Kept['manner'], { kind: 'rows' }> },
): Pick<Part, 'copy' | 'clear' | 'remove' | 'insert' | 'update'> {
  const stored = columns.map(quoteName);
  const all = identity.kind === 'rowid' ? [...identity.names, ...stored] : stored;
  const key = identity.names.length === 1 ? identity.names.join() : `(${identity.names.join(', ')})`;
  // Where the cascade did not reach, as with foreign keys off, the rows are still there.
  const missing = ` WHERE ${key} NOT IN (SELECT ${identity.names.join(', ')} FROM ${home})`;
  return {
    copy: [
      `CREATE TABLE ${keep} (${stored.join(', ')})`,
      `INSERT INTO ${keep} (${all.join(', ')}) SELECT ${all.join(', ')} FROM ${table}`,
    ],
    clear: manner.clearFirst.length > 0 ? [cleared(table, manner.clearFirst)] : [],
    remove: manner.removed === 'by-delete' ? [`DELETE FROM ${table}`] : [],
    insert: [
      `INSERT INTO ${home} (${all.join(', ')}) SELECT ${all.join(', ')} FROM ${keep}${manner.removed === 'by-cascade' ? missing : ''}`,
    ],
    update: [],
  };
}

function columnStatements(
  { table, home, keep, identity }: Place,
  { columns, cleared: how }: Extract<Kept['manner'], { kind: 'columns' }>,
): Pick<Part, 'copy' | 'clear' | 'remove' | 'insert' | 'update'> {
  const stored = columns.map(quoteName);
  const all = [...identity.names, ...stored];
  const made = identity.kind === 'rowid' ? stored : all;
  const filled = stored.map((column) => `${column} IS NOT NULL`).join(' OR ');
  const assigned = stored.map((column) => `${column} = ${keep}.${column}`).join(', ');
  const same = identity.names.map((name) => `${home}.${name} = ${keep}.${name}`).join(' AND ');
  return {
    copy: [
      `CREATE TABLE ${keep} (${made.join(', ')})`,
      `INSERT INTO ${keep} (${all.join(', ')}) SELECT ${all.join(', ')} FROM ${table} WHERE ${filled}`,
    ],
    clear: how === 'by-update' ? [cleared(table, columns)] : [],
    remove: [],
    insert: [],
    update: [`UPDATE ${home} SET ${assigned} FROM ${keep} WHERE ${same}`],
  };
}

function cleared(table: string, columns: readonly string[]): string {
  const names = columns.map(quoteName);
  const filled = names.map((name) => `${name} IS NOT NULL`).join(' OR ');
  return `UPDATE ${table} SET ${names.map((name) => `${name} = NULL`).join(', ')} WHERE ${filled}`;
}
