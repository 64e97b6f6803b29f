/**
 * What a schema is made of, in the order in which it is made: what most of the others stand on comes first. SQLite has
 * tables, indexes, views and triggers; the others are PostgreSQL's.
 */
export const objectTypes = [
  'schema',
  'extension',
  'collation',
  'type',
  'domain',
  'sequence',
  'function',
  'procedure',
  'aggregate',
  'table',
  'index',
  'view',
  'materialized-view',
  'rule',
  'trigger',
  'policy',
  'statistics',
  'comment',
] as const;
