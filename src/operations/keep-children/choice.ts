import { foldName, sameName } from '../../sql/cursor.ts';
import type { ForeignKeyAction } from '../../sql/foreign-key-clause.ts';
import type { TableDefinition } from '../../sql/table-definition.ts';
import { canBeCleared, keysOf, type Key, type Model } from './model.ts';

/** A table whose rows, or whose references, a DROP TABLE would take along. */
export interface Kept {
  readonly table: TableDefinition;
  readonly manner: Manner;
  /** The table it refers to that loses its rows, and what its foreign key does then. */
  readonly parent: string;
  readonly action: ForeignKeyAction;
}

export type Manner =
  /** All its rows are copied aside; then a cascade takes them, or a DELETE must. */
  | {
      readonly kind: 'rows';
      readonly removed: 'by-cascade' | 'by-delete';
      readonly clearFirst: readonly string[];
    }
  /** Its rows stay; these columns are copied aside, and cleared by SET NULL or by an UPDATE. */
  | {
      readonly kind: 'columns';
      readonly columns: readonly string[];
      readonly cleared: 'by-set-null' | 'by-update';
    };

/** What has to be done to the table before its DROP; its rows are copied by then. */
export interface DroppedTable {
  /** References that stand in the way, to be cleared. */
  readonly clearFirst: readonly string[];
  /** Whether actions of foreign keys come back to its own rows: its triggers would fire for them. */
  readonly ownRows: 'reached' | 'not-reached';
}

export type Choice =
  | {
      readonly kind: 'kept';
      /** Parents before their children. */
      readonly kept: readonly Kept[];
      readonly dropped: DroppedTable;
      /** `needed` where tables refer to each other in a circle: no order of putting back would do. */
      readonly deferring: 'needed' | 'not-needed';
    }
  | { readonly kind: 'not-possible'; readonly why: string };

/**
 * What must be copied aside before a table is dropped with foreign keys on: every table, through any number of
 * others, whose rows would be deleted or cleared, or would make the DROP fail.
 */
export function chooseKept(model: Model, dropped: string): Choice {
  const emptied = emptiedBy(model, foldName(dropped));
  const kept = childrenOf(model, emptied, dropped);
  const unsure = kept.find(({ table }) => model.unsure.has(foldName(table.table)));
  if (unsure) {
    return notPossible(
      `${unsure.table.table}, which refers to ${unsure.parent}, is altered in the same migration before ${dropped} is dropped. Put that change into a migration of its own, before this one.`,
    );
  }
  const { ordered, circle } = parentsFirst(model, { kept, emptied, dropped });
  const itself = model.tables.get(foldName(dropped));
  const deleted = [
    ...(itself ? [itself] : []),
    ...kept.flatMap(({ table, manner }) =>
      manner.kind === 'rows' && manner.removed === 'by-delete' ? [table] : [],
    ),
  ];
  return (
    refusedBy(model, deleted, circle) ?? {
      kind: 'kept',
      kept: ordered.map((one) => withClearFirst(model, one, circle)),
      dropped: {
        clearFirst: itself ? clearFirst(model, itself, circle) : [],
        ownRows: itself && keysInto(itself, emptied).length > 0 ? 'reached' : 'not-reached',
      },
      deferring: circle.size > 0 ? 'needed' : 'not-needed',
    }
  );
}

/** The dropped table and all tables that lose rows with it, in lower case. */
function emptiedBy(model: Model, dropped: string): ReadonlySet<string> {
  const emptied = new Set([dropped]);
  for (;;) {
    const more = [...model.tables].filter(
      ([key, table]) => !emptied.has(key) && mannerOf(model, table, emptied)?.kind === 'rows',
    );
    if (more.length === 0) return emptied;
    for (const [key] of more) emptied.add(key);
  }
}

function childrenOf(model: Model, emptied: ReadonlySet<string>, dropped: string): readonly Kept[] {
  return [...model.tables.values()].flatMap((table) => {
    const manner = sameName(table.table, dropped) ? undefined : mannerOf(model, table, emptied);
    const [key] = keysInto(table, emptied).toSorted(
      (left, right) => ownLast(table, left) - ownLast(table, right),
    );
    return manner && key ? [{ table, manner, parent: key.clause.parent, action: key.clause.onDelete }] : [];
  });
}

const ownLast = (table: TableDefinition, { clause }: Key) => (sameName(clause.parent, table.table) ? 1 : 0);

/** Undefined: the table refers to nothing that is emptied. */
function mannerOf(model: Model, table: TableDefinition, emptied: ReadonlySet<string>): Manner | undefined {
  const keys = keysInto(table, emptied);
  if (keys.length === 0) return undefined;
  const free = (key: Key) => key.columns.filter((column) => canBeCleared(model, table, column));
  const every = (action: ForeignKeyAction) => keys.every(({ clause }) => clause.onDelete === action);
  if (every('CASCADE')) return { kind: 'rows', removed: 'by-cascade', clearFirst: [] };
  const some = keys.flatMap(free);
  const columns = [...new Set(some)];
  if (every('SET NULL') && keys.every((key) => free(key).length === key.columns.length))
    return { kind: 'columns', columns, cleared: 'by-set-null' };
  const allClear = keys.every((key) => key.clause.onDelete !== 'CASCADE' && free(key).length > 0);
  if (allClear) return { kind: 'columns', columns, cleared: 'by-update' };
  return { kind: 'rows', removed: 'by-delete', clearFirst: [] };
}

function keysInto(table: TableDefinition, emptied: ReadonlySet<string>): readonly Key[] {
  return keysOf(table).filter(({ clause }) => emptied.has(foldName(clause.parent)));
}

interface Graph {
  readonly kept: readonly Kept[];
  readonly emptied: ReadonlySet<string>;
  readonly dropped: string;
}

/** Takes away, again and again, what refers to nothing that is left; what cannot be taken away is a circle. */
function parentsFirst(
  model: Model,
  { kept, emptied, dropped }: Graph,
): { readonly ordered: readonly Kept[]; readonly circle: ReadonlySet<string> } {
  const left = new Map(
    [...kept.map(({ table }) => table), model.tables.get(foldName(dropped))].flatMap((table) =>
      table ? [[foldName(table.table), table] as const] : [],
    ),
  );
  const order: string[] = [];
  for (;;) {
    const free = [...left].filter(([key, table]) =>
      keysInto(table, emptied).every(({ clause }) => {
        const parent = foldName(clause.parent);
        return parent === key || !left.has(parent);
      }),
    );
    if (free.length === 0) break;
    for (const [key] of free) {
      order.push(key);
      left.delete(key);
    }
  }
  const place = (one: Kept) => {
    const at = order.indexOf(foldName(one.table.table));
    return at === -1 ? order.length : at;
  };
  return { ordered: kept.toSorted((a, b) => place(a) - place(b)), circle: circleIn(left, emptied) };
}

/** Without what only hangs on a circle: nothing else that is left refers to it. */
function circleIn(
  tables: ReadonlyMap<string, TableDefinition>,
  emptied: ReadonlySet<string>,
): ReadonlySet<string> {
  const left = new Map(tables);
  for (;;) {
    const pointedTo = new Set(
      [...left].flatMap(([key, table]) =>
        keysInto(table, emptied).flatMap(({ clause }) =>
          foldName(clause.parent) === key ? [] : [foldName(clause.parent)],
        ),
      ),
    );
    const ends = [...left.keys()].filter((key) => !pointedTo.has(key));
    if (ends.length === 0) return new Set(left.keys());
    for (const key of ends) left.delete(key);
  }
}

function withClearFirst(model: Model, kept: Kept, circle: ReadonlySet<string>): Kept {
  const { table, manner } = kept;
  return manner.kind === 'rows' && manner.removed === 'by-delete'
    ? { ...kept, manner: { ...manner, clearFirst: clearFirst(model, table, circle) } }
    : kept;
}

/** References without which the rows of a table can be deleted, where they cannot with them. */
function clearFirst(model: Model, table: TableDefinition, circle: ReadonlySet<string>): readonly string[] {
  const columns = keysBackTo(table, circle).flatMap((key) => key.columns);
  return [...new Set(columns)].filter((column) => canBeCleared(model, table, column));
}

/** Keys to its own rows, or in a circle: deleting a row acts on rows that are about to be deleted, too. */
function keysBackTo(table: TableDefinition, circle: ReadonlySet<string>): readonly Key[] {
  return keysOf(table).filter(({ clause }) =>
    sameName(clause.parent, table.table)
      ? actsAtOnce.has(clause.onDelete)
      : circle.has(foldName(table.table)) && circle.has(foldName(clause.parent)),
  );
}

/** RESTRICT refuses and SET changes the other row at once, deferred or not; the rest comes out even in the end. */
const actsAtOnce: ReadonlySet<ForeignKeyAction> = new Set(['RESTRICT', 'SET NULL', 'SET DEFAULT'] as const);

function refusedBy(
  model: Model,
  deleted: readonly TableDefinition[],
  circle: ReadonlySet<string>,
): Choice | undefined {
  for (const table of deleted) {
    const stuck = keysBackTo(table, circle).find(
      ({ columns, clause }) =>
        actsAtOnce.has(clause.onDelete) && !columns.some((column) => canBeCleared(model, table, column)),
    );
    if (stuck)
      return notPossible(
        `Rows of ${table.table} cannot be taken aside: ${stuck.columns.join(', ')} refers to ${stuck.clause.parent} with ON DELETE ${stuck.clause.onDelete}, in a circle, and cannot be NULL.`,
      );
  }
  return undefined;
}

function notPossible(why: string): Choice {
  return { kind: 'not-possible', why };
}
