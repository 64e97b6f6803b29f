import { describe, expect, test } from 'vitest';
import type { Unfinished } from '../../../src/bookkeeping/unfinished.ts';
import { restOf } from '../../../src/operations/rollback/rest.ts';
import { undoHash } from '../../../src/operations/rollback/taken-back.ts';
import type { SchemaObject } from '../../../src/schema/schema.ts';

const undo = [
  'ALTER TABLE t DROP COLUMN a',
  'DROP INDEX CONCURRENTLY gone',
  'CREATE INDEX CONCURRENTLY back ON t (b)',
  'DROP TABLE u',
];

describe('what is left of a rollback file in parts', () => {
  test.each<[string, number, readonly SchemaObject[], readonly number[], readonly string[]]>([
    ['nothing was committed', 0, [index('gone')], [1, 2, 3, 4], []],
    ['the index is still there', 1, [index('gone')], [2, 3, 4], []],
    ['the index is gone, which was not noted', 1, [], [3, 4], []],
    ['the index is half gone', 1, [index('gone', 'invalid')], [3, 4], ['gone']],
    ['the index is not built', 2, [], [3, 4], []],
    ['the index is half built', 2, [index('back', 'invalid')], [3, 4], ['back']],
    ['the index is built, which was not noted', 2, [index('back')], [4], []],
    ['all but the record', 4, [index('back')], [], []],
  ])('%s', (_what, done, objects, numbers, invalid) => {
    const rest = restOf(takenBack(undo, done), { objects });
    expect(rest).toMatchObject({ kind: 'open', invalid });
    const statements = rest.kind === 'open' ? rest.statements : [];
    expect(statements.flatMap(({ number }) => number ?? [])).toEqual(numbers);
    expect(statements.filter(({ number }) => number === undefined).map(({ sql }) => sql)).toEqual(
      invalid.map((name) => `DROP INDEX CONCURRENTLY IF EXISTS "public"."${name}"`),
    );
  });

  test('is not known where the file is another one, is gone, or the index has no name', () => {
    const { noted, ...rest } = takenBack(undo, 1);
    expect(restOf({ noted: { ...noted, hash: 'x' }, ...rest }, { objects: [] })).toMatchObject({
      why: 'The rollback file is another one than the one that was begun.',
    });
    const { rollback: _, ...migration } = rest.migration;
    expect(restOf({ noted, ...rest, migration }, { objects: [] })).toMatchObject({
      why: '0003_x has no rollback file here.',
    });
    const nameless = takenBack(['DROP TABLE u', 'CREATE INDEX CONCURRENTLY ON t (b)'], 1);
    expect(restOf(nameless, { objects: [] })).toMatchObject({ kind: 'closed' });
  });
});

function takenBack(sql: readonly string[], done: number) {
  const statements = sql.map((one, at) => ({ sql: one, line: at + 1 }));
  const migration = {
    tag: '0003_x',
    hash: 'h',
    when: 3,
    file: '0003_x.sql',
    statements: [],
    rollback: { file: '0003_x.rollback.sql', statements },
  };
  const noted: Unfinished = {
    tag: '0003_x',
    hash: undoHash(migration),
    what: 'undo',
    done,
    of: sql.length,
    run: '7.x',
    by: 'ann',
    host: 'mac',
    at: 0,
  };
  const entry = { rowid: 3, hash: 'h', createdAt: 3, name: '0003_x' };
  return { noted, migration, entry };
}

function index(name: string, state: 'valid' | 'invalid' = 'valid'): SchemaObject {
  const invalid = state === 'invalid' && { making: [] };
  return { type: 'index', name, table: 't', normal: name, display: name, ...invalid };
}
