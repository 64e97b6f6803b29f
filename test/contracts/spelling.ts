import type { Engine } from '../../src/engines/engine.ts';
import type { Dialect, Row, Statement } from '../../src/sql/statement.ts';

/** How a dialect says what every engine promises, where it cannot be said alike. */
export interface Spelling {
  /** The message about a table that is not there. */
  readonly noTable: (name: string) => string;
  readonly constraintCode: RegExp;
  /** What is neither 1 nor true, besides what no dialect takes for it. */
  readonly wrongConditions: readonly string[];
  /** What would end a transaction here, besides what does everywhere. */
  readonly transactionControl: readonly string[];
  readonly parameter: string;
  readonly tables: Statement;
  /** Makes inserts into `a` go away again, with a semicolon inside. */
  readonly triggerWithStatements: readonly string[];
  /** Makes an insert into `a` try to undo the whole transaction. */
  readonly triggerThatRollsBack: readonly string[];
  readonly values: {
    readonly create: string;
    readonly inserts: readonly Statement[];
    readonly read: string;
    readonly values: readonly Row[];
  };
}

export function spellingOf(engine: Engine): Spelling {
  return spellings[engine.query.dialect];
}

const texts = ["it's é🎉", '', "'; DROP TABLE v; -- ? $1"];
const integers = [5, 9007199254740993n, -9223372036854775808n];
const bytes = new Uint8Array([0, 255]);

const sqlite: Spelling = {
  noTable: (name) => `no such table: ${name}`,
  constraintCode: /^SQLITE_CONSTRAINT/,
  wrongConditions: ["'1x'"],
  transactionControl: ['rollback transaction'],
  parameter: '?',
  // The tables that D1 keeps for itself are its own.
  tables: {
    sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 4) <> '_cf_' ORDER BY name",
  },
  triggerWithStatements: [
    'CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE WHEN x > 0 THEN 1 ELSE 2 END; DELETE FROM a; END;',
  ],
  triggerThatRollsBack: ["CREATE TRIGGER t BEFORE INSERT ON a BEGIN SELECT RAISE(ROLLBACK, 'no'); END"],
  values: {
    create: 'CREATE TABLE v (id INTEGER PRIMARY KEY, value)',
    inserts: [...integers, 1.5, ...texts, null, bytes].map((value) => ({
      sql: 'INSERT INTO v (value) VALUES (?)',
      args: [value],
    })),
    read: 'SELECT value, typeof(value) AS type FROM v ORDER BY id',
    values: [
      ...integers.map((value) => ({ value, type: 'integer' })),
      { value: 1.5, type: 'real' },
      ...texts.map((value) => ({ value, type: 'text' })),
      { value: null, type: 'null' },
      { value: bytes, type: 'blob' },
    ],
  },
};

const postgres: Spelling = {
  noTable: (name) => `relation "${name}" does not exist`,
  constraintCode: /^23505$/,
  wrongConditions: ['false'],
  transactionControl: ['rollback work', 'START TRANSACTION', 'abort', "PREPARE TRANSACTION 'x'", '; commit'],
  parameter: '$1::int',
  tables: {
    sql: "SELECT tablename::text AS name FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY 1",
  },
  triggerWithStatements: [
    'CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM a; RETURN NULL; END; $$',
    'CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION gone()',
  ],
  triggerThatRollsBack: [
    'CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ROLLBACK; RETURN NEW; END; $$',
    'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION back()',
  ],
  values: {
    create:
      'CREATE TABLE v (id serial, i int8, s int2, f float8, t text, b bytea, n numeric, o bool, d date, j jsonb, a int[])',
    inserts: [
      ...integers.map((value) => ({ sql: 'INSERT INTO v (i) VALUES ($1)', args: [value] })),
      ...texts.map((value) => ({ sql: 'INSERT INTO v (t) VALUES ($1)', args: [value] })),
      { sql: 'INSERT INTO v (f, b) VALUES ($1, $2)', args: [1.5, bytes] },
      {
        sql: 'INSERT INTO v (n, o, d, j, a) VALUES ($1, $2, $3, $4, $5)',
        args: ['1.50', 't', '2026-01-02', '{"a":[1]}', '{1,2}'],
      },
      { sql: 'INSERT INTO v (s, f) VALUES ($1, $2)', args: [-7, 'Infinity'] },
    ],
    read: 'SELECT i, s, f, t, b, n, o, d, j, a FROM v ORDER BY id',
    values: [
      ...integers.map((i) => ({ ...nothing(), i })),
      ...texts.map((t) => ({ ...nothing(), t })),
      { ...nothing(), f: 1.5, b: bytes },
      { ...nothing(), n: '1.50', o: 't', d: '2026-01-02', j: '{"a": [1]}', a: '{1,2}' },
      { ...nothing(), s: -7, f: Infinity },
    ],
  },
};

function nothing(): Row {
  return { i: null, s: null, f: null, t: null, b: null, n: null, o: null, d: null, j: null, a: null };
}

const spellings: Readonly<Record<Dialect, Spelling>> = { sqlite, postgres };
