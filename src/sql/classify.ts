import { cursorOver, foldName, isWord, objectName, topWord, type Cursor } from './cursor.ts';
import { definition } from './definitions.ts';
import { otherStatement } from './postgres/statements.ts';
import { rowChange } from './row-change.ts';
import { sourceTables } from './sources.ts';
import { unknown, type StatementKind } from './statement-kind.ts';
import { nameOf, type Token } from './tokens.ts';

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
    rowChange(cursor, names) ??
    housekeeping(cursor) ??
    otherStatement(cursor) ??
    reading(cursor, names) ??
    unknown;
  return changes.length === 0 ? said : { kind: 'combined', parts: [...changes, said] };
}

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
    const made = rowChange(inside, names);
    if (made) changes.push(made);
  } while (cursor.takes(','));
  return { names, changes };
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
  return rowChange(cursor, common) ?? { kind: 'select', from: sourceTables(cursor.rest(), common) };
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
