import type { StatementKind } from '../sql/statement-kind.ts';
import { isPostgres, type Rule } from './rule.ts';
import { everywhere } from './severities.ts';

export const transactionControl: Rule = {
  id: 'transaction-control',
  title: 'BEGIN, COMMIT, ROLLBACK or SAVEPOINT in a migration.',
  why: 'A migration and its record are one transaction. A COMMIT inside it lets the first half stay when the second fails. D1 refuses all of them at Cloudflare, while wrangler quietly leaves them out on a local database.',
  fix: 'Delete the statement; to have two transactions, make two migrations.',
  severity: everywhere('error'),
  check: ({ kind, engine, statement }) => {
    if (kind.kind !== 'transaction') return undefined;
    if (isPostgres(engine) && staysInside(kind.verb, statement.sql)) return undefined;
    return `${kind.verb.toUpperCase()} would end or nest the transaction that the migration runs in.`;
  },
  accepts: [{ sql: ['CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END'] }],
  rejects: [{ sql: ['BEGIN'] }, { sql: ['COMMIT'] }, { sql: ['SAVEPOINT s'] }],
};

type Verb = Extract<StatementKind, { kind: 'transaction' }>['verb'];

/** PostgreSQL's savepoints are parts of the transaction, and it gives back what went wrong since one. */
function staysInside(verb: Verb, sql: string): boolean {
  if (verb === 'rollback') return /^\s*rollback\b(?:\s+(?:work|transaction))?\s+to\b/i.test(sql);
  return verb === 'savepoint' || verb === 'release';
}
