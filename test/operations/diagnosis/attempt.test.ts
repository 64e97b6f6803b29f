import { describe, expect, test } from 'vitest';
import { statementHashes, withAttempt, type Attempt } from '../../../src/operations/diagnosis/attempt.ts';

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

test('a record that is lost takes nothing away from what ledger and schema both say', () => {
  const all = { diagnosis: { kind: 'unrecorded' }, evidence: [] } as const;
  const { contradicted, evidence } = withAttempt(all, { ...attempt, outcome: 'committed' }, statements);
  expect(contradicted).toBeUndefined();
  expect(evidence[1]).toMatch(/the records contradict each other/);
});

test('what a failed run met was there before it, and contradicts nothing', () => {
  const met = { ...attempt, outcome: 'undone', statement: 1, error: 'duplicate column name: age' } as const;
  const { contradicted, evidence } = withAttempt(stopped, met, statements);
  expect(contradicted).toBeUndefined();
  expect(evidence).toContain('What is there was there before run 12, which undid its own work.');
  const several = { diagnosis: { kind: 'one-of', points: [1, 2], of: 3 }, evidence: [] } as const;
  expect(withAttempt(several, met, statements).contradicted).toBeUndefined();
  expect(withAttempt(stopped, { ...met, statement: 2 }, statements).contradicted).toBe(true);
});

test('a way out that failed leaves what another tool left, and contradicts nothing', () => {
  const { statementHashes: _, ...part } = attempt;
  for (const outcome of ['undone', 'cut-off', 'unknown'] as const)
    expect(withAttempt(stopped, { ...part, outcome }, statements).contradicted).toBeUndefined();
  expect(withAttempt(stopped, { ...part, outcome: 'committed' }, statements).contradicted).toBe(true);
});

describe('a file that was edited since', () => {
  const other = [statements[0] ?? { sql: '' }, { sql: 'CREATE TABLE c (z)' }];

  test('behind the statement at which it stopped changes nothing that the verdict rests on', () => {
    const { edited, evidence } = withAttempt(stopped, attempt, other);
    expect(edited).toBe('after-the-stop');
    expect(evidence).toContain('The file was edited since: statement 2 is another one than in run 12.');
    expect(evidence).toContain('What it is taken to have run is the same in both.');
  });

  test('in what it is taken to have run makes the verdict one about another text, which is said', () => {
    const { edited, evidence } = withAttempt(stopped, attempt, [{ sql: 'CREATE TABLE c (z)' }, ...other]);
    expect(edited).toBe('before-the-stop');
    expect(evidence).toContain(
      'The file was edited since: it had 2 statements in run 12, and has 3, and they differ from statement 1 on.',
    );
    expect(evidence).toContain(
      'How far it came is told from the file as it is now, which is another text than the one that ran.',
    );
  });

  test('may have been edited in what ran when nobody knows how far it came', () => {
    const undecided = { diagnosis: { kind: 'undecided' }, evidence: [] } as const;
    expect(withAttempt(undecided, attempt, other).edited).toBe('before-the-stop');
    expect(withAttempt(undecided, attempt, statements)).not.toHaveProperty('edited');
  });

  test('is not told where only a part of the file was run', () => {
    const { statementHashes: _, ...part } = attempt;
    expect(withAttempt(stopped, part, other)).not.toHaveProperty('edited');
  });
});

test('the error of the run is repeated, and where it was cut off what it wrote down last', () => {
  const failed = {
    ...attempt,
    outcome: 'undone',
    statement: 2,
    error: 'dev stopped at 0001, statement 2.',
  } as const;
  expect(withAttempt(notStarted, failed, statements).evidence).toEqual([
    `${began} and undid it.`,
    'Its error: dev stopped at 0001, statement 2.',
  ]);
  expect(withAttempt(notStarted, { ...attempt, statement: 2 }, statements).evidence).toContain(
    'The last that it wrote down was the beginning of statement 2.',
  );
});
