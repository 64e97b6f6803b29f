import { describe, expect, test } from 'vitest';
import type { Engine, StatementReport, Unit, UnitStatement } from '../../src/engines/engine.ts';
import { SqlError } from '../../src/engines/engine.ts';
import { guardIn } from '../../src/sql/guard.ts';
import { spellingOf } from './spelling.ts';

/** What a suite needs of an engine: an empty database, opened for changing it. */
export type OpenEmpty = () => Promise<{ readonly engine: Engine } & AsyncDisposable>;

/** A sentence below that does not hold for an engine, and why. */
export interface KnownDifference {
  readonly test: string;
  readonly reason: string;
}

/** What every engine promises, whichever database it speaks to. */
export function engineContract(open: OpenEmpty, differences: readonly KnownDifference[] = []): void {
  const promise = (title: string, check: (engine: Engine) => Promise<void>) => {
    const known = differences.find((difference) => difference.test === title);
    const run = async () => {
      await using opened = await open();
      await check(opened.engine);
    };
    if (known) test.skip(`${title} (not here: ${known.reason})`, run);
    else test(title, run);
  };

  describe('a unit', () => {
    promise('that succeeds is there with its record', async (engine) => {
      const outcome = await engine.unit(
        unitOf('on', ['CREATE TABLE a (x int)', 'INSERT INTO a VALUES (1)'], ['INSERT INTO a VALUES (2)']),
      );
      expect(outcome).toMatchObject({ kind: 'committed' });
      expect(await engine.query({ sql: 'SELECT x FROM a ORDER BY x' })).toEqual([{ x: 1 }, { x: 2 }]);
    });

    promise('that fails leaves nothing behind, and names the statement', async (engine) => {
      const outcome = await engine.unit(
        unitOf('on', ['CREATE TABLE a (x int)', 'INSERT INTO nowhere VALUES (1)', 'CREATE TABLE b (x int)']),
      );
      expect(outcome).toMatchObject({
        kind: 'failed',
        number: 2,
        error: { message: spellingOf(engine).noTable('nowhere') },
      });
      expect(await tables(engine)).toEqual([]);
    });

    promise(
      'whose record fails leaves nothing behind, and names no statement of the migration',
      async (engine) => {
        const outcome = await engine.unit(
          unitOf('on', ['CREATE TABLE a (x int)'], ['INSERT INTO nowhere VALUES (1)']),
        );
        expect(outcome).toMatchObject({ kind: 'failed' });
        expect(outcome).not.toHaveProperty('number');
        expect(await tables(engine)).toEqual([]);
      },
    );

    promise('that breaks a constraint says which with its code', async (engine) => {
      const outcome = await engine.unit(
        unitOf('on', ['CREATE TABLE a (x int UNIQUE)', 'INSERT INTO a VALUES (1), (1)']),
      );
      expect(outcome).toMatchObject({
        kind: 'failed',
        number: 2,
        error: { code: expect.stringMatching(spellingOf(engine).constraintCode) },
      });
    });

    promise('goes on when a guard holds, and is undone when it does not', async (engine) => {
      const { dialect } = engine.query;
      const guarded = (condition: string): Unit => ({
        foreignKeys: 'on',
        statements: [
          { sql: 'CREATE TABLE IF NOT EXISTS a (x int)', role: 'migration', number: 1 },
          { sql: guardIn(dialect)('rows', condition, '(SELECT count(*) FROM a) + 41'), role: 'guard' },
          { sql: 'INSERT INTO a VALUES (1)', role: 'migration', number: 2 },
        ],
      });
      const { wrongConditions } = spellingOf(engine);
      for (const wrong of ['0', 'NULL', '2', '(SELECT count(*) FROM a)', ...wrongConditions]) {
        expect(await engine.unit(guarded(wrong))).toEqual({ kind: 'guarded', guard: 'rows', detail: '41' });
        expect(await tables(engine)).toEqual([]);
      }
      for (const right of ['1', '(SELECT count(*) FROM a) = 0']) {
        expect(await engine.unit(guarded(right))).toMatchObject({ kind: 'committed' });
        await engine.unit(unitOf('on', ['DROP TABLE a']));
      }
    });

    promise(
      'with foreign keys off rebuilds a table without touching the rows that cascade from it',
      async (engine) => {
        await engine.unit(unitOf('on', family));
        expect(await engine.unit(unitOf('off', rebuild))).toMatchObject({ kind: 'committed' });
        expect(await count(engine, 'child')).toBe(2);
        expect(await engine.query({ sql: 'PRAGMA foreign_key_check' })).toEqual([]);
      },
    );

    promise('with foreign keys on loses them in the same rebuild, as the engine says', async (engine) => {
      await engine.unit(unitOf('on', family));
      expect(await engine.unit(unitOf('on', rebuild))).toMatchObject({ kind: 'committed' });
      expect(await count(engine, 'child')).toBe(0);
    });

    promise('leaves foreign keys as they were, whether it succeeds or fails', async (engine) => {
      await engine.unit(unitOf('on', family));
      await engine.unit(unitOf('off', ['CREATE TABLE x (a int)']));
      await engine.unit(unitOf('off', ['nonsense']));
      expect(await engine.query({ sql: 'PRAGMA foreign_keys' })).toEqual([{ foreign_keys: 1 }]);
      const orphan = await engine.unit(unitOf('on', ['INSERT INTO child (parent) VALUES (99)']));
      expect(orphan).toMatchObject({ kind: 'failed', number: 1 });
    });

    promise('keeps every value exactly', async (engine) => {
      const { create, inserts, read, values } = spellingOf(engine).values;
      const statements = [{ sql: create }, ...inserts].map((one) => ({ ...one, role: 'record' as const }));
      expect(await engine.unit({ foreignKeys: 'on', statements })).toMatchObject({ kind: 'committed' });
      expect(await engine.query({ sql: read })).toEqual(values);
    });

    promise('with two statements in one piece is refused: only the first would run', async (engine) => {
      const outcome = await engine.unit(unitOf('on', ['CREATE TABLE a (x int); CREATE TABLE b (x int)']));
      expect(outcome).toMatchObject({ kind: 'failed', number: 1, error: { code: 'SEVERAL_STATEMENTS' } });
      expect(await tables(engine)).toEqual([]);
    });

    promise('takes a trigger with statements of its own as one', async (engine) => {
      const { triggerWithStatements } = spellingOf(engine);
      const table = 'CREATE TABLE a (x int)';
      const outcome = await engine.unit(
        unitOf('on', [table, ...triggerWithStatements, 'INSERT INTO a VALUES (1)']),
      );
      expect(outcome).toMatchObject({ kind: 'committed' });
      expect(await count(engine, 'a')).toBe(0);
    });

    promise('with nothing but a comment in a piece is refused', async (engine) => {
      const outcome = await engine.unit(
        unitOf('on', ['CREATE TABLE a (x int)', '-- only a comment\n/* more */ ;']),
      );
      expect(outcome).toMatchObject({ kind: 'failed', number: 2, error: { code: 'EMPTY_STATEMENT' } });
      expect(await tables(engine)).toEqual([]);
    });

    promise('that would end its own transaction is refused before anything is run', async (engine) => {
      const { transactionControl } = spellingOf(engine);
      for (const control of ['COMMIT', '/* x */ end', 'BEGIN', 'ROLLBACK', ...transactionControl]) {
        const outcome = await engine.unit(
          unitOf('on', ['CREATE TABLE a (x int)', control, 'CREATE TABLE b (x int)']),
        );
        expect(outcome).toMatchObject({ kind: 'failed', number: 2, error: { code: 'TRANSACTION_CONTROL' } });
        expect(await tables(engine)).toEqual([]);
      }
    });

    promise('whose trigger rolls everything back is a failure that leaves nothing', async (engine) => {
      const { triggerThatRollsBack } = spellingOf(engine);
      const statements = ['CREATE TABLE a (x int)', ...triggerThatRollsBack, 'INSERT INTO a VALUES (1)'];
      const outcome = await engine.unit(unitOf('on', [...statements, 'CREATE TABLE b (x int)']));
      expect(outcome).toMatchObject({ kind: 'failed', number: statements.length });
      expect(await tables(engine)).toEqual([]);
    });

    promise('told to stop before it began does nothing', async (engine) => {
      expect(
        await engine.unit(unitOf('on', ['CREATE TABLE a (x int)']), { signal: AbortSignal.abort() }),
      ).toEqual({ kind: 'stopped' });
      expect(await tables(engine)).toEqual([]);
    });

    promise('tells of each of its statements', async (engine) => {
      const reports: StatementReport[] = [];
      const sent: string[] = [];
      await engine.unit(
        unitOf('on', ['CREATE TABLE a (x int)', 'CREATE TABLE b (x int)'], ['INSERT INTO a VALUES (1)']),
        {
          onStatement: (report) => reports.push(report),
          onSent: ({ role }) => sent.push(role),
        },
      );
      expect(reports.filter(({ phase }) => phase === 'begun').map(({ number }) => number)).toEqual([1, 2]);
      expect(reports.filter(({ phase }) => phase === 'done').map(({ number }) => number)).toEqual([1, 2]);
      const expected =
        engine.delivery === 'one-request'
          ? ['request']
          : ['control', 'migration', 'migration', 'record', 'control'];
      expect(sent).toEqual(expected);
    });

    promise('has told of a statement before the statement holds up the process', async (engine) => {
      const [passedOn, late]: [Set<number>, number[]] = [new Set(), []];
      await engine.unit(
        unitOf('on', ['CREATE TABLE a (x int)', 'INSERT INTO a VALUES (1)', 'DROP TABLE a']),
        {
          onStatement: ({ number, phase }) => {
            // Whoever is told may pass it on at the end of the turn.
            if (phase === 'begun')
              void Promise.resolve().then(() => setImmediate(() => passedOn.add(number)));
            else if (!passedOn.has(number)) late.push(number);
          },
        },
      );
      await new Promise((resolve) => setImmediate(resolve));
      expect(late).toEqual([]);
      expect([...passedOn]).toEqual([1, 2, 3]);
    });

    promise('and a question that is asked while it runs do not get in each other’s way', async (engine) => {
      const asked: Promise<unknown>[] = [];
      const outcome = await engine.unit(
        unitOf('on', ['CREATE TABLE a (x int)', 'INSERT INTO a VALUES (1)']),
        {
          onStatement: () => asked.push(engine.query({ sql: 'SELECT 1 AS one' })),
        },
      );
      expect(outcome).toMatchObject({ kind: 'committed' });
      expect(await Promise.all(asked)).toEqual(asked.map(() => [{ one: 1 }]));
    });

    promise('stopped between two statements is undone', async (engine) => {
      const stop = new AbortController();
      const begun: number[] = [];
      const foreignKeys = engine.foreignKeys === 'switchable' ? 'off' : 'on';
      const outcome = await engine.unit(
        unitOf(foreignKeys, ['CREATE TABLE a (x int)', 'CREATE TABLE b (x int)']),
        {
          signal: stop.signal,
          onStatement: ({ number, phase }) => {
            if (phase === 'begun') begun.push(number);
            if (number === 1 && phase === 'done') stop.abort();
          },
        },
      );
      expect(begun).toEqual([1]);
      expect(outcome).toEqual({ kind: 'stopped' });
      expect(await tables(engine)).toEqual([]);
    });

    promise('can be looked at after each statement, from inside', async (engine) => {
      const seen: unknown[] = [];
      await engine.unit(unitOf('on', ['CREATE TABLE a (x int)', 'CREATE TABLE b (x int)']), {
        afterStatement: async (number, query) => {
          seen.push([number, (await query(spellingOf(engine).tables)).map(({ name }) => name)]);
        },
      });
      expect(seen).toEqual([
        [1, ['a']],
        [2, ['a', 'b']],
      ]);
    });
  });

  describe('a query', () => {
    promise('that the database refuses says why', async (engine) => {
      await expect(engine.query({ sql: 'SELECT x FROM nowhere' })).rejects.toThrow(SqlError);
      await expect(engine.query({ sql: 'SELECT x FROM nowhere' })).rejects.toMatchObject({
        message: spellingOf(engine).noTable('nowhere'),
      });
    });

    promise('without rows answers with none', async (engine) => {
      const { parameter } = spellingOf(engine);
      expect(await engine.query({ sql: `SELECT 1 WHERE ${parameter} = 1`, args: [0] })).toEqual([]);
    });
  });
}

const family = [
  'CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)',
  'CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent (id) ON DELETE CASCADE)',
  "INSERT INTO parent VALUES (1, 'ada')",
  'INSERT INTO child (parent) VALUES (1), (1)',
];

/** As drizzle-kit writes it. */
const rebuild = [
  'CREATE TABLE __new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
  'INSERT INTO __new_parent (id, name) SELECT id, name FROM parent',
  'DROP TABLE parent',
  'ALTER TABLE __new_parent RENAME TO parent',
];

function unitOf(
  foreignKeys: Unit['foreignKeys'],
  migration: readonly string[],
  record: readonly string[] = [],
): Unit {
  const statements: UnitStatement[] = [
    ...migration.map((sql, index) => ({ sql, role: 'migration' as const, number: index + 1 })),
    ...record.map((sql) => ({ sql, role: 'record' as const })),
  ];
  return { foreignKeys, statements };
}

async function tables(engine: Engine): Promise<readonly unknown[]> {
  return (await engine.query(spellingOf(engine).tables)).map(({ name }) => name);
}

async function count(engine: Engine, table: string): Promise<unknown> {
  return (await engine.query({ sql: `SELECT count(*) AS n FROM ${table}` }))[0]?.n;
}
