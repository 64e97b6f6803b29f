import { describe, expect, test } from 'vitest';
import type { Migration } from '../../../src/migrations/migration.ts';
import { tracesByTag, type LiveNames } from '../../../src/operations/diagnosis/traces-of.ts';

const rebuild = [
  'PRAGMA foreign_keys=OFF',
  'CREATE TABLE `__new_t` (`id` integer, `email` text)',
  'INSERT INTO `__new_t`("id", "email") SELECT "id", "email" FROM `t`',
  'DROP TABLE `t`',
  'ALTER TABLE `__new_t` RENAME TO `t`',
  'PRAGMA foreign_keys=ON',
  'CREATE UNIQUE INDEX `t_email_unique` ON `t` (`email`)',
];

describe('a migration that has not run is not taken for one that has', () => {
  const rows: readonly [string, readonly string[], Partial<Given>][] = [
    [
      'a rebuild that makes the indexes of the table again',
      rebuild,
      { tables: ['t'], others: ['index:t_email_unique'] },
    ],
    [
      'a rebuild that makes a trigger again',
      [...rebuild, 'CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END'],
      { tables: ['t'], others: ['trigger:tr'] },
    ],
    [
      'DROP VIEW IF EXISTS where there is no view',
      ['DROP VIEW IF EXISTS v', 'CREATE VIEW v AS SELECT 1'],
      {},
    ],
    [
      'DROP VIEW IF EXISTS where there is one',
      ['DROP VIEW IF EXISTS v', 'CREATE VIEW v AS SELECT 1'],
      { others: ['view:v'] },
    ],
    [
      'DROP TABLE IF EXISTS where there is one',
      ['DROP TABLE IF EXISTS t', 'CREATE TABLE t (id)'],
      { tables: ['t'] },
    ],
    [
      'DROP COLUMN IF EXISTS where there is no such column',
      ['ALTER TABLE t DROP COLUMN IF EXISTS a', 'CREATE VIEW v AS SELECT 1'],
      { tables: ['t'] },
    ],
    [
      'CREATE VIEW IF NOT EXISTS where there is one',
      ['CREATE VIEW IF NOT EXISTS v AS SELECT 1'],
      { others: ['view:v'] },
    ],
  ];
  test.each(rows)('%s', (_what, statements, given) => {
    expect(traces([statements], given)).toEqual([{ kind: 'none' }]);
  });

  test('a later one that makes again what an earlier pending one drops', () => {
    const migrations = [
      ['DROP INDEX i', 'DROP TABLE u'],
      ['CREATE INDEX i ON t (a)'],
      ['CREATE TABLE u (id)', 'CREATE INDEX j ON u (id)'],
    ];
    const live = { tables: ['t', 'u'], others: ['index:i', 'index:j'] };
    expect(traces(migrations, live)).toEqual([{ kind: 'none' }, { kind: 'none' }, { kind: 'none' }]);
  });

  test('a later one that renames a column of a table which an earlier pending one makes', () => {
    const migrations = [['CREATE TABLE u (a)'], ['ALTER TABLE u RENAME COLUMN a TO b']];
    expect(traces(migrations, {})).toEqual([{ kind: 'none' }, { kind: 'none' }]);
  });

  test('one that makes, renames or drops what those with a record made, renamed or dropped already', () => {
    const recorded = [
      ['CREATE TABLE t (id)', 'CREATE TABLE u (id)', 'ALTER TABLE t ADD a text', 'CREATE INDEX i ON t (a)'],
      ['DROP TABLE u', 'ALTER TABLE t RENAME COLUMN a TO b'],
    ];
    const live = { tables: ['t'], columns: ['t.id', 't.b'], others: ['index:i'] };
    for (const statements of [
      ['CREATE TABLE t (id)'],
      ['ALTER TABLE t ADD a text', 'ALTER TABLE t RENAME COLUMN a TO b'],
      ['CREATE INDEX i ON t (a)'],
      ['DROP TABLE u'],
    ]) {
      expect(traces([statements], live)).not.toEqual([{ kind: 'none' }]);
      expect(traces([statements], live, recorded), statements[0]).toEqual([{ kind: 'none' }]);
    }
  });
});

describe('what did run shows', () => {
  test('though those with a record made other things of the same table', () => {
    const recorded = [['CREATE TABLE t (id)', 'CREATE UNIQUE INDEX t_email_unique ON t (id)']];
    const middle = { tables: ['__new_t'] };
    expect(traces([rebuild], middle, recorded)).toEqual([{ kind: 'stopped', after: 4, of: 7 }]);
    const more = ['CREATE TABLE t2 (id)', 'ALTER TABLE t ADD a text', 'CREATE TABLE t (id)'];
    const live = { tables: ['t', 't2'], columns: ['t.id', 't.a'] };
    expect(traces([more], live, recorded)).toEqual([{ kind: 'whole' }]);
  });

  test('as a rebuild that stopped between its DROP and its RENAME', () => {
    expect(traces([rebuild], { tables: ['__new_t'] })).toEqual([{ kind: 'stopped', after: 4, of: 7 }]);
  });

  test('as a rebuild that made its table and no more, while the old one has its index still', () => {
    const live = { tables: ['t', '__new_t'], others: ['index:t_email_unique'] };
    expect(traces([rebuild], live)).toEqual([{ kind: 'stopped', after: 2, of: 7 }]);
  });

  test('as several whole migrations of a database that was pushed', () => {
    const migrations = [['CREATE TABLE t (id)'], ['ALTER TABLE t ADD a text', 'CREATE INDEX i ON t (a)']];
    const live = { tables: ['t'], columns: ['t.id', 't.a'], others: ['index:i'] };
    expect(traces(migrations, live)).toEqual([{ kind: 'whole' }, { kind: 'whole' }]);
  });

  test('as one that stopped while it built an index, or dropped one', () => {
    const build = ['ALTER TABLE t ADD a text', 'CREATE INDEX CONCURRENTLY i ON t (a)'];
    const drop = ['ALTER TABLE t ADD a text', 'DROP INDEX CONCURRENTLY i'];
    const live = { tables: ['t'], columns: ['t.a'], invalid: ['index:i'] };
    expect(traces([build], live)).toEqual([{ kind: 'stopped', after: 1, of: 2 }]);
    expect(traces([drop], live)).toEqual([{ kind: 'stopped', after: 1, of: 2 }]);
  });
});

interface Given {
  readonly tables: readonly string[];
  readonly others: readonly string[];
  readonly columns: readonly string[];
  readonly invalid: readonly string[];
}

function traces(
  migrations: readonly (readonly string[])[],
  { tables, others, columns, invalid }: Partial<Given>,
  recorded: readonly (readonly string[])[] = [],
) {
  const live: LiveNames = {
    tables: new Set(tables),
    others: new Set(others),
    columns: new Set(columns),
    invalid: new Set(invalid),
  };
  return [...tracesByTag(migrations.map(migrationOf), live, recorded.map(migrationOf)).values()];
}

function migrationOf(statements: readonly string[], index: number): Migration {
  const tag = `000${index}`;
  return {
    tag,
    when: index,
    hash: tag,
    file: `${tag}.sql`,
    statements: statements.map((sql, at) => ({ sql, line: at + 1, offset: 0 })),
  };
}
