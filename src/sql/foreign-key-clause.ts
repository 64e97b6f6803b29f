import { objectName, type Cursor } from './cursor.ts';
import { nameOf } from './tokens.ts';

/** What a foreign key does to child rows. */
export type ForeignKeyAction = 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT';

/** `REFERENCES parent (columns) …`. */
export interface ForeignKeyClause {
  readonly parent: string;
  /** Empty: the parent's primary key. */
  readonly columns: readonly string[];
  readonly onDelete: ForeignKeyAction;
  readonly onUpdate: ForeignKeyAction;
  readonly checked: 'at-once' | 'at-commit';
}

/** Reads a REFERENCES clause; undefined when none comes next. MATCH is left out: SQLite ignores it. */
export function foreignKey(cursor: Cursor): ForeignKeyClause | undefined {
  if (!cursor.takes('REFERENCES')) return undefined;
  const named = cursor.qualifiedName();
  if (!named) return undefined;
  const parent = objectName(named);
  const columns = (cursor.group() ?? []).filter(({ text }) => text !== ',').map(nameOf);
  let onDelete: ForeignKeyAction = 'NO ACTION';
  let onUpdate: ForeignKeyAction = 'NO ACTION';
  let checked: ForeignKeyClause['checked'] = 'at-once';
  for (;;) {
    if (cursor.takes('ON', 'DELETE')) onDelete = action(cursor);
    else if (cursor.takes('ON', 'UPDATE')) onUpdate = action(cursor);
    else if (cursor.takes('ON', 'INSERT')) action(cursor);
    else if (cursor.takes('MATCH')) cursor.name();
    else if (cursor.takes('NOT', 'DEFERRABLE') || cursor.takes('DEFERRABLE'))
      checked = deferral(cursor, checked);
    else return { parent, columns, onDelete, onUpdate, checked };
  }
}

function action(cursor: Cursor): ForeignKeyAction {
  if (cursor.takes('CASCADE')) return 'CASCADE';
  if (cursor.takes('RESTRICT')) return 'RESTRICT';
  if (cursor.takes('SET', 'NULL')) return 'SET NULL';
  if (cursor.takes('SET', 'DEFAULT')) return 'SET DEFAULT';
  cursor.takes('NO', 'ACTION');
  return 'NO ACTION';
}

/** Only DEFERRABLE INITIALLY DEFERRED waits for COMMIT; every other spelling checks at once. */
function deferral(cursor: Cursor, before: ForeignKeyClause['checked']): ForeignKeyClause['checked'] {
  const negated = cursor.peek(-2);
  const deferrable = negated === undefined || negated.text.toUpperCase() !== 'NOT';
  if (cursor.takes('INITIALLY', 'DEFERRED')) return deferrable ? 'at-commit' : 'at-once';
  return cursor.takes('INITIALLY', 'IMMEDIATE') ? 'at-once' : before;
}
