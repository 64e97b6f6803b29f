import { alterAction, type AlterAction } from './alter.ts';
import { cursorOver, foldName, isWord, withDepth, type Cursor, type QualifiedName } from './cursor.ts';
import { sourceTables } from './sources.ts';
import { nameOf, type Token } from './tokens.ts';

/**
 * What a statement of the SQLite family does, told from its text alone.
 * Names are unquoted and without their schema; `temporary` when the text says TEMP or `temp.`.
 */
export type StatementKind =
  | {
      readonly kind: 'create-table';
      readonly table: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** With AS SELECT: the tables it reads. */
      readonly from?: readonly string[];
    }
  | { readonly kind: 'create-virtual-table'; readonly table: string; readonly module: string }
  | { readonly kind: 'drop-table'; readonly table: string; readonly ifExists: boolean }
  | { readonly kind: 'alter-table'; readonly table: string; readonly action: AlterAction }
  | {
      readonly kind: 'create-index';
      readonly index: string;
      readonly table: string;
      readonly unique: boolean;
      readonly ifNotExists: boolean;
    }
  | { readonly kind: 'drop-index'; readonly index: string; readonly ifExists: boolean }
  | {
      readonly kind: 'create-view';
      readonly view: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      readonly from: readonly string[];
    }
  | { readonly kind: 'drop-view'; readonly view: string; readonly ifExists: boolean }
  | {
      readonly kind: 'create-trigger';
      readonly trigger: string;
      readonly table: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** Tables that its body inserts into, updates or deletes from. */
      readonly writes: readonly string[];
    }
  | { readonly kind: 'drop-trigger'; readonly trigger: string; readonly ifExists: boolean }
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
  const common = commonTables(cursor);
  return (
    definition(cursor) ?? change(cursor, common) ?? housekeeping(cursor) ?? reading(cursor, common) ?? unknown
  );
}

const unknown: StatementKind = { kind: 'unknown' };

/** Steps over WITH … AS (…), and gives the names it made: they are no tables. */
function commonTables(cursor: Cursor): readonly string[] {
  if (!cursor.takes('WITH')) return [];
  cursor.takes('RECURSIVE');
  const names: string[] = [];
  do {
    names.push(foldName(cursor.name() ?? ''));
    cursor.group();
    cursor.takes('AS');
    if (!cursor.takes('NOT', 'MATERIALIZED')) cursor.takes('MATERIALIZED');
    cursor.group();
  } while (cursor.takes(','));
  return names;
}

function definition(cursor: Cursor): StatementKind | undefined {
  if (cursor.takes('CREATE')) return creation(cursor);
  if (cursor.takes('DROP')) return removal(cursor);
  if (!cursor.takes('ALTER', 'TABLE')) return undefined;
  const table = cursor.qualifiedName();
  return table ? { kind: 'alter-table', table: table.name, action: alterAction(cursor) } : unknown;
}

function creation(cursor: Cursor): StatementKind {
  const temporary = cursor.takes('TEMP') || cursor.takes('TEMPORARY');
  const unique = cursor.takes('UNIQUE');
  const virtual = cursor.takes('VIRTUAL');
  const what = cursor.token()?.text.toUpperCase();
  const ifNotExists = cursor.takes('IF', 'NOT', 'EXISTS');
  const named = cursor.qualifiedName();
  if (!named) return unknown;
  const isTemporary = temporary || isTemp(named);
  if (virtual) return virtualTable(named.name, cursor);
  if (what === 'TABLE') return table(named.name, cursor, { temporary: isTemporary, ifNotExists });
  if (what === 'INDEX') return index(named.name, cursor, { unique, ifNotExists });
  if (what === 'TRIGGER') return trigger(named.name, cursor, { temporary: isTemporary, ifNotExists });
  if (what === 'VIEW') {
    return {
      kind: 'create-view',
      view: named.name,
      temporary: isTemporary,
      ifNotExists,
      from: sourceTables(cursor.rest()),
    };
  }
  return unknown;
}

const isTemp = ({ schema }: QualifiedName) => schema !== undefined && foldName(schema) === 'temp';

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
  return cursor.takes('AS') ? { ...created, from: sourceTables(cursor.rest()) } : created;
}

function index(
  name: string,
  cursor: Cursor,
  options: { readonly unique: boolean; readonly ifNotExists: boolean },
): StatementKind {
  cursor.takes('ON');
  return { kind: 'create-index', index: name, table: cursor.name() ?? '', ...options };
}

function trigger(
  name: string,
  cursor: Cursor,
  options: { readonly temporary: boolean; readonly ifNotExists: boolean },
): StatementKind {
  const body = cursor.rest();
  const start = body.findIndex((token) => isWord(token, 'BEGIN'));
  const on = body.findIndex((token) => isWord(token, 'ON'));
  const named = cursorOver(body.slice(on + 1)).qualifiedName();
  return {
    kind: 'create-trigger',
    trigger: name,
    table: named?.name ?? '',
    ...options,
    writes: writtenIn(start === -1 ? [] : body.slice(start + 1)),
  };
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
  const what = cursor.token()?.text.toUpperCase();
  const ifExists = cursor.takes('IF', 'EXISTS');
  const name = cursor.qualifiedName()?.name;
  if (name === undefined) return unknown;
  if (what === 'TABLE') return { kind: 'drop-table', table: name, ifExists };
  if (what === 'INDEX') return { kind: 'drop-index', index: name, ifExists };
  if (what === 'VIEW') return { kind: 'drop-view', view: name, ifExists };
  return what === 'TRIGGER' ? { kind: 'drop-trigger', trigger: name, ifExists } : unknown;
}

function change(cursor: Cursor, common: readonly string[]): StatementKind | undefined {
  if (cursor.takes('INSERT')) return insertion(cursor, conflictOf(cursor), common);
  if (cursor.takes('REPLACE')) return insertion(cursor, 'replace', common);
  if (cursor.takes('UPDATE')) return updating(cursor);
  if (!cursor.takes('DELETE', 'FROM')) return undefined;
  const table = cursor.qualifiedName();
  return table ? { kind: 'delete', table: table.name, where: reach(cursor.rest()) } : unknown;
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
  const columns = (cursor.group() ?? []).filter(({ text }) => text !== ',').map(nameOf);
  const rest = cursor.rest();
  const reads = isWord(rest[0], 'SELECT') || isWord(rest[0], 'WITH');
  const upsert = rest.some((token, at) => isWord(token, 'DO') && isWord(rest[at + 1], 'UPDATE'));
  const from = reads ? { from: sourceTables(rest, common) } : {};
  return { kind: 'insert', table: table.name, columns, upsert, ...from, ...(or && { or }) };
}

function updating(cursor: Cursor): StatementKind {
  const or = conflictOf(cursor);
  const table = cursor.qualifiedName();
  if (!table) return unknown;
  while (!cursor.atEnd && !cursor.takes('SET')) cursor.token();
  const rest = cursor.rest();
  return {
    kind: 'update',
    table: table.name,
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
  const reads = ['SELECT', 'VALUES', 'EXPLAIN'].some((word) => cursor.sees(word));
  return reads ? { kind: 'select', from: sourceTables(cursor.rest(), common) } : undefined;
}
