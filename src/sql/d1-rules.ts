import { namesOf } from './names-of.ts';
import { classify } from './classify.ts';
import { compoundTerms } from './compound-terms.ts';
import type { StatementKind } from './statement-kind.ts';
import { tableDefinition } from './table-definition.ts';

/** What Cloudflare documents and workerd enforces (https://developers.cloudflare.com/d1/platform/limits/). */
export const d1Limits = {
  /** Bytes of one statement. */
  statement: 100_000,
  /** Of a table, and of a result. */
  columns: 100,
  /** SELECTs joined by UNION, EXCEPT and INTERSECT. */
  compoundTerms: 5,
  /** Bound to one statement. */
  parameters: 100,
} as const;

/**
 * Why D1 would refuse a statement, as a sentence that goes on from "D1", told from its text alone; undefined when
 * nothing in the text speaks against it. Each case is held against the real workerd by a test.
 */
export function refusedByD1(sql: string): string | undefined {
  return tooLong(sql) ?? forbiddenByD1(sql) ?? aboveD1Limits(sql);
}

/** The same, for what D1 never takes: statements, pragmas, modules and names. */
export function forbiddenByD1(sql: string): string | undefined {
  const kind = classify(sql);
  return refusedKind(kind) ?? refusedName(kind);
}

/** The same, for what is too much of something. */
export function aboveD1Limits(sql: string): string | undefined {
  const long = tooLong(sql);
  if (long !== undefined) return long;
  const kind = classify(sql);
  if (kind.kind === 'create-table' && (tableDefinition(sql)?.columns.length ?? 0) > d1Limits.columns) {
    return `takes no table with more than ${d1Limits.columns} columns`;
  }
  if (compoundTerms(sql) > d1Limits.compoundTerms) {
    return `takes no more than ${d1Limits.compoundTerms} SELECTs joined by UNION, EXCEPT or INTERSECT`;
  }
  return undefined;
}

function tooLong(sql: string): string | undefined {
  return isTooLong(sql) ? `takes no statement above ${d1Limits.statement} bytes` : undefined;
}

function isTooLong(sql: string): boolean {
  // A UTF-16 unit is three bytes at most: most texts need no counting.
  return sql.length * 3 > d1Limits.statement && Buffer.byteLength(sql) > d1Limits.statement;
}

function refusedKind(kind: StatementKind): string | undefined {
  switch (kind.kind) {
    case 'transaction':
      return `takes no ${kind.verb.toUpperCase()}: every batch is a transaction already`;
    case 'attach':
    case 'detach':
    case 'vacuum':
      return `takes no ${kind.kind.toUpperCase()}`;
    case 'create-table':
    case 'create-view':
    case 'create-trigger':
      return kind.temporary ? 'takes no TEMP objects' : undefined;
    case 'create-virtual-table':
      return modules.has(kind.module.toLowerCase())
        ? undefined
        : `has no virtual tables of the module ${kind.module}`;
    case 'pragma':
      return refusedPragma(kind);
    default:
      return undefined;
  }
}

function refusedPragma({ name, value }: Extract<StatementKind, { kind: 'pragma' }>): string | undefined {
  if (pragmas.has(name)) return undefined;
  if (readPragmas.has(name)) {
    return value === undefined ? undefined : `takes no value for PRAGMA ${name}`;
  }
  return `takes no PRAGMA ${name}`;
}

function refusedName(kind: StatementKind): string | undefined {
  return namesOf(kind).some((name) => name.toLowerCase().startsWith('_cf_'))
    ? 'keeps names that begin with _cf_ to itself'
    : undefined;
}

const modules = new Set(['fts5', 'fts5vocab', 'rtree', 'rtree_i32']);

const pragmas = new Set([
  'case_sensitive_like',
  'defer_foreign_keys',
  'foreign_key_check',
  'foreign_key_list',
  'foreign_keys',
  'ignore_check_constraints',
  'index_info',
  'index_list',
  'index_xinfo',
  'legacy_alter_table',
  'optimize',
  'quick_check',
  'recursive_triggers',
  'reverse_unordered_selects',
  'table_info',
  'table_list',
  'table_xinfo',
]);

const readPragmas = new Set(['data_version', 'page_size']);

/** Functions of SQLite that D1 has switched off or does not have. */
export const refusedFunctions: ReadonlySet<string> = new Set(
  `ceiling fts3_tokenizer fts5 fts5_get_locale fts5_insttoken fts5_locale fts5_source_id geopoly_area geopoly_bbox
  geopoly_blob geopoly_ccw geopoly_contains_point geopoly_debug geopoly_group_bbox geopoly_json geopoly_overlap
  geopoly_regular geopoly_svg geopoly_within geopoly_xform json_array_insert json_error_position json_pretty
  jsonb_array_insert load_extension log10 matchinfo median offsets optimize percentile percentile_cont percentile_disc
  power rtreedepth rtreenode sqlite_compileoption_get sqlite_compileoption_used sqlite_log sqlite_source_id sqlite_version
  subtype unistr unistr_quote`.split(/\s+/),
);
