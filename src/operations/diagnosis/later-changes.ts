import type { Part } from '../../schema/parts.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';

/** Told from the texts alone, and rather too much than too little: which parts of a schema later statements may change. */
export interface LaterChanges {
  /**
   * Whether nothing after the item with this index changes a part.
   *
   * @param part its place, and what it is at that moment; no value when it is not there
   */
  isFinal(part: Pick<Part, 'key' | 'type' | 'table'> & { readonly value?: string }, index: number): boolean;
}

export function laterChanges(
  items: readonly { readonly statements: readonly { readonly sql: string }[] }[],
): LaterChanges {
  const last: Last = { tables: new Map(), keys: new Map(), mentions: new Map(), everything: -1 };
  for (const [index, { statements }] of items.entries())
    for (const { sql } of statements) note(last, sql, index);
  const isAfter = (at: number | undefined, index: number) => at !== undefined && at > index;
  return {
    isFinal({ key, type, table, value }, index) {
      if (last.everything > index || isAfter(last.tables.get(table), index)) return false;
      if (isAfter(last.keys.get(type === 'constraint' ? constraintsOf(table) : key), index)) return false;
      return ![...last.mentions].some(([name, at]) => at > index && value?.includes(name) === true);
    },
  };
}

/** The index of the last item that changes it, by what is changed. */
interface Last {
  /** Whole tables, with everything on them. */
  readonly tables: Map<string, number>;
  readonly keys: Map<string, number>;
  /** A renamed thing is renamed wherever it is named. */
  readonly mentions: Map<string, number>;
  everything: number;
}

function note(last: Last, sql: string, index: number): void {
  const kind = classify(sql);
  switch (kind.kind) {
    case 'create-table':
    case 'create-virtual-table':
    case 'drop-table':
      last.tables.set(foldName(kind.table), index);
      return;
    case 'alter-table':
      noteAlteration(last, kind, index);
      return;
    case 'unknown':
    // What runs code, or changes several things at once.
    case 'combined':
    case 'do':
    case 'call':
    case 'drop-schema':
    case 'drop-type':
    case 'alter-type':
    case 'drop-extension':
      last.everything = index;
      return;
    default:
      for (const key of keysNamed(sql)) last.keys.set(key, index);
  }
}

/** The keys of the parts that a statement is about, whether it changes them or finds them as they shall be. */
export function keysNamed(sql: string): readonly string[] {
  const kind = classify(sql);
  switch (kind.kind) {
    case 'create-table':
    case 'create-virtual-table':
    case 'drop-table':
      return [`table ${foldName(kind.table)}`];
    case 'create-index':
    case 'drop-index':
      return [`index ${foldName(kind.index)}`];
    case 'create-view':
    case 'drop-view':
      return [`view ${foldName(kind.view)}`];
    case 'create-trigger':
    case 'drop-trigger':
      return [`trigger ${foldName(kind.trigger)}`];
    default:
      return [];
  }
}

function noteAlteration(
  last: Last,
  { table, action }: Extract<ReturnType<typeof classify>, { kind: 'alter-table' }>,
  index: number,
): void {
  const name = foldName(table);
  switch (action.kind) {
    case 'add-column':
    case 'drop-column':
      last.keys.set(`column ${name}.${foldName(action.column)}`, index);
      last.keys.set(constraintsOf(name), index);
      return;
    case 'rename-column':
      last.tables.set(name, index);
      last.mentions.set(foldName(action.column), index);
      return;
    case 'rename-table':
      last.tables.set(name, index);
      last.tables.set(foldName(action.to), index);
      last.mentions.set(name, index);
      return;
    default:
      last.everything = index;
  }
}

const constraintsOf = (table: string) => `constraints of ${table}`;
