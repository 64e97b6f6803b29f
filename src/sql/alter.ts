import type { Cursor } from './cursor.ts';
import { columnDefinition, type ColumnDefinition } from './table-definition.ts';

/** What ALTER TABLE does, in SQLite and libSQL. */
export type AlterAction =
  | { readonly kind: 'add-column'; readonly column: string; readonly definition: ColumnDefinition }
  | { readonly kind: 'drop-column'; readonly column: string }
  | { readonly kind: 'rename-column'; readonly column: string; readonly to: string }
  | { readonly kind: 'rename-table'; readonly to: string }
  /** libSQL: the column gets a new definition for rows written from now on; stored values stay. */
  | { readonly kind: 'alter-column'; readonly column: string; readonly definition: ColumnDefinition }
  | { readonly kind: 'unknown' };

/** Reads what follows the table's name. */
export function alterAction(cursor: Cursor): AlterAction {
  if (cursor.takes('RENAME', 'TO')) return renameTable(cursor);
  if (cursor.takes('RENAME')) return renameColumn(cursor);
  if (cursor.takes('ADD')) return addColumn(cursor);
  if (cursor.takes('DROP')) return dropColumn(cursor);
  return cursor.takes('ALTER') ? alterColumn(cursor) : unknown;
}

const unknown: AlterAction = { kind: 'unknown' };

function renameTable(cursor: Cursor): AlterAction {
  const to = cursor.name();
  return to === undefined ? unknown : { kind: 'rename-table', to };
}

function renameColumn(cursor: Cursor): AlterAction {
  cursor.takes('COLUMN');
  const column = cursor.name();
  const to = cursor.takes('TO') ? cursor.name() : undefined;
  return column === undefined || to === undefined ? unknown : { kind: 'rename-column', column, to };
}

function addColumn(cursor: Cursor): AlterAction {
  cursor.takes('COLUMN');
  const definition = columnDefinition(cursor);
  return definition ? { kind: 'add-column', column: definition.name, definition } : unknown;
}

function dropColumn(cursor: Cursor): AlterAction {
  cursor.takes('COLUMN');
  const column = cursor.name();
  return column === undefined ? unknown : { kind: 'drop-column', column };
}

function alterColumn(cursor: Cursor): AlterAction {
  cursor.takes('COLUMN');
  const column = cursor.name();
  if (column === undefined || !cursor.takes('TO')) return unknown;
  const definition = columnDefinition(cursor);
  return definition ? { kind: 'alter-column', column, definition } : unknown;
}
