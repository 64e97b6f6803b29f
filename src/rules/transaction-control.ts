import type { Rule } from './rule.ts';

export const transactionControl: Rule = {
  id: 'transaction-control',
  title: 'BEGIN, COMMIT, ROLLBACK or SAVEPOINT in a migration.',
  why: 'A migration and its record are one transaction. A COMMIT inside it lets the first half stay when the second fails. D1 refuses all of them at Cloudflare, while wrangler quietly leaves them out on a local database.',
  fix: 'Delete the statement; to have two transactions, make two migrations.',
  severity: { file: 'error', remote: 'error', d1Local: 'error', d1Remote: 'error' },
  check: ({ kind }) =>
    kind.kind === 'transaction'
      ? `${kind.verb.toUpperCase()} would end or nest the transaction that the migration runs in.`
      : undefined,
  accepts: [{ sql: ['CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END'] }],
  rejects: [{ sql: ['BEGIN'] }, { sql: ['COMMIT'] }, { sql: ['SAVEPOINT s'] }],
};
