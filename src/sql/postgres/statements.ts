import { cursorOver, isWord, objectName, splitAtCommas, type Cursor } from '../cursor.ts';
import type { Removal, TypeAction } from './kinds.ts';
import { unknown, type StatementKind } from '../statement-kind.ts';
import { nameOf, type Token } from '../tokens.ts';

/** What CREATE makes that SQLite does not have, from behind IF NOT EXISTS; undefined for what SQLite has, too. */
export function otherCreation(
  cursor: Cursor,
  {
    what,
    ifNotExists,
    replace,
  }: { readonly what: string | undefined; readonly ifNotExists: boolean; readonly replace: boolean },
): StatementKind | undefined {
  switch (what) {
    case 'SCHEMA':
      return schema(cursor, { ifNotExists });
    case 'TYPE':
      return named(cursor, (type) => ({ kind: 'create-type', type, is: typeIs(cursor) }));
    case 'DOMAIN':
      return named(cursor, (type) => ({ kind: 'create-type', type, is: 'domain' }));
    case 'SEQUENCE':
      return named(cursor, (sequence) => ({ kind: 'create-sequence', sequence, ifNotExists }));
    case 'FUNCTION':
    case 'PROCEDURE':
    case 'AGGREGATE':
      return named(cursor, (name) => ({ kind: 'create-function', function: name, replace }));
    case 'POLICY':
      return policy(cursor, 'create-policy');
    case 'EXTENSION':
      return named(cursor, (extension) => ({ kind: 'create-extension', extension, ifNotExists }));
    case 'ROLE':
    case 'USER':
    case 'GROUP':
      return { kind: 'grant' };
    case 'DATABASE':
    case 'TABLESPACE':
    case 'SUBSCRIPTION':
      return { kind: 'server' };
    default:
      return undefined;
  }
}

function named(cursor: Cursor, make: (name: string) => StatementKind): StatementKind {
  const name = cursor.qualifiedName();
  return name ? make(objectName(name)) : unknown;
}

/** CREATE SCHEMA may make its tables along: then it is not known well enough. */
function schema(cursor: Cursor, { ifNotExists }: { readonly ifNotExists: boolean }): StatementKind {
  const name = cursor.sees('AUTHORIZATION') ? cursor.peek(1) : cursor.peek();
  if (!name) return unknown;
  const more = cursor
    .rest()
    .slice(1)
    .some((token) => ['CREATE', 'GRANT'].some((word) => isWord(token, word)));
  return more ? unknown : { kind: 'create-schema', schema: nameOf(name), ifNotExists };
}

const typeIs = (cursor: Cursor) => (cursor.sees('AS', 'ENUM') ? 'enum' : 'other');

function policy(cursor: Cursor, kind: 'create-policy' | 'alter-policy'): StatementKind {
  const name = cursor.name();
  const table = cursor.takes('ON') ? cursor.qualifiedName() : undefined;
  return name === undefined || !table ? unknown : { kind, policy: name, table: objectName(table) };
}

/** What DROP removes that SQLite does not have. */
export function otherRemoval(
  what: string | undefined,
  { name, table, ...how }: { readonly name: string; readonly table: string | undefined } & Removal,
): StatementKind {
  switch (what) {
    case 'SCHEMA':
      return { kind: 'drop-schema', schema: name, ...how };
    case 'TYPE':
    case 'DOMAIN':
      return { kind: 'drop-type', type: name, ...how };
    case 'SEQUENCE':
      return { kind: 'drop-sequence', sequence: name, ...how };
    case 'FUNCTION':
    case 'PROCEDURE':
    case 'AGGREGATE':
    case 'ROUTINE':
      return { kind: 'drop-function', function: name, ...how };
    case 'EXTENSION':
      return { kind: 'drop-extension', extension: name, ...how };
    case 'POLICY':
      return table === undefined
        ? unknown
        : { kind: 'drop-policy', policy: name, table, ifExists: how.ifExists };
    case 'ROLE':
    case 'USER':
    case 'GROUP':
      return { kind: 'grant' };
    case 'DATABASE':
    case 'TABLESPACE':
    case 'SUBSCRIPTION':
      return { kind: 'server' };
    default:
      return unknown;
  }
}

/** ALTER of anything but a table, from behind ALTER. */
export function otherAlteration(cursor: Cursor): StatementKind {
  cursor.takes('MATERIALIZED');
  const what = cursor.token()?.text.toUpperCase();
  cursor.takes('IF', 'EXISTS');
  switch (what) {
    case 'INDEX':
      return named(cursor, (index) => ({ kind: 'alter-index', index, ...renamedTo(cursor) }));
    case 'VIEW':
      return named(cursor, (view) => ({ kind: 'alter-view', view }));
    case 'SEQUENCE':
      return named(cursor, (sequence) => ({ kind: 'alter-sequence', sequence }));
    case 'TYPE':
    case 'DOMAIN':
      return named(cursor, (type) => ({ kind: 'alter-type', type, action: typeAction(cursor) }));
    case 'FUNCTION':
    case 'PROCEDURE':
    case 'AGGREGATE':
    case 'ROUTINE':
      return named(cursor, (name) => ({ kind: 'alter-function', function: name }));
    case 'POLICY':
      return policy(cursor, 'alter-policy');
    case 'EXTENSION':
      return named(cursor, (extension) => ({ kind: 'alter-extension', extension }));
    case 'ROLE':
    case 'USER':
    case 'GROUP':
      return { kind: 'grant' };
    case 'DEFAULT':
      return cursor.sees('PRIVILEGES') ? { kind: 'grant' } : unknown;
    case 'DATABASE':
    case 'TABLESPACE':
    case 'SUBSCRIPTION':
    case 'SYSTEM':
      return { kind: 'server' };
    default:
      return unknown;
  }
}

function renamedTo(cursor: Cursor): { readonly renamedTo?: string } {
  const to = cursor.takes('RENAME', 'TO') ? cursor.name() : undefined;
  return to === undefined ? {} : { renamedTo: to };
}

function typeAction(cursor: Cursor): TypeAction {
  if (cursor.takes('ADD', 'VALUE')) {
    const ifNotExists = cursor.takes('IF', 'NOT', 'EXISTS');
    return { kind: 'add-value', value: valueOf(cursor.token()), ifNotExists };
  }
  if (cursor.takes('RENAME', 'VALUE')) {
    const value = valueOf(cursor.token());
    return { kind: 'rename-value', value, to: cursor.takes('TO') ? valueOf(cursor.token()) : '' };
  }
  const to = cursor.takes('RENAME', 'TO') ? cursor.name() : undefined;
  return to === undefined ? { kind: 'other' } : { kind: 'rename', to };
}

const valueOf = (token: Token | undefined) => (token?.kind === 'string' ? nameOf(token) : '');

/** Statements that begin with a word of PostgreSQL's own; undefined for others. */
export function otherStatement(cursor: Cursor): StatementKind | undefined {
  if (cursor.takes('TRUNCATE')) return truncation(cursor);
  if (cursor.takes('COPY')) return copying(cursor);
  if (cursor.takes('REFRESH', 'MATERIALIZED', 'VIEW')) return refreshing(cursor);
  if (cursor.takes('LOCK')) return { kind: 'lock', tables: tablesIn(cursor) };
  if (cursor.takes('CALL')) return named(cursor, (procedure) => ({ kind: 'call', procedure }));
  if (cursor.takes('SET')) return setting(cursor);
  if (cursor.takes('RESET')) return { kind: 'set', name: cursor.name() ?? '', lasts: 'session' };
  if (cursor.takes('PREPARE', 'TRANSACTION')) return { kind: 'transaction', verb: 'commit' };
  if (cursor.takes('CLUSTER')) return unknown;
  return simple.find(({ words }) => cursor.sees(...words))?.kind;
}

const simple: readonly { readonly words: readonly string[]; readonly kind: StatementKind }[] = [
  { words: ['DO'], kind: { kind: 'do' } },
  { words: ['COMMENT', 'ON'], kind: { kind: 'comment' } },
  { words: ['SECURITY', 'LABEL'], kind: { kind: 'comment' } },
  { words: ['GRANT'], kind: { kind: 'grant' } },
  { words: ['REVOKE'], kind: { kind: 'grant' } },
  { words: ['REASSIGN', 'OWNED'], kind: { kind: 'grant' } },
  { words: ['CHECKPOINT'], kind: { kind: 'server' } },
];

function truncation(cursor: Cursor): StatementKind {
  const tables = tablesIn(cursor);
  const cascade = cursor.rest().some((token) => isWord(token, 'CASCADE'));
  return tables.length === 0 ? unknown : { kind: 'truncate', tables, cascade };
}

/** `[TABLE] [ONLY] a [*], b`. */
function tablesIn(cursor: Cursor): readonly string[] {
  cursor.takes('TABLE');
  const tables: string[] = [];
  do {
    cursor.takes('ONLY');
    const table = cursor.qualifiedName();
    if (table) tables.push(objectName(table));
    cursor.takes('*');
  } while (cursor.takes(','));
  return tables;
}

function copying(cursor: Cursor): StatementKind {
  // COPY (SELECT …) TO reads; what stands inside may still change rows.
  if (cursor.sees('(')) return unknown;
  const table = cursor.qualifiedName();
  cursor.group();
  if (!table) return unknown;
  return { kind: 'copy', table: objectName(table), direction: cursor.takes('FROM') ? 'in' : 'out' };
}

function refreshing(cursor: Cursor): StatementKind {
  const concurrently = cursor.takes('CONCURRENTLY');
  return named(cursor, (view) => ({ kind: 'refresh-view', view, concurrently }));
}

function setting(cursor: Cursor): StatementKind {
  const local = cursor.takes('LOCAL') || cursor.sees('TRANSACTION') || cursor.sees('CONSTRAINTS');
  if (!local) cursor.takes('SESSION');
  const [first] = splitAtCommas(cursor.rest());
  const name = cursorOver(first ?? []).qualifiedName();
  return name ? { kind: 'set', name: objectName(name), lasts: local ? 'transaction' : 'session' } : unknown;
}
