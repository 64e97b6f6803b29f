import { alterAction, type AlterAction } from './alter.ts';
import {
  cursorOver,
  foldName,
  isName,
  isWord,
  objectName,
  splitAtCommas,
  withDepth,
  type Cursor,
  type QualifiedName,
} from './cursor.ts';
import { otherAlteration, otherCreation, otherRemoval, otherStatement } from './postgres-statements.ts';
import type { PostgresKind } from './postgres-kinds.ts';
import { sourceTables } from './sources.ts';
import { nameOf, type Token } from './tokens.ts';

/**
 * What a statement does, told from its text alone, in SQLite and its family and in PostgreSQL.
 * Names are unquoted, in the letters they were written in, and without their schema where that is the one that names
 * without a schema mean; `temporary` when the text says TEMP or `temp.`.
 */
export type StatementKind =
  | PostgresKind
  /** Several changes in one: `DROP TABLE a, b`, `ALTER TABLE t DROP a, DROP b`, WITH x AS (DELETE …) INSERT …. */
  | { readonly kind: 'combined'; readonly parts: readonly StatementKind[] }
  | {
      readonly kind: 'create-table';
      readonly table: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** With AS SELECT: the tables it reads. */
      readonly from?: readonly string[];
      /** PostgreSQL: the partitioned table that it becomes a part of. */
      readonly partitionOf?: string;
    }
  | { readonly kind: 'create-virtual-table'; readonly table: string; readonly module: string }
  | {
      readonly kind: 'drop-table';
      readonly table: string;
      readonly ifExists: boolean;
      /** PostgreSQL: views, foreign keys and what else depends on it goes along. */
      readonly cascade?: true;
    }
  | {
      readonly kind: 'alter-table';
      readonly table: string;
      readonly action: AlterAction;
      readonly ifExists?: true;
    }
  | {
      readonly kind: 'create-index';
      /** Empty where PostgreSQL is to make up a name. */
      readonly index: string;
      readonly table: string;
      readonly unique: boolean;
      readonly ifNotExists: boolean;
      readonly concurrently?: true;
    }
  | {
      readonly kind: 'drop-index';
      readonly index: string;
      readonly ifExists: boolean;
      readonly concurrently?: true;
      readonly cascade?: true;
    }
  | {
      readonly kind: 'create-view';
      readonly view: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      readonly from: readonly string[];
      /** OR REPLACE: it may have been there. */
      readonly replace?: true;
      readonly materialized?: true;
    }
  | {
      readonly kind: 'drop-view';
      readonly view: string;
      readonly ifExists: boolean;
      readonly cascade?: true;
      readonly materialized?: true;
    }
  | {
      readonly kind: 'create-trigger';
      readonly trigger: string;
      readonly table: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** Tables that its body inserts into, updates or deletes from. */
      readonly writes: readonly string[];
      /** OR REPLACE: it may have been there. */
      readonly replace?: true;
      /** PostgreSQL: the function that it runs, which may write anything. */
      readonly runs?: string;
    }
  | {
      readonly kind: 'drop-trigger';
      readonly trigger: string;
      readonly ifExists: boolean;
      /** PostgreSQL says it: triggers of two tables may share a name. */
      readonly table?: string;
    }
  | {
      readonly kind: 'insert';
      readonly table: string;
      /** INSERT OR REPLACE, REPLACE, INSERT OR IGNORE… */
      readonly or?: 'replace' | 'ignore' | 'abort' | 'fail' | 'rollback';
      /** ON CONFLICT … DO UPDATE. */
      readonly upsert: boolean;
      /** The tables that a SELECT in it reads; absent with VALUES. */
      readonly from?: readonly string[];
      /** The columns named before VALUES or SELECT; empty when none are. */
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'update';
      readonly table: string;
      /** The columns named in SET. */
      readonly columns: readonly string[];
      readonly where: 'all' | 'some';
      /** UPDATE OR REPLACE deletes the rows in its way. */
      readonly or?: 'replace' | 'ignore' | 'abort' | 'fail' | 'rollback';
    }
  | { readonly kind: 'delete'; readonly table: string; readonly where: 'all' | 'some' }
  | { readonly kind: 'pragma'; readonly name: string; readonly value?: string }
  | {
      readonly kind: 'transaction';
      readonly verb: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release';
    }
  | { readonly kind: 'attach' }
  | { readonly kind: 'detach' }
  | { readonly kind: 'vacuum' }
  | { readonly kind: 'analyze' }
  | { readonly kind: 'reindex' }
  /** SELECT, VALUES and EXPLAIN: it reads. */
  | { readonly kind: 'select'; readonly from: readonly string[] }
  | { readonly kind: 'unknown' };

/** Tells what one statement does. Never throws: what it cannot tell is `unknown`. */
export function classify(sql: string): StatementKind {
  // Asked for by every rule and planner, about the same statements: each text is read once.
  let known = kinds.get(sql);
  if (known === undefined) {
    known = kindOf(sql);
    remember(sql, known);
  }
  return known;
}

/** The changes that a statement consists of, one for most. */
export function partsOf(kind: StatementKind): readonly StatementKind[] {
  return kind.kind === 'combined' ? kind.parts.flatMap(partsOf) : [kind];
}

const kinds = new Map<string, StatementKind>();
/** Characters of the texts in `kinds`. */
let remembered = 0;
const mostRemembered = 64 * 1024 * 1024;

function remember(sql: string, kind: StatementKind): void {
  if (remembered + sql.length > mostRemembered || kinds.size > 20_000) {
    kinds.clear();
    remembered = 0;
  }
  kinds.set(sql, kind);
  remembered += sql.length;
}

function kindOf(sql: string): StatementKind {
  const cursor = cursorOver(sql);
  const { names, changes } = commonTables(cursor);
  const said =
    definition(cursor) ??
    change(cursor, names) ??
    housekeeping(cursor) ??
    otherStatement(cursor) ??
    reading(cursor, names) ??
    unknown;
  return changes.length === 0 ? said : { kind: 'combined', parts: [...changes, said] };
}

const unknown: StatementKind = { kind: 'unknown' };

/** Steps over WITH … AS (…), and gives the names it made, which are no tables, and what changes rows in it. */
function commonTables(cursor: Cursor): {
  readonly names: readonly string[];
  readonly changes: readonly StatementKind[];
} {
  const names: string[] = [];
  const changes: StatementKind[] = [];
  if (!cursor.takes('WITH')) return { names, changes };
  cursor.takes('RECURSIVE');
  do {
    names.push(foldName(cursor.name() ?? ''));
    cursor.group();
    cursor.takes('AS');
    if (!cursor.takes('NOT', 'MATERIALIZED')) cursor.takes('MATERIALIZED');
    const inside = cursorOver(cursor.group() ?? []);
    const made = change(inside, names);
    if (made) changes.push(made);
  } while (cursor.takes(','));
  return { names, changes };
}

function definition(cursor: Cursor): StatementKind | undefined {
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

function combined(parts: readonly StatementKind[]): StatementKind {
  const [first, second] = parts;
  return first && second === undefined ? first : { kind: 'combined', parts };
}

/** Steps over PostgreSQL's ONLY, which is no name there; to SQLite it is one, and then something else follows. */
function takeOnly(cursor: Cursor): void {
  const next = cursor.peek(1);
  const isTable = next === undefined || !isName(next) || afterTable.some((word) => isWord(next, word));
  if (!isTable) cursor.takes('ONLY');
}

const afterTable = ['RENAME', 'ADD', 'DROP', 'ALTER', 'SET', 'WHERE', 'AS'];

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

/** Where the first of these words stands outside of parentheses; -1 for nowhere. */
function topWord(all: readonly Token[], words: readonly string[]): number {
  for (const { token, depth, index: at } of withDepth(all))
    if (depth === 0 && words.some((word) => isWord(token, word))) return at;
  return -1;
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
      ? change(cursorOver(body.slice(at)), [])
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

function change(cursor: Cursor, common: readonly string[]): StatementKind | undefined {
  if (cursor.takes('INSERT')) return insertion(cursor, conflictOf(cursor), common);
  if (cursor.takes('REPLACE')) return insertion(cursor, 'replace', common);
  if (cursor.takes('UPDATE')) return updating(cursor);
  if (cursor.takes('MERGE', 'INTO')) return merging(cursor);
  if (!cursor.takes('DELETE', 'FROM')) return undefined;
  takeOnly(cursor);
  const table = cursor.qualifiedName();
  return table ? { kind: 'delete', table: objectName(table), where: reach(cursor.rest()) } : unknown;
}

function merging(cursor: Cursor): StatementKind {
  takeOnly(cursor);
  const table = cursor.qualifiedName();
  return table ? { kind: 'merge', table: objectName(table) } : unknown;
}

type Conflict = 'replace' | 'ignore' | 'abort' | 'fail' | 'rollback';
const conflicts: readonly Conflict[] = ['replace', 'ignore', 'abort', 'fail', 'rollback'];

function conflictOf(cursor: Cursor): Conflict | undefined {
  return conflicts.find((word) => cursor.takes('OR', word));
}

function insertion(cursor: Cursor, or: Conflict | undefined, common: readonly string[]): StatementKind {
  cursor.takes('INTO');
  const table = cursor.qualifiedName();
  if (!table) return unknown;
  if (cursor.takes('AS')) cursor.name();
  const columns = startsReading(cursor.peek(1))
    ? []
    : (cursor.group() ?? []).filter(({ text }) => text !== ',').map(nameOf);
  if (!cursor.takes('OVERRIDING', 'SYSTEM', 'VALUE')) cursor.takes('OVERRIDING', 'USER', 'VALUE');
  const rest = cursor.rest();
  const reads = startsReading(rest.find(({ text }) => text !== '('));
  const upsert = rest.some((token, at) => isWord(token, 'DO') && isWord(rest[at + 1], 'UPDATE'));
  const from = reads ? { from: sourceTables(rest, common) } : {};
  return { kind: 'insert', table: objectName(table), columns, upsert, ...from, ...(or && { or }) };
}

const startsReading = (token: Token | undefined) => isWord(token, 'SELECT') || isWord(token, 'WITH');

function updating(cursor: Cursor): StatementKind {
  const or = conflictOf(cursor);
  takeOnly(cursor);
  const table = cursor.qualifiedName();
  if (!table) return unknown;
  while (!cursor.atEnd && !cursor.takes('SET')) cursor.token();
  const rest = cursor.rest();
  return {
    kind: 'update',
    table: objectName(table),
    columns: assigned(rest),
    where: reach(rest),
    ...(or && { or }),
  };
}

/** The columns on the left of SET's assignments: `a = 1, (b, c) = (…)`. */
function assigned(rest: readonly Token[]): readonly string[] {
  const columns: string[] = [];
  let start = true;
  for (const { token, depth, index } of withDepth(rest)) {
    if (depth === 0 && ['WHERE', 'FROM', 'RETURNING', 'ORDER', 'LIMIT'].some((word) => isWord(token, word)))
      break;
    if (depth === 0 && start && token.text === '(') {
      const names = cursorOver(rest.slice(index)).group() ?? [];
      columns.push(...names.filter(({ text }) => text !== ',').map(nameOf));
    } else if (depth === 0 && start) columns.push(nameOf(token));
    if (depth === 0) start = token.text === ',';
  }
  return columns;
}

/** `all` when nothing narrows the rows: no WHERE and no LIMIT, or a WHERE that is a constant truth. */
function reach(rest: readonly Token[]): 'all' | 'some' {
  const top = [...withDepth(rest)].filter(({ depth }) => depth === 0).map(({ token }) => token);
  if (top.some((token) => isWord(token, 'LIMIT'))) return 'some';
  const where = top.findIndex((token) => isWord(token, 'WHERE'));
  if (where === -1) return 'all';
  const condition = top.slice(where + 1).map(({ text }) => text.toUpperCase());
  return ['1', 'TRUE', '1 = 1', '1 == 1'].includes(condition.join(' ')) ? 'all' : 'some';
}

function housekeeping(cursor: Cursor): StatementKind | undefined {
  if (cursor.takes('PRAGMA')) return pragma(cursor);
  const first = cursor.peek();
  return first?.kind === 'word' ? housekeepers[first.text.toUpperCase()] : undefined;
}

const housekeepers: Readonly<Record<string, StatementKind>> = {
  BEGIN: { kind: 'transaction', verb: 'begin' },
  COMMIT: { kind: 'transaction', verb: 'commit' },
  END: { kind: 'transaction', verb: 'commit' },
  START: { kind: 'transaction', verb: 'begin' },
  ABORT: { kind: 'transaction', verb: 'rollback' },
  ROLLBACK: { kind: 'transaction', verb: 'rollback' },
  SAVEPOINT: { kind: 'transaction', verb: 'savepoint' },
  RELEASE: { kind: 'transaction', verb: 'release' },
  ATTACH: { kind: 'attach' },
  DETACH: { kind: 'detach' },
  VACUUM: { kind: 'vacuum' },
  ANALYZE: { kind: 'analyze' },
  REINDEX: { kind: 'reindex' },
};

function pragma(cursor: Cursor): StatementKind {
  const name = cursor.qualifiedName()?.name;
  if (name === undefined) return unknown;
  const value = cursor.takes('=') ? cursor.rest() : (cursor.group() ?? []);
  const text = value.map((token) => (token.kind === 'quoted-name' ? nameOf(token) : token.text)).join('');
  return { kind: 'pragma', name: foldName(name), ...(text === '' ? {} : { value: foldName(text) }) };
}

function reading(cursor: Cursor, common: readonly string[]): StatementKind | undefined {
  if (cursor.takes('EXPLAIN', 'ANALYZE')) return explained(cursor, common);
  if (cursor.sees('EXPLAIN', '(')) return unknown;
  const reads = ['SELECT', 'VALUES', 'EXPLAIN'].some((word) => cursor.sees(word));
  if (!reads) return undefined;
  const rest = cursor.rest();
  const into = selectedInto(rest);
  const from = sourceTables(rest, common);
  if (into === undefined) return { kind: 'select', from };
  return { kind: 'create-table', table: into, temporary: false, ifNotExists: false, from };
}

/** PostgreSQL runs what it explains so; SQLite explains ANALYZE. */
function explained(cursor: Cursor, common: readonly string[]): StatementKind {
  cursor.takes('VERBOSE');
  return change(cursor, common) ?? { kind: 'select', from: sourceTables(cursor.rest(), common) };
}

/** SELECT … INTO makes a table. */
function selectedInto(rest: readonly Token[]): string | undefined {
  if (!isWord(rest[0], 'SELECT')) return undefined;
  const into = topWord(rest, ['INTO', 'FROM', 'INSERT', ';']);
  if (!isWord(rest[into], 'INTO')) return undefined;
  const cursor = cursorOver(rest.slice(into + 1));
  for (const word of ['TEMPORARY', 'TEMP', 'UNLOGGED', 'TABLE']) cursor.takes(word);
  const named = cursor.qualifiedName();
  return named && objectName(named);
}
