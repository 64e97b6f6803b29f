import { leaseTable } from '../bookkeeping/lease-sqlite.ts';
import { foldName } from '../sql/cursor.ts';
import type { StatementKind } from '../sql/statement-kind.ts';
import type { Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const writesRecords: Rule = {
  id: 'writes-records',
  title: 'A migration writes to the table that records what has run.',
  why: 'The records are what tells the next deploy what is pending. A file that changes them changes it for every database that it runs on, in each from another state: files run twice or never.',
  fix: 'Leave records to the tool: migrate-tui mark and baseline write single ones, squash makes one file of many, and a table of records that drizzle-kit pull has drawn into the schema is kept out of it by tablesFilter.',
  severity: everywhere('error'),
  check: ({ kind }) => {
    const table = changedTable(kind);
    if (table === undefined || !isRecords(table)) return undefined;
    return `${table} holds the records of migrations, and this ${doing(kind)} it.`;
  },
  accepts: [
    { given: ['CREATE TABLE migrations (a)'], sql: ['DELETE FROM migrations WHERE a = 1'] },
    {
      given: ['CREATE TABLE __drizzle_migrations (id, hash, created_at)'],
      sql: ['SELECT count(*) FROM __drizzle_migrations'],
    },
  ],
  rejects: [
    {
      given: ['CREATE TABLE __drizzle_migrations (id, hash, created_at)'],
      sql: ['DELETE FROM __drizzle_migrations WHERE id < 180'],
    },
    {
      given: ['CREATE TABLE d1_migrations (id, name, applied_at)'],
      sql: ["INSERT INTO d1_migrations (name) VALUES ('0001_init.sql')"],
    },
    { sql: ['CREATE TABLE `d1_migrations` (`id` integer PRIMARY KEY, `name` text)'] },
    { given: ['CREATE TABLE __drizzle_migrations (id)'], sql: ['DROP TABLE __drizzle_migrations'] },
  ],
};

const records = new Set(['__drizzle_migrations', 'd1_migrations', leaseTable]);

/** In whichever schema. */
function isRecords(table: string): boolean {
  return records.has(foldName(table).replace(/^.*\./, ''));
}

function changedTable(kind: StatementKind): string | undefined {
  switch (kind.kind) {
    case 'insert':
    case 'update':
    case 'delete':
    case 'drop-table':
    case 'alter-table':
    case 'create-table':
      return kind.table;
    default:
      return undefined;
  }
}

function doing({ kind }: StatementKind): string {
  if (kind === 'create-table') return 'makes';
  if (kind === 'drop-table') return 'drops';
  return kind === 'alter-table' ? 'alters' : 'writes to';
}
