import type { StatementKind } from '../sql/statement-kind.ts';
import type { Rule } from './rule.ts';

export const remoteRefused: Rule = {
  id: 'remote-refused',
  title: 'A statement that a libSQL server refuses.',
  why: 'Turso and sqld let through what is on a list; the others fail, and with them the whole migration.',
  fix: 'Leave it out of the migrations that a remote database runs.',
  severity: { file: 'off', remote: 'error', d1Local: 'off', d1Remote: 'off', postgres: 'off' },
  check: ({ kind }) => {
    const what = refused(kind);
    return what && `A libSQL server refuses ${what}.`;
  },
  accepts: [{ sql: ['PRAGMA foreign_keys = OFF'] }, { sql: ['CREATE TABLE t (a)'] }],
  rejects: [
    { sql: ['ANALYZE'] },
    { sql: ["ATTACH 'x.db' AS x"] },
    { sql: ['CREATE TEMP TABLE t (a)'] },
    { sql: ['PRAGMA journal_mode = WAL'] },
  ],
};

function refused(kind: StatementKind): string | undefined {
  switch (kind.kind) {
    case 'analyze':
      return 'ANALYZE';
    case 'attach':
      return 'ATTACH of a file';
    case 'create-table':
    case 'create-view':
    case 'create-trigger':
      return kind.temporary ? 'TEMP objects' : undefined;
    case 'pragma':
      return allowedPragmas.has(kind.name) ? undefined : `PRAGMA ${kind.name}`;
    default:
      return undefined;
  }
}

const allowedPragmas = new Set([
  'foreign_keys',
  'defer_foreign_keys',
  'foreign_key_check',
  'foreign_key_list',
  'integrity_check',
  'quick_check',
  'table_info',
  'table_xinfo',
  'table_list',
  'index_info',
  'index_list',
  'index_xinfo',
]);
