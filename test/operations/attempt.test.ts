import { expect, test } from 'vitest';
import { statementHashes, withAttempt, type Attempt } from '../../src/operations/attempt.ts';

const statements = [{ sql: 'CREATE TABLE a (x)' }, { sql: 'CREATE TABLE b (y)' }];
const attempt: Attempt = {
  run: 12,
  operation: 'deploy',
  by: 'ann',
  host: 'laptop',
  at: '2026-11-20T14:02:40.000Z',
  outcome: 'cut-off',
  statementHashes: statementHashes(statements),
};
const began = 'Run 12 (deploy) of ann@laptop began it 20 Nov 2026 14:02 UTC';
const stopped = { diagnosis: { kind: 'stopped', after: 1, of: 2 }, evidence: ['seen'] } as const;
const notStarted = { diagnosis: { kind: 'not-started' }, evidence: [] } as const;

test('an intent without an outcome names when, who and on which machine', () => {
  expect(withAttempt(notStarted, attempt, statements).evidence).toEqual([
    `${began} and recorded no outcome.`,
  ]);
});

test('a part in the schema of what a run does whole or not at all is a contradiction that is shown', () => {
  const { diagnosis, evidence } = withAttempt(stopped, { ...attempt, outcome: 'undone' }, statements);
  expect(diagnosis).toBe(stopped.diagnosis);
  expect(evidence).toEqual([
    `${began} and undid it.`,
    'The ledger and the schema contradict each other: run 12 undid it, and the schema says stopped after statement 1 of 2.',
    'seen',
  ]);
  expect(withAttempt(stopped, attempt, statements).evidence[1]).toMatch(
    /would have left all of it or nothing/,
  );
});

test('a file that was edited since is told by its statements', () => {
  const edited = [statements[0] ?? { sql: '' }, { sql: 'CREATE TABLE c (z)' }];
  expect(withAttempt(notStarted, attempt, edited).evidence).toContain(
    'The file was edited since: statement 2 is another one than in run 12.',
  );
  expect(withAttempt(notStarted, attempt, edited.slice(0, 1)).evidence).toContain(
    'The file was edited since: it had 2 statements in run 12, and has 1.',
  );
});
