import { objectName, type Cursor } from './cursor.ts';
import { foreignKey } from './foreign-key-clause.ts';
import type { PostgresAlterAction } from './postgres/kinds.ts';
import { columnDefinition, typeName, type ColumnDefinition } from './column-definition.ts';
import { namesIn } from './table-definition.ts';

/** What ALTER TABLE does, in SQLite, libSQL and PostgreSQL. */
export type AlterAction =
  | { readonly kind: 'add-column'; readonly column: string; readonly definition: ColumnDefinition }
  | {
      readonly kind: 'drop-column';
      readonly column: string;
      readonly ifExists?: true;
      readonly cascade?: true;
    }
  | { readonly kind: 'rename-column'; readonly column: string; readonly to: string }
  | { readonly kind: 'rename-table'; readonly to: string }
  /** libSQL: the column gets a new definition for rows written from now on; stored values stay. */
  | { readonly kind: 'alter-column'; readonly column: string; readonly definition: ColumnDefinition }
  | PostgresAlterAction
  | { readonly kind: 'unknown' };

/** Whether an action can take no row and change no value that is there, whatever is in the table. */
export function leavesRows({ kind }: AlterAction): boolean {
  return harmless.has(kind);
}

const harmless: ReadonlySet<AlterAction['kind']> = new Set([
  'add-column',
  'add-column-if-missing',
  'set-default',
  'drop-default',
  'set-not-null',
  'drop-not-null',
  'column-option',
  'add-constraint',
  'validate-constraint',
  'drop-constraint',
  'rename-constraint',
  'table-option',
]);

/**
 * Reads what follows the table's name: one action.
 *
 * @param schema the table's, where the statement says it: a new name stays in it
 */
export function alterAction(cursor: Cursor, schema?: string): AlterAction {
  if (cursor.takes('RENAME', 'TO')) return renameTable(cursor, schema);
  if (cursor.takes('RENAME', 'CONSTRAINT')) return renameConstraint(cursor);
  if (cursor.takes('RENAME')) return renameColumn(cursor);
  if (cursor.takes('ADD')) return addition(cursor);
  if (cursor.takes('DROP', 'CONSTRAINT')) return dropConstraint(cursor);
  if (cursor.takes('DROP')) return dropColumn(cursor);
  return cursor.takes('ALTER') ? alterColumn(cursor) : tableAction(cursor);
}

const unknown: AlterAction = { kind: 'unknown' };

function renameTable(cursor: Cursor, schema: string | undefined): AlterAction {
  const to = cursor.name();
  if (to === undefined) return unknown;
  return { kind: 'rename-table', to: objectName(schema === undefined ? { name: to } : { schema, name: to }) };
}

function renameConstraint(cursor: Cursor): AlterAction {
  const name = cursor.name();
  const to = cursor.takes('TO') ? cursor.name() : undefined;
  return name === undefined || to === undefined ? unknown : { kind: 'rename-constraint', name, to };
}

function renameColumn(cursor: Cursor): AlterAction {
  cursor.takes('COLUMN');
  const column = cursor.name();
  const to = cursor.takes('TO') ? cursor.name() : undefined;
  return column === undefined || to === undefined ? unknown : { kind: 'rename-column', column, to };
}

function addition(cursor: Cursor): AlterAction {
  const constraint = cursor.sees('COLUMN') ? undefined : addConstraint(cursor);
  if (constraint) return constraint;
  cursor.takes('COLUMN');
  const ifMissing = cursor.takes('IF', 'NOT', 'EXISTS');
  const definition = columnDefinition(cursor);
  if (!definition) return unknown;
  return {
    kind: ifMissing ? 'add-column-if-missing' : 'add-column',
    column: definition.name,
    definition,
  };
}

type AddConstraint = Extract<AlterAction, { kind: 'add-constraint' }>;

function addConstraint(cursor: Cursor): AlterAction | undefined {
  const name = cursor.takes('CONSTRAINT') ? cursor.name() : undefined;
  const added = constraint(cursor);
  if (!added) return name === undefined ? undefined : unknown;
  let notValid = false;
  while (!cursor.atEnd) {
    if (cursor.takes('NOT', 'VALID') || cursor.takes('NOT', 'ENFORCED')) notValid = true;
    else cursor.token();
  }
  return { kind: 'add-constraint', ...(name === undefined ? {} : { name }), ...added, notValid };
}

function constraint(cursor: Cursor): Omit<AddConstraint, 'kind' | 'name' | 'notValid'> | undefined {
  if (cursor.takes('PRIMARY', 'KEY')) return key('primary-key', cursor);
  if (cursor.sees('UNIQUE') && !isEnd(cursor, 1)) {
    cursor.takes('UNIQUE');
    if (!cursor.takes('NULLS', 'NOT', 'DISTINCT')) cursor.takes('NULLS', 'DISTINCT');
    return key('unique', cursor);
  }
  if (cursor.sees('CHECK', '(')) return { is: 'check', usingIndex: false, columns: [] };
  if (cursor.sees('EXCLUDE', 'USING') || cursor.sees('EXCLUDE', '('))
    return { is: 'exclude', usingIndex: false, columns: [] };
  if (cursor.takes('NOT', 'NULL'))
    return { is: 'not-null', usingIndex: false, columns: [cursor.name() ?? ''] };
  if (!cursor.takes('FOREIGN', 'KEY')) return undefined;
  const columns = namesIn(cursor.group());
  const clause = foreignKey(cursor);
  return { is: 'foreign-key', usingIndex: false, columns, ...(clause && { clause }) };
}

const isEnd = (cursor: Cursor, ahead: number) => cursor.peek(ahead) === undefined;

function key(
  is: 'primary-key' | 'unique',
  cursor: Cursor,
): Omit<AddConstraint, 'kind' | 'name' | 'notValid'> {
  return cursor.takes('USING', 'INDEX')
    ? { is, usingIndex: true, columns: [] }
    : { is, usingIndex: false, columns: namesIn(cursor.group()) };
}

function dropConstraint(cursor: Cursor): AlterAction {
  const ifExists = cursor.takes('IF', 'EXISTS');
  const name = cursor.name();
  return name === undefined
    ? unknown
    : { kind: 'drop-constraint', name, ifExists, cascade: cursor.takes('CASCADE') };
}

function dropColumn(cursor: Cursor): AlterAction {
  cursor.takes('COLUMN');
  const ifExists = cursor.takes('IF', 'EXISTS');
  const column = cursor.name();
  if (column === undefined) return unknown;
  const cascade = cursor.takes('CASCADE');
  return {
    kind: 'drop-column',
    column,
    ...(ifExists ? { ifExists } : {}),
    ...(cascade ? { cascade } : {}),
  };
}

function alterColumn(cursor: Cursor): AlterAction {
  if (cursor.takes('CONSTRAINT')) return { kind: 'table-option' };
  cursor.takes('COLUMN');
  const column = cursor.name();
  if (column === undefined) return unknown;
  if (!cursor.takes('TO')) return columnAction(column, cursor);
  const definition = columnDefinition(cursor);
  return definition ? { kind: 'alter-column', column, definition } : unknown;
}

/** ALTER COLUMN of PostgreSQL, from behind the column's name. */
function columnAction(column: string, cursor: Cursor): AlterAction {
  if (cursor.takes('SET', 'DATA', 'TYPE') || cursor.takes('TYPE')) {
    const type = typeName(cursor, 'USING');
    if (cursor.takes('COLLATE')) cursor.qualifiedName();
    return { kind: 'set-type', column, type, using: cursor.takes('USING') };
  }
  if (cursor.takes('SET', 'NOT', 'NULL')) return { kind: 'set-not-null', column };
  if (cursor.takes('DROP', 'NOT', 'NULL')) return { kind: 'drop-not-null', column };
  if (cursor.takes('SET', 'DEFAULT')) return { kind: 'set-default', column };
  if (cursor.takes('DROP', 'DEFAULT')) return { kind: 'drop-default', column };
  // A stored generated column is computed anew for every row.
  if (cursor.takes('SET', 'EXPRESSION')) return { kind: 'rewrite', what: `SET EXPRESSION of ${column}` };
  const isOption = ['ADD', 'SET', 'DROP', 'RESET', 'RESTART'].some((word) => cursor.sees(word));
  return isOption ? { kind: 'column-option', column } : unknown;
}

/** What ALTER TABLE of PostgreSQL does with the table as a whole. */
function tableAction(cursor: Cursor): AlterAction {
  if (cursor.takes('VALIDATE', 'CONSTRAINT'))
    return named(cursor, (name) => ({ kind: 'validate-constraint', name }));
  if (cursor.takes('ATTACH', 'PARTITION')) return partition(cursor, 'attach');
  if (cursor.takes('DETACH', 'PARTITION')) return partition(cursor, 'detach');
  if (cursor.takes('SET', 'SCHEMA')) return named(cursor, (to) => ({ kind: 'set-schema', to }));
  const rewriting = rewrites.find((words) => cursor.takes(...words));
  if (rewriting) return { kind: 'rewrite', what: rewriting.join(' ') };
  return options.some((words) => cursor.sees(...words)) ? { kind: 'table-option' } : unknown;
}

function named(cursor: Cursor, make: (name: string) => AlterAction): AlterAction {
  const name = cursor.name();
  return name === undefined ? unknown : make(name);
}

function partition(cursor: Cursor, way: 'attach' | 'detach'): AlterAction {
  const name = cursor.qualifiedName();
  if (!name) return unknown;
  return way === 'attach'
    ? { kind: 'attach-partition', partition: objectName(name) }
    : { kind: 'detach-partition', partition: objectName(name), concurrently: cursor.takes('CONCURRENTLY') };
}

const rewrites = [
  ['SET', 'LOGGED'],
  ['SET', 'UNLOGGED'],
  ['SET', 'ACCESS', 'METHOD'],
  ['SET', 'TABLESPACE'],
];

const options = [
  ['SET', '('],
  ['RESET', '('],
  ['SET', 'WITHOUT'],
  ['ENABLE'],
  ['DISABLE'],
  ['FORCE'],
  ['NO', 'FORCE'],
  ['OWNER', 'TO'],
  ['CLUSTER', 'ON'],
  ['REPLICA', 'IDENTITY'],
];
