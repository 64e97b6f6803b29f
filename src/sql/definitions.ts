import { alterAction } from './alter.ts';
import {
  cursorOver,
  foldName,
  isWord,
  objectName,
  splitAtCommas,
  takeOnly,
  topWord,
  type Cursor,
  type QualifiedName,
} from './cursor.ts';
import { otherAlteration, otherCreation, otherRemoval } from './postgres/statements.ts';
import { rowChange } from './row-change.ts';
import { sourceTables } from './sources.ts';
import { combined, unknown, type StatementKind } from './statement-kind.ts';
import type { Token } from './tokens.ts';

/** What CREATE, DROP and ALTER make of a schema; undefined where the statement begins with none of them. */
export function definition(cursor: Cursor): StatementKind | undefined {
  if (cursor.takes('CREATE')) return creation(cursor);
  if (cursor.takes('DROP')) return removal(cursor);
  if (cursor.takes('ALTER', 'TABLE') || cursor.takes('ALTER', 'FOREIGN', 'TABLE')) return alteration(cursor);
  return cursor.takes('ALTER') ? otherAlteration(cursor) : undefined;
}

function alteration(cursor: Cursor): StatementKind {
  const ifExists = cursor.takes('IF', 'EXISTS');
  takeOnly(cursor);
  const named = cursor.qualifiedName();
  if (!named) return unknown;
  cursor.takes('*');
  const table = objectName(named);
  const actions = splitAtCommas(cursor.rest()).map((part) => alterAction(cursorOver(part), named.schema));
  const kinds = (actions.length === 0 ? [{ kind: 'unknown' } as const] : actions).map(
    (action) => ({ kind: 'alter-table', table, action, ...(ifExists ? { ifExists } : {}) }) as const,
  );
  return combined(kinds);
}

function creation(cursor: Cursor): StatementKind {
  const replace = cursor.takes('OR', 'REPLACE') ? { replace: true as const } : {};
  if (!cursor.takes('LOCAL')) cursor.takes('GLOBAL');
  const temporary = cursor.takes('TEMP') || cursor.takes('TEMPORARY');
  const unique = cursor.takes('UNIQUE');
  const virtual = cursor.takes('VIRTUAL');
  const materialized = modifiers(cursor).has('MATERIALIZED') ? { materialized: true as const } : {};
  const what = cursor.token()?.text.toUpperCase();
  const concurrently =
    what === 'INDEX' && cursor.takes('CONCURRENTLY') ? { concurrently: true as const } : {};
  const ifNotExists = cursor.takes('IF', 'NOT', 'EXISTS');
  const other = otherCreation(cursor, { what, ifNotExists, replace: 'replace' in replace });
  if (other) return other;
  if (what === 'INDEX' && cursor.sees('ON'))
    return index('', cursor, { unique, ifNotExists, ...concurrently });
  const named = cursor.qualifiedName();
  if (!named) return unknown;
  const isTemporary = temporary || isTemp(named);
  const name = objectName(named);
  if (virtual) return virtualTable(name, cursor);
  if (what === 'TABLE') return table(name, cursor, { temporary: isTemporary, ifNotExists });
  if (what === 'INDEX') return index(name, cursor, { unique, ifNotExists, ...concurrently });
  if (what === 'TRIGGER') return trigger(name, cursor, { temporary: isTemporary, ifNotExists, ...replace });
  if (what === 'VIEW') {
    return {
      kind: 'create-view',
      view: name,
      temporary: isTemporary,
      ifNotExists,
      from: sourceTables(cursor.rest()),
      ...replace,
      ...materialized,
    };
  }
  return unknown;
}

/** PostgreSQL's words between CREATE and what is made. */
function modifiers(cursor: Cursor): ReadonlySet<string> {
  const found = new Set<string>();
  for (const word of ['UNLOGGED', 'FOREIGN', 'RECURSIVE', 'MATERIALIZED', 'CONSTRAINT'])
    if (cursor.takes(word)) found.add(word);
  return found;
}

const isTemp = ({ schema }: QualifiedName) =>
  schema !== undefined && ['temp', 'pg_temp'].includes(foldName(schema));

function virtualTable(name: string, cursor: Cursor): StatementKind {
  cursor.takes('USING');
  return { kind: 'create-virtual-table', table: name, module: cursor.name() ?? '' };
}

function table(
  name: string,
  cursor: Cursor,
  options: { readonly temporary: boolean; readonly ifNotExists: boolean },
): StatementKind {
  const created = { kind: 'create-table', table: name, ...options } as const;
  if (cursor.takes('PARTITION', 'OF')) {
    const parent = cursor.qualifiedName();
    return parent ? { ...created, partitionOf: objectName(parent) } : unknown;
  }
  // AS SELECT may follow the names of its columns.
  cursor.group();
  const rest = cursor.rest();
  const as = topWord(rest, ['AS', ';']);
  return isWord(rest[as], 'AS') ? { ...created, from: sourceTables(rest.slice(as + 1)) } : created;
}

function index(
  name: string,
  cursor: Cursor,
  options: { readonly unique: boolean; readonly ifNotExists: boolean; readonly concurrently?: true },
): StatementKind {
  cursor.takes('ON');
  takeOnly(cursor);
  const on = cursor.qualifiedName();
  // PostgreSQL keeps an index in its table's schema, and says that schema at the table alone.
  const index = name === '' || on?.schema === undefined ? name : objectName({ schema: on.schema, name });
  return { kind: 'create-index', index, table: on ? objectName(on) : '', ...options };
}

function trigger(
  name: string,
  cursor: Cursor,
  options: { readonly temporary: boolean; readonly ifNotExists: boolean; readonly replace?: true },
): StatementKind {
  const body = cursor.rest();
  const start = body.findIndex((token) => isWord(token, 'BEGIN'));
  const on = body.findIndex((token) => isWord(token, 'ON'));
  const named = cursorOver(body.slice(on + 1)).qualifiedName();
  return {
    kind: 'create-trigger',
    trigger: name,
    table: named ? objectName(named) : '',
    ...options,
    writes: writtenIn(start === -1 ? [] : body.slice(start + 1)),
    ...(start === -1 ? functionIn(body) : {}),
  };
}

/** EXECUTE FUNCTION name(). */
function functionIn(body: readonly Token[]): { readonly runs?: string } {
  const execute = body.findIndex((token) => isWord(token, 'EXECUTE'));
  const named = execute === -1 ? undefined : cursorOver(body.slice(execute + 2)).qualifiedName();
  return named ? { runs: objectName(named) } : {};
}

function writtenIn(body: readonly Token[]): readonly string[] {
  const found = body.flatMap((token, at) => {
    const before = body[at - 1];
    if (before?.text !== ';' && !isWord(before, 'BEGIN') && at !== 0) return [];
    const kind = changeWords.some((word) => isWord(token, word))
      ? rowChange(cursorOver(body.slice(at)), [])
      : undefined;
    return kind?.kind === 'insert' || kind?.kind === 'update' || kind?.kind === 'delete' ? [kind.table] : [];
  });
  return [...new Set(found)];
}

const changeWords = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE'];

function removal(cursor: Cursor): StatementKind {
  const materialized = cursor.takes('MATERIALIZED') ? { materialized: true as const } : {};
  cursor.takes('FOREIGN');
  const what = cursor.token()?.text.toUpperCase();
  const concurrently =
    what === 'INDEX' && cursor.takes('CONCURRENTLY') ? { concurrently: true as const } : {};
  const ifExists = cursor.takes('IF', 'EXISTS');
  const { names, table, cascade } = removed(cursor);
  if (names.length === 0) return unknown;
  const also = cascade ? { cascade } : {};
  return combined(
    names.map((name) => {
      if (what === 'TABLE') return { kind: 'drop-table', table: name, ifExists, ...also };
      if (what === 'INDEX') return { kind: 'drop-index', index: name, ifExists, ...concurrently, ...also };
      if (what === 'VIEW') return { kind: 'drop-view', view: name, ifExists, ...materialized, ...also };
      if (what === 'TRIGGER')
        return { kind: 'drop-trigger', trigger: name, ifExists, ...(table === undefined ? {} : { table }) };
      return otherRemoval(what, { name, table, ifExists, cascade: cascade === true });
    }),
  );
}

/** The names behind DROP, the table behind ON, and whether CASCADE follows. */
function removed(cursor: Cursor): {
  readonly names: readonly string[];
  readonly table: string | undefined;
  readonly cascade: true | undefined;
} {
  const names: string[] = [];
  do {
    const named = cursor.qualifiedName();
    if (named) names.push(objectName(named));
    // The arguments of a function.
    cursor.group();
  } while (cursor.takes(','));
  const on = cursor.takes('ON') ? cursor.qualifiedName() : undefined;
  return { names, table: on && objectName(on), cascade: cursor.takes('CASCADE') ? true : undefined };
}
