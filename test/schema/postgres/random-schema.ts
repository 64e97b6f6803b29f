import * as fc from 'fast-check';

const sizes = { minLength: 1, maxLength: 4 };

/** Statements that make a random schema: tables that refer to one another, and what stands on them. */
export const randomSchema: fc.Arbitrary<readonly string[]> = fc.array(table(), sizes).map(statementsOf);

/** Two that have much in common: of some tables a column or two, a key or a view are others. */
export const randomPair: fc.Arbitrary<readonly [readonly string[], readonly string[]]> = fc
  .array(fc.record({ one: table(), other: table(), columns: fc.nat(63), choices: fc.nat(4095) }), {
    ...sizes,
  })
  .map((all) => [
    statementsOf(all.map(({ one }) => one)),
    statementsOf(
      all.map(({ one, other, columns, choices }) => ({
        columns: mixed(one.columns, other.columns, columns),
        // The first is the name.
        choices: mixed(one.choices, other.choices, choices & ~1),
      })),
    ),
  ]);

/** Of the second where a bit is set. */
function mixed(one: readonly number[], other: readonly number[], bits: number): readonly number[] {
  return one.map((choice, at) => ((bits >> at) & 1 ? (other[at] ?? choice) : choice));
}

interface RandomTable {
  readonly columns: readonly number[];
  readonly choices: readonly number[];
}

function table(): fc.Arbitrary<RandomTable> {
  return fc.record({
    columns: fc.array(fc.nat(10_000), { minLength: 1, maxLength: 6 }),
    choices: fc.array(fc.nat(10_000), { minLength: 12, maxLength: 12 }),
  });
}

function statementsOf(tables: readonly RandomTable[]): readonly string[] {
  return [
    "CREATE SCHEMA s; CREATE TYPE mood AS ENUM ('sad', 'so so', 'it''s'); CREATE TYPE s.size AS ENUM ('S', 'M'); CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TABLE targets (id int PRIMARY KEY, other int UNIQUE)",
    'CREATE FUNCTION low(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(t) $$; CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
    ...tables.flatMap(({ columns, choices }, at) => tableStatements(at, columns, choices)),
  ];
}

function tableStatements(
  at: number,
  columns: readonly number[],
  choices: readonly number[],
): readonly string[] {
  const name = pick(tableNames, choices[0])(at);
  const made = columns.map((choice, index) => columnOf(choice, index));
  const first = made[0]?.name ?? 'id';
  const checks = made.flatMap(({ name: column, kind }, index) =>
    (choices[1] ?? 0) % 3 === index % 3
      ? [`${named(choices[2], `c${index}`)}CHECK (${pick(kind.checks, choices[3])(column)})`]
      : [],
  );
  const key = pick(keys, choices[4]).map((line) => line.replace('"own"', `own${at}`));
  const reference =
    (choices[5] ?? 0) % 2 === 0
      ? [`${named(choices[6], 'up')}FOREIGN KEY (ref) REFERENCES targets (id) ${pick(actions, choices[7])}`]
      : [];
  return [
    `CREATE TABLE ${name} (${[...made.map(({ sql }) => sql), 'ref int', ...key, ...checks, ...reference].join(', ')})`,
    ...made
      .slice(0, 2)
      .map(({ name: column, kind }, index) =>
        pick(indexes, choices[8 + index])(name, column, pick(kind.checks, choices[9])(column)),
      ),
    pick(views, choices[10])(
      name,
      at,
      made[0]?.name ?? 'ref',
      pick(made[0]?.kind.checks ?? [() => 'true'], choices[11])(first),
    ),
  ].filter((sql) => sql !== '');
}

const tableNames = [
  (at: number) => `t${at}`,
  (at: number) => `s.t${at}`,
  (at: number) => `"T ${at}"`,
  (at: number) => `s."a.b${at}"`,
];

interface Kind {
  readonly type: string;
  readonly defaults: readonly string[];
  readonly checks: readonly ((column: string) => string)[];
}

const kinds: readonly Kind[] = [
  {
    type: 'int',
    defaults: ['1', '-5', '(1 + 2) * 3', "'7'"],
    checks: [
      (c) => `${c} > 0`,
      (c) => `${c} IN (1, 2, 3)`,
      (c) => `${c} BETWEEN 1 AND 9 AND NOT ${c} = 5`,
      (c) => `CASE WHEN ${c} > 1 THEN ${c} % 2 = 0 ELSE ${c} IS NOT NULL END`,
      (c) => `coalesce(${c}, 1) <> ALL (ARRAY[1, 2])`,
    ],
  },
  {
    type: 'bigint',
    defaults: ['9007199254740993', '0'],
    checks: [(c) => `${c} <> -1`, (c) => `abs(${c}) < 10::bigint ^ 3`],
  },
  {
    type: 'text',
    defaults: ["'a'", "E'x\\ny'", "'it''s'", 'low(current_user)', "'a' || 'b'"],
    checks: [
      (c) => `${c} IN ('a', 'b')`,
      (c) => `${c} ~ '^[a-z,]+$' OR ${c} = ''`,
      (c) => `length(trim(both from ${c})) > 0`,
      (c) => `${c} LIKE 'a\\_%' ESCAPE '\\'`,
      (c) => `low(${c}) = ${c}`,
    ],
  },
  {
    type: 'varchar(20)',
    defaults: ["'x'", "'a'::varchar"],
    checks: [
      (c) => `${c} IN ('a', 'b, c', 'it''s [x]')`,
      (c) => `${c} <> 'q'`,
      (c) => `${c} NOT IN ('a', 'b') AND ${c} = ANY ('{x,y}')`,
      (c) => `(${c} COLLATE "C") > 'a'`,
      (c) => `${c} || '1' IN ('11', '21')`,
    ],
  },
  { type: 'char(3)', defaults: ["'abc'"], checks: [(c) => `${c} IN ('abc', 'abd')`, (c) => `${c} = 'x'`] },
  {
    type: 'numeric(10,2)',
    defaults: ['1.5', "'2'"],
    checks: [(c) => `${c} > 1.5 AND ${c} IN (1, 2.5, 3)`, (c) => `round(${c}, 1) = ${c}`],
  },
  {
    type: 'boolean',
    defaults: ['true', "'f'"],
    checks: [(c) => `${c} IS NOT FALSE`, (c) => `NOT ${c} OR ${c} IS NULL`],
  },
  {
    type: 'timestamptz',
    defaults: ['now()', "'2020-01-01 12:00+02'", "now() + interval '1 day 2 hours'"],
    checks: [
      (c) => `${c} > '2020-01-01'`,
      (c) => `extract(year from ${c}) < 3000`,
      (c) => `${c} AT TIME ZONE 'UTC' < 'infinity'`,
    ],
  },
  {
    type: 'date',
    defaults: ['current_date', "'2020-02-29'"],
    checks: [(c) => `${c} IN ('2020-01-01', '2021-01-01')`],
  },
  {
    type: 'mood',
    defaults: ["'sad'", "'it''s'"],
    checks: [(c) => `${c} IN ('sad', 'so so')`, (c) => `${c} > 'sad'`],
  },
  {
    type: 's.size[]',
    defaults: ["'{S,M}'", 'ARRAY[]::s.size[]'],
    checks: [(c) => `${c} <@ ARRAY['S']::s.size[]`, (c) => `${c}[1] = 'S' OR cardinality(${c}) = 0`],
  },
  {
    type: 'varchar(5)[]',
    defaults: ["ARRAY['a', 'b']"],
    checks: [(c) => `${c} && ARRAY['a', 'b']::varchar[]`, (c) => `'a' = ANY (${c})`],
  },
  { type: 'positive', defaults: ['5'], checks: [(c) => `${c} < 100`, (c) => `${c} IN (1, 2)`] },
  {
    type: 'jsonb',
    defaults: [`'{"a": [1, null]}'`, 'jsonb_build_object()'],
    checks: [
      (c) => `${c} ? 'a' OR ${c} ->> 'b' IN ('x', 'y')`,
      (c) => `jsonb_typeof(${c} #> '{a,0}') = 'number'`,
    ],
  },
  {
    type: 'uuid',
    defaults: ['gen_random_uuid()'],
    checks: [(c) => `${c} <> '00000000-0000-0000-0000-000000000000'`],
  },
  { type: 'interval', defaults: ["'1 year 3 days'"], checks: [(c) => `${c} < '1 mon'`] },
  { type: 'bytea', defaults: ["'\\xdead'"], checks: [(c) => `${c} <> '\\x'`] },
];

function columnOf(
  choice: number,
  index: number,
): { readonly name: string; readonly sql: string; readonly kind: Kind } {
  const kind = pick(kinds, choice);
  const name = pick([`c${index}`, `"C ${index}"`, `"order${index}"`, `c${index}_é`], Math.floor(choice / 20));
  const value = pick(kind.defaults, Math.floor(choice / 100));
  const words = pick(
    ['', ` DEFAULT ${value}`, ` DEFAULT ${value} NOT NULL`, ' NOT NULL'],
    Math.floor(choice / 7),
  );
  return { name, sql: `${name} ${kind.type}${words}`, kind };
}

const keys = [
  [],
  ['id serial PRIMARY KEY'],
  ['id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY'],
  ['id int NOT NULL', 'CONSTRAINT "own" PRIMARY KEY (id)'],
  ['id smallserial', 'UNIQUE (id, ref)', 'EXCLUDE (ref WITH =) WHERE (ref > 1)'],
];
const actions = [
  '',
  'ON DELETE CASCADE',
  'ON DELETE SET NULL ON UPDATE RESTRICT',
  'DEFERRABLE',
  'NOT VALID',
  'MATCH FULL DEFERRABLE INITIALLY DEFERRED',
];
const indexes = [
  (table: string, column: string) => `CREATE INDEX ON ${table} (${column})`,
  (table: string, column: string, check: string) =>
    `CREATE INDEX ON ${table} (ref) INCLUDE (${column}) WHERE ${check.includes('extract(') ? 'ref > 1' : check}`,
  (table: string, column: string) => `CREATE UNIQUE INDEX ON ${table} (${column} DESC NULLS LAST, ref)`,
  (table: string) => `CREATE INDEX ON ${table} ((ref + 1), low(ref::text)) WITH (fillfactor = 80)`,
  () => '',
];
const views = [
  () => '',
  (table: string, at: number, column: string, check: string) =>
    `CREATE VIEW v${at} AS SELECT ${column}, ref FROM ${table} WHERE ${check}`,
  (table: string, at: number, column: string, check: string) =>
    `CREATE VIEW v${at} AS SELECT x.*, y.ref AS other FROM ${table} x LEFT JOIN ${table} y USING (${column}) WHERE x.ref > ANY (SELECT ref FROM ${table} WHERE ${check})`,
  (table: string, at: number, column: string) =>
    `CREATE MATERIALIZED VIEW m${at} AS WITH q AS (SELECT ${column}, ref FROM ${table}) SELECT count(*) FILTER (WHERE ref IN (1, 2)) AS n, ref FROM q GROUP BY 2 UNION ALL SELECT 1, ref FROM ${table}`,
  (table: string, at: number, column: string, check: string) =>
    `CREATE TRIGGER tr BEFORE UPDATE OF ref ON ${table} FOR EACH ROW WHEN (OLD.ref IS DISTINCT FROM NEW.ref) EXECUTE FUNCTION tr('a', '${String(at)}'); CREATE POLICY p ON ${table} USING (${check}) WITH CHECK (${column} IS NOT NULL)`,
];

function named(choice: number | undefined, name: string): string {
  return (choice ?? 0) % 2 === 0 ? '' : `CONSTRAINT ${name} `;
}

function pick<Value>(values: readonly Value[], choice: number | undefined): Value {
  const found = values[(choice ?? 0) % values.length];
  if (found === undefined) throw new Error('There is something to pick from.');
  return found;
}
