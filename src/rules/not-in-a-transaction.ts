import type { Rule } from './rule.ts';
import { onSqlite } from './severities.ts';

export const notInATransaction: Rule = {
  id: 'not-in-a-transaction',
  title: 'VACUUM or DETACH, which cannot run in a transaction.',
  why: 'A migration and its record are one transaction.',
  fix: 'Take the statement out of the migration and run it by hand.',
  severity: onSqlite('error'),
  check: ({ kind }) =>
    kind.kind === 'vacuum' || kind.kind === 'detach'
      ? `${kind.kind.toUpperCase()} cannot run inside a transaction.`
      : undefined,
  accepts: [{ sql: ['REINDEX'] }],
  rejects: [{ sql: ['VACUUM'] }, { sql: ['DETACH x'] }],
};
