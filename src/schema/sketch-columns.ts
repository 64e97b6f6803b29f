import type { AlterAction } from '../sql/alter.ts';
import { foldName } from '../sql/cursor.ts';
import { tableDefinition, type TableDefinition } from '../sql/table-definition.ts';
import { nameOf, type Token } from '../sql/tokens.ts';

/** What is known of a table's columns. */
export interface SketchColumns {
  /** In lower case, in their order; undefined where they cannot be told. */
  readonly columns: ReadonlySet<string> | undefined;
  /** The columns' types as written, by name in lower case; those that can be told. */
  readonly types: ReadonlyMap<string, string>;
  /** What in the table's own definition holds a column, such as `a UNIQUE constraint`, by name in lower case. */
  readonly held: ReadonlyMap<string, string>;
}

/** Those of a CREATE TABLE. */
export function columnsIn(sql: string): SketchColumns {
  const definition = tableDefinition(sql);
  if (!definition) return { columns: undefined, types: new Map(), held: new Map() };
  const types = new Map(definition.columns.map(({ name, type }) => [foldName(name), type]));
  return { columns: new Set(types.keys()), types, held: heldIn(definition) };
}

/** What SQLite would miss of a table without the column. */
function heldIn({ columns, constraints }: TableDefinition): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  const hold = (names: Iterable<string>, by: string) => {
    for (const name of names) if (!held.has(name)) held.set(name, by);
  };
  for (const { name, constraints: own } of columns) {
    for (const one of own) {
      if (one.kind === 'primary-key') hold([foldName(name)], 'the primary key');
      if (one.kind === 'unique') hold([foldName(name)], 'a UNIQUE constraint');
      if (one.kind === 'generated') hold(namesIn(one.expression), generated(name));
    }
  }
  for (const one of constraints) {
    // A column's own REFERENCES and CHECK go along with it, and a normal form does not tell them from the table's.
    if (one.kind === 'foreign-key' || one.kind === 'check') continue;
    const by = one.kind === 'unique' ? 'a UNIQUE constraint' : 'the primary key';
    hold(
      one.columns.flatMap(({ expression }) => [...namesIn(expression)]),
      by,
    );
  }
  return held;
}

function generated(column: string): string {
  return `the generated column ${column}`;
}

export interface KnownColumns extends SketchColumns {
  readonly columns: ReadonlySet<string>;
}

/** The same after an ALTER TABLE. */
export function columnsAfter(
  { columns: before, types: typesBefore, held }: KnownColumns,
  action: AlterAction,
): SketchColumns {
  if (action.kind === 'rename-column') {
    const name = (old: string) => (old === foldName(action.column) ? foldName(action.to) : old);
    // A renamed column keeps its place.
    return {
      columns: new Set([...before].map(name)),
      types: new Map([...typesBefore].map(([column, type]) => [name(column), type])),
      held: new Map([...held].map(([column, by]) => [name(column), by])),
    };
  }
  const columns = new Set(before);
  const types = new Map(typesBefore);
  if (action.kind === 'drop-column') {
    columns.delete(foldName(action.column));
    types.delete(foldName(action.column));
    return { columns, types, held: new Map([...held].filter(([, by]) => by !== generated(action.column))) };
  }
  if (action.kind === 'add-column' || action.kind === 'add-column-if-missing') {
    columns.add(foldName(action.column));
    types.set(foldName(action.column), action.definition.type);
  }
  if (action.kind === 'set-type') types.set(foldName(action.column), action.type);
  return { columns, types, held };
}

/** Every word and name among tokens, in lower case. */
export function namesIn(all: readonly Token[]): ReadonlySet<string> {
  return new Set(all.flatMap((token) => (isNameToken(token) ? [foldName(nameOf(token))] : [])));
}

function isNameToken({ kind }: Token): boolean {
  return kind === 'word' || kind === 'quoted-name';
}
