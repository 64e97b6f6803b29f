import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lintFindings } from '../../src/operations/lint.ts';
import type { RuleEngine } from '../../src/rules/rule.ts';
import { runRules } from '../../src/rules/run-rules.ts';
import { readForeignKeys } from '../../src/schema/foreign-keys.ts';
import { readSchema } from '../../src/schema/read.ts';
import { openMemory } from '../schema/open-memory.ts';
import { randomBase, randomMigration } from '../support/random-migration.ts';

const fileOf = (tag: string, sqls: readonly string[]) => ({
  tag,
  statements: sqls.map((sql, at) => ({ sql, line: at + 1, chunk: at + 1 })),
});
const empty = { database: 'app', schema: { objects: [] }, foreignKeys: [], madeBefore: 'long-ago' } as const;
const ground = (engine: RuleEngine, ...environments: readonly string[]) => ({
  engine,
  environments,
  named: environments[0],
});

const engines = ['libsql-file', 'libsql-remote', 'd1-local', 'd1-remote'] as const;

test.each(engines)(
  'what is found in the newest file on %s is what a plan finds in it where all before it has run and tables hold rows',
  async (engine) => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomMigration, { minLength: 2, maxLength: 5 }), async (migrations) => {
        const { history, newest, database } = await ran(migrations);
        await using _ = database;
        const planned = runRules({
          database: 'app',
          migrations: [newest],
          schema: await readSchema(database.query),
          foreignKeys: await readForeignKeys(database.query),
          engine,
          environment: 'production',
        });
        const linted = lintFindings({
          ...empty,
          migrations: [...history, newest],
          wanted: (tag) => tag === newest.tag,
          grounds: [ground(engine, 'production')],
        });
        expect(linted.map(({ finding }) => finding)).toEqual(planned);
      }),
      { numRuns: Number(process.env['CASES'] ?? 60) },
    );
  },
  60_000,
);

/** Files of which all but the newest have run, without the statements that fail where they stand. */
async function ran(migrations: readonly (readonly string[])[]) {
  const database = await openMemory(randomBase);
  const history = [fileOf('0000', randomBase)];
  for (const [at, migration] of migrations.slice(0, -1).entries()) {
    const kept: string[] = [];
    for (const sql of migration) {
      const failed = await database.run(sql).then(
        () => false,
        () => true,
      );
      if (!failed) kept.push(sql);
    }
    history.push(fileOf(`000${at + 1}`, kept));
  }
  return { database, history, newest: fileOf('newest', migrations.at(-1) ?? []) };
}

describe('a finding on several engines', () => {
  const rebuild = fileOf('0001', [
    'CREATE TABLE __new_t (a integer PRIMARY KEY)',
    'INSERT INTO __new_t SELECT a FROM t',
    'DROP TABLE t',
    'ALTER TABLE __new_t RENAME TO t',
  ]);
  const before = fileOf('0000', [
    'CREATE TABLE t (a integer PRIMARY KEY)',
    'CREATE TABLE c (t integer REFERENCES t(a) ON DELETE CASCADE)',
  ]);
  const findings = (...grounds: readonly ReturnType<typeof ground>[]) =>
    lintFindings({ ...empty, migrations: [before, rebuild], grounds }).map(({ finding, environments }) => ({
      rule: finding.rule,
      severity: finding.severity,
      ...(environments ? { environments } : {}),
    }));

  test('is said once where all have it', () => {
    expect(findings(ground('libsql-file', 'local'), ground('libsql-remote', 'staging'))).toEqual([
      { rule: 'rebuild-of-referenced-table', severity: 'warning' },
    ]);
  });

  test('names the environments that it is about where others are spared', () => {
    expect(
      findings(ground('libsql-file', 'local'), ground('d1-remote', 'staging', 'production')),
    ).toContainEqual({
      rule: 'rebuild-cascades',
      severity: 'error',
      environments: ['staging', 'production'],
    });
  });

  test('names those alone where only additions are allowed', () => {
    const found = lintFindings({
      ...empty,
      migrations: [
        fileOf('0000', ['CREATE TABLE t (a)']),
        fileOf('0001', ['CREATE UNIQUE INDEX i ON t (a)']),
      ],
      grounds: [
        ground('libsql-file', 'local'),
        { ...ground('libsql-file', 'production'), policy: 'additive' },
      ],
    });
    expect(found).toMatchObject([
      { finding: { rule: 'not-additive', severity: 'error', tag: '0001' }, environments: ['production'] },
    ]);
  });

  test('names none where no environment says what it runs on', () => {
    expect(findings(ground('libsql-file'))).toEqual([
      { rule: 'rebuild-of-referenced-table', severity: 'warning' },
    ]);
  });
});
