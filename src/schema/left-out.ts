import { classify } from '../sql/classify.ts';
import { foldName } from '../sql/cursor.ts';

/**
 * Whether a table is no part of a project's schema: SQLite's, libSQL's and Cloudflare's own tables,
 * the bookkeeping that the tools make under fixed names, and our lease.
 */
export function isOurs(name: string): boolean {
  const folded = foldName(name);
  return bookkeeping.has(folded) || prefixes.some((prefix) => folded.startsWith(prefix));
}

/** The tables in which a virtual table or a vector index keeps its data, in lower case. */
export function shadowTablesOf(name: string, sql: string): readonly string[] {
  const kind = classify(sql);
  if (kind.kind === 'create-index') return [`${foldName(name)}_shadow`, `${foldName(name)}_shadow_idx`];
  if (kind.kind !== 'create-virtual-table') return [];
  return (suffixes[foldName(kind.module)] ?? []).map((suffix) => `${foldName(name)}_${suffix}`);
}

/** What tracking tables are called that nobody named otherwise. */
export const trackingTables: readonly string[] = ['__drizzle_migrations', 'd1_migrations', '_migrations'];

const bookkeeping = new Set(trackingTables);
const prefixes = ['sqlite_', 'libsql_', '_cf_', '__migrate_tui_'];

const fts3 = ['content', 'segments', 'segdir', 'docsize', 'stat'];
const rtree = ['node', 'parent', 'rowid'];
const suffixes: Readonly<Record<string, readonly string[]>> = {
  fts3,
  fts4: fts3,
  fts5: ['data', 'idx', 'content', 'docsize', 'config'],
  rtree,
  rtree_i32: rtree,
  geopoly: rtree,
};
