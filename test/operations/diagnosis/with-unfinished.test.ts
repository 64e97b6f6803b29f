import { expect, test } from 'vitest';
import type { Unfinished } from '../../../src/bookkeeping/unfinished.ts';
import type { Diagnosis } from '../../../src/operations/diagnosis/diagnosis.ts';
import { withUnfinished, type Traced } from '../../../src/operations/diagnosis/with-unfinished.ts';

const statements = [
  'UPDATE t SET a = 1',
  'CREATE INDEX CONCURRENTLY i ON t (a)',
  'UPDATE t SET a = 2',
  'UPDATE t SET a = 3',
].map((sql) => ({ sql, line: 1 }));
const noted = (done: number): Unfinished => ({
  tag: 't',
  hash: 'h',
  what: 'run',
  done,
  of: 4,
  run: '7.1.m.r',
  by: 'mira',
  host: 'kestrel',
  at: 0,
});
const told = (diagnosis: Diagnosis, traced: Partial<Traced>, hash = 'h') =>
  withUnfinished({ diagnosis, evidence: [] }, { invalid: [], ...traced }, { hash, statements });
const oneOf = (...points: readonly number[]): Diagnosis => ({ kind: 'one-of', points, of: 4 });
const invalid = [{ index: 'i', statement: 2, named: 'CREATE INDEX CONCURRENTLY' }];

test('the note decides between points that look alike', () => {
  expect(told(oneOf(0, 1), { noted: noted(1) }).diagnosis).toEqual({ kind: 'stopped', after: 1, of: 4 });
  expect(told(oneOf(2, 3, 4), { noted: noted(2) }).diagnosis).toMatchObject({ kind: 'stopped', after: 2 });
  expect(told(oneOf(0, 1), { noted: noted(0) }).diagnosis).toEqual({ kind: 'not-started' });
  expect(told(oneOf(2, 3, 4), { noted: noted(4) }).diagnosis).toEqual({ kind: 'unrecorded' });
});

test('whether the statement ended that was running by itself is left to the schema, and to what it left', () => {
  expect(told(oneOf(2, 3), { noted: noted(1) }).diagnosis).toMatchObject({ kind: 'stopped', after: 2 });
  expect(told(oneOf(1, 2), { noted: noted(1) }).diagnosis).toEqual(oneOf(1, 2));
  expect(told(oneOf(1, 2), { noted: noted(1), invalid }).diagnosis).toMatchObject({
    kind: 'stopped',
    after: 1,
  });
});

test('a schema that fits no point of the note is believed, and so it is where the file was edited', () => {
  const found = told(oneOf(0, 1), { noted: noted(3) });
  expect(found.diagnosis).toEqual(oneOf(0, 1));
  expect(found.evidence.join('\n')).toContain('The schema says otherwise: not started, or stopped after');
  expect(told(oneOf(0, 1), { noted: noted(1) }, 'another').diagnosis).toEqual(oneOf(0, 1));
});

test('of a statement that drops an index by itself the rest is only what it left', () => {
  const dropped = [{ index: 'i', statement: 2, named: 'DROP INDEX CONCURRENTLY' }];
  expect(told(oneOf(2, 3), { noted: noted(1), invalid: dropped }).diagnosis).toMatchObject({
    kind: 'stopped',
    after: 2,
  });
});
