import type { Sketch } from '../../schema/sketch.ts';
import type { AlterAction } from '../../sql/alter.ts';
import { foldName } from '../../sql/cursor.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import type { Dialect } from '../../sql/statement.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';

/** What takes back what one statement did. */
export type Undo =
  /** It goes with its table, or was nothing that stays. */
  | { readonly kind: 'nothing' }
  /** `last`: other things are made of it, which have to be gone before. */
  | { readonly kind: 'sql'; readonly sql: string; readonly when?: 'last' }
  /** Its text does not say how it was before. */
  | { readonly kind: 'open' };

export interface UndoAround {
  /** Before the migration, and before the statement. */
  readonly before: Sketch;
  readonly now: Sketch;
  /** Tables that the migration made so far, in lower case: what is done to them goes when they are dropped. */
  readonly made: ReadonlySet<string>;
  readonly dialect: Dialect;
}

const nothing: Undo = { kind: 'nothing' };
const open: Undo = { kind: 'open' };
const run = (sql: string): Undo => ({ kind: 'sql', sql });

/** Only what the text of a statement makes sure; tables that it makes are dropped by whoever asks. */
export function undoOf(kind: StatementKind, around: UndoAround): Undo {
  const { before, now, made, dialect } = around;
  if (passes.has(kind.kind) || isOnOwnTable(kind, made)) return nothing;
  switch (kind.kind) {
    case 'create-table':
    case 'create-virtual-table':
      return nothing;
    case 'drop-table':
      return kind.ifExists && !now.tables.has(foldName(kind.table)) ? nothing : open;
    case 'alter-table':
      return undoOfAlter(kind.table, kind.action, around);
    case 'create-index':
      return undoOfIndex(kind, around);
    case 'drop-index':
      return isOwn(kind.index, before.indexes, now.indexes) ? nothing : open;
    case 'create-view':
      if (kind.temporary) return nothing;
      return undoOfMade(kind.view, kind, now.views, () =>
        run(`DROP ${kind.materialized ? 'MATERIALIZED ' : ''}VIEW ${quoted(dialect, kind.view)}`),
      );
    case 'drop-view':
      return isOwn(kind.view, before.views, now.views) ? nothing : open;
    case 'create-trigger':
      if (kind.temporary) return nothing;
      return undoOfMade(kind.trigger, kind, now.triggers, () =>
        run(
          `DROP TRIGGER ${quoted(dialect, kind.trigger)}${dialect === 'postgres' ? ` ON ${quoted(dialect, kind.table)}` : ''}`,
        ),
      );
    case 'drop-trigger':
      return isOwn(kind.trigger, before.triggers, now.triggers) ? nothing : open;
    case 'create-policy':
      return run(`DROP POLICY ${quoteName(kind.policy)} ON ${quoted(dialect, kind.table)}`);
    default:
      return undoOfDefinition(kind, dialect);
  }
}

/** What leaves nothing behind, or nothing that a schema or a row shows. */
const passes: ReadonlySet<StatementKind['kind']> = new Set([
  'analyze',
  'attach',
  'detach',
  'lock',
  'pragma',
  'refresh-view',
  'reindex',
  'select',
  'set',
  'transaction',
  'vacuum',
]);

function isOnOwnTable(kind: StatementKind, made: ReadonlySet<string>): boolean {
  if (kind.kind === 'truncate') return kind.tables.every((table) => made.has(foldName(table)));
  return 'table' in kind && kind.table !== undefined && made.has(foldName(kind.table));
}

/** Made by the migration itself. */
function isOwn(
  name: string,
  before: ReadonlyMap<string, unknown>,
  now: ReadonlyMap<string, unknown>,
): boolean {
  return now.has(foldName(name)) && !before.has(foldName(name));
}

/** What may have been there is not dropped. */
function undoOfMade(
  name: string,
  { ifNotExists, replace }: { readonly ifNotExists: boolean; readonly replace?: true },
  now: ReadonlyMap<string, unknown>,
  drop: () => Undo,
): Undo {
  if (replace) return open;
  return ifNotExists && now.has(foldName(name)) ? nothing : drop();
}

function undoOfIndex(
  { index, ifNotExists, concurrently }: Extract<StatementKind, { kind: 'create-index' }>,
  { now, dialect }: UndoAround,
): Undo {
  if (index === '') return open;
  return undoOfMade(index, { ifNotExists }, now.indexes, () =>
    run(`DROP INDEX ${concurrently ? 'CONCURRENTLY ' : ''}${quoted(dialect, index)}`),
  );
}

function undoOfAlter(table: string, action: AlterAction, { now, dialect }: UndoAround): Undo {
  const name = quoted(dialect, table);
  const alter = (what: string) => run(`ALTER TABLE ${name} ${what}`);
  switch (action.kind) {
    case 'add-column':
      return alter(`DROP COLUMN ${quoteName(action.column)}`);
    case 'add-column-if-missing': {
      const columns = now.tables.get(foldName(table))?.columns;
      if (!columns) return open;
      return columns.has(foldName(action.column))
        ? nothing
        : alter(`DROP COLUMN ${quoteName(action.column)}`);
    }
    case 'rename-column':
      return alter(`RENAME COLUMN ${quoteName(action.to)} TO ${quoteName(action.column)}`);
    case 'rename-table':
      return run(
        `ALTER TABLE ${quoted(dialect, action.to)} RENAME TO ${quoteName(table.split('.').at(-1) ?? table)}`,
      );
    case 'add-constraint':
      return action.name === undefined ? open : alter(`DROP CONSTRAINT ${quoteName(action.name)}`);
    case 'rename-constraint':
      return alter(`RENAME CONSTRAINT ${quoteName(action.to)} TO ${quoteName(action.name)}`);
    case 'set-not-null':
      return alter(`ALTER COLUMN ${quoteName(action.column)} DROP NOT NULL`);
    case 'validate-constraint':
      return nothing;
    default:
      return open;
  }
}

/** What PostgreSQL has beside tables. */
function undoOfDefinition(kind: StatementKind, dialect: Dialect): Undo {
  const last = (sql: string): Undo => ({ kind: 'sql', sql, when: 'last' });
  switch (kind.kind) {
    case 'create-type':
      return last(`DROP ${kind.is === 'domain' ? 'DOMAIN' : 'TYPE'} ${quoted(dialect, kind.type)}`);
    case 'create-sequence':
      return kind.ifNotExists ? open : last(`DROP SEQUENCE ${quoted(dialect, kind.sequence)}`);
    case 'create-schema':
      return kind.ifNotExists ? open : last(`DROP SCHEMA ${quoteName(kind.schema)}`);
    case 'alter-type':
      return kind.action.kind === 'rename-value'
        ? run(
            `ALTER TYPE ${quoted(dialect, kind.type)} RENAME VALUE ${quoteText(kind.action.to)} TO ${quoteText(kind.action.value)}`,
          )
        : open;
    default:
      return open;
  }
}

/** In PostgreSQL a name may say its schema. */
export function quoted(dialect: Dialect, name: string): string {
  const dot = dialect === 'postgres' ? name.indexOf('.') : -1;
  return dot < 0 ? quoteName(name) : `${quoteName(name.slice(0, dot))}.${quoteName(name.slice(dot + 1))}`;
}
