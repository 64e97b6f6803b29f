import { expect, test } from 'vitest';
import { leftInvalid } from '../../../src/operations/diagnosis/left-invalid.ts';
import { withInvalidDropped } from '../../../src/operations/ways/drop-invalid.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import type { SchemaObject } from '../../../src/schema/schema.ts';

const invalid = (name: string, table = 't'): SchemaObject => ({
  type: 'index',
  name,
  table,
  normal: `index ${name} INVALID`,
  display: name,
  making: [],
});

test.each([
  ['CREATE INDEX CONCURRENTLY i ON t (a)', invalid('i')],
  ['CREATE INDEX CONCURRENTLY i ON app.t (a)', invalid('app.i', 'app.t')],
  ['CREATE INDEX CONCURRENTLY ON t (a)', invalid('t_a_idx')],
  ['DROP INDEX CONCURRENTLY "I"', invalid('I')],
  ['REINDEX INDEX CONCURRENTLY i', invalid('i_ccnew')],
  ['REINDEX TABLE CONCURRENTLY t', invalid('i_ccold1')],
])('%s may have left an index that is not valid', (sql, object) => {
  const statements = [{ sql: 'SELECT 1' }, { sql }].map((one) => ({ ...one, line: 1 }));
  expect(leftInvalid({ statements }, { objects: [object] })).toMatchObject([
    { index: object.name, statement: 2 },
  ]);
});

test('an index of another name, a valid one, and one of a plain CREATE INDEX are none of its', () => {
  const statements = ['CREATE INDEX CONCURRENTLY i ON t (a)', 'CREATE INDEX j ON t (a)'].map((sql) => ({
    sql,
    line: 1,
  }));
  const valid: SchemaObject = {
    ...invalid('i'),
    making: [{ ids: [], needs: [], phase: 'after-rows', sql: '' }],
  };
  expect(leftInvalid({ statements }, { objects: [invalid('k'), invalid('j'), valid] })).toEqual([]);
});

test('what runs statements drops it first and keeps their numbers, and no record is written beside it', () => {
  const migration: Migration = {
    tag: 't',
    hash: 'h',
    when: 1,
    file: '/t.sql',
    statements: [{ sql: 'CREATE INDEX CONCURRENTLY "I i" ON t (a)', line: 1 }],
  };
  const left = [{ index: 'app.I i', statement: 1, named: 'CREATE INDEX CONCURRENTLY' }];
  const [run, record] = withInvalidDropped(
    [
      { kind: 'open', id: 'start-over', why: 'Runs it.', way: { kind: 'run', migration } },
      { kind: 'open', id: 'record', why: 'All of it is there.', way: { kind: 'take-over' } },
    ],
    left,
  );
  expect(record).toMatchObject({ kind: 'closed', id: 'record' });
  expect(run).toMatchObject({
    kind: 'open',
    way: {
      migration: {
        statements: [
          { sql: 'DROP INDEX CONCURRENTLY IF EXISTS "app"."I i"' },
          { number: 1, sql: 'CREATE INDEX CONCURRENTLY "I i" ON t (a)' },
        ],
      },
    },
  });
});
