import * as fc from 'fast-check';

/** A database of two to five tables with foreign keys and triggers at random, and the rebuild of one or two of them. */
export interface RandomReferences {
  /** Statements that make the tables and fill them. */
  readonly given: readonly string[];
  readonly migration: readonly string[];
}

const actions = ['CASCADE', 'CASCADE', 'SET NULL', 'SET DEFAULT', 'NO ACTION', 'RESTRICT'] as const;
const keys = [
  'id integer PRIMARY KEY',
  'id text PRIMARY KEY',
  'id integer UNIQUE',
  'id integer PRIMARY KEY AUTOINCREMENT',
];

interface RandomTable {
  readonly key: string;
  readonly bare: boolean;
  readonly trigger: string | undefined;
  readonly extra: string;
  readonly references: readonly {
    readonly to: number;
    readonly action: string;
    readonly notNull: boolean;
    readonly deferred: boolean;
    readonly targets: readonly number[];
  }[];
}

const randomTable = fc.record<RandomTable>({
  key: fc.constantFrom(...keys),
  bare: fc.boolean(),
  trigger: fc.option(fc.constantFrom('AFTER DELETE', 'BEFORE UPDATE', 'AFTER INSERT'), { nil: undefined }),
  extra: fc.constantFrom('x', 'x AS (id || 1)', "x text DEFAULT 'd' NOT NULL", 'x blob UNIQUE'),
  references: fc.array(
    fc.record({
      to: fc.nat(4),
      action: fc.constantFrom(...actions),
      notNull: fc.boolean(),
      deferred: fc.boolean(),
      targets: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    }),
    { maxLength: 2 },
  ),
});

const rowsEach = 3;

function definition(tables: readonly RandomTable[], number: number, name: string): string {
  const table = tables[number];
  if (!table) throw new Error(`There is no table ${number}`);
  const columns = table.references.map(
    ({ to, action, notNull, deferred }, at) =>
      `r${at} ${typeOf(tables, to)} ${notNull ? 'NOT NULL ' : ''}REFERENCES t${to % tables.length}(id) ON DELETE ${action}${deferred ? ' DEFERRABLE INITIALLY DEFERRED' : ''}`,
  );
  const bare = table.bare && table.key.endsWith('PRIMARY KEY') ? ' WITHOUT ROWID' : '';
  return `CREATE TABLE ${name} (${[table.key, ...columns, table.extra].join(', ')})${bare}`;
}

/** As the key it refers to. */
function typeOf(tables: readonly RandomTable[], to: number): string {
  return tables[to % tables.length]?.key.includes('text') === true ? 'text' : 'integer';
}

function given(tables: readonly RandomTable[]): readonly string[] {
  return [
    'CREATE TABLE audit (what)',
    ...tables.map((_, at) => definition(tables, at, `t${at}`)),
    'PRAGMA defer_foreign_keys = ON',
    ...tables.flatMap((table, at) =>
      Array.from({ length: rowsEach }, (_, row) => {
        const values = table.references.map(({ targets, notNull }) => {
          const target = targets[row] ?? 0;
          return target === 0 && !notNull ? 'NULL' : String(Math.max(1, target));
        });
        const stored = table.extra.includes(' AS ') ? [] : [`'v${row}'`];
        const columns = [
          'id',
          ...values.map((_value, index) => `r${index}`),
          ...(stored.length > 0 ? ['x'] : []),
        ];
        return `INSERT INTO t${at} (${columns.join(', ')}) VALUES (${[row + 1, ...values, ...stored].join(', ')})`;
      }),
    ),
    ...tables.flatMap(({ trigger }, at) =>
      trigger === undefined
        ? []
        : [`CREATE TRIGGER tr${at} ${trigger} ON t${at} BEGIN INSERT INTO audit VALUES ('tr${at}'); END`],
    ),
  ];
}

function rebuild(tables: readonly RandomTable[], number: number): readonly string[] {
  const table = tables[number];
  const stored = [
    'id',
    ...(table?.references ?? []).map((_, at) => `r${at}`),
    ...(table?.extra.includes(' AS ') ? [] : ['x']),
  ];
  const trigger = table?.trigger;
  return [
    definition(tables, number, `__new_t${number}`),
    `INSERT INTO __new_t${number} (${stored.join(', ')}) SELECT ${stored.join(', ')} FROM t${number}`,
    `DROP TABLE t${number}`,
    `ALTER TABLE __new_t${number} RENAME TO t${number}`,
    ...(trigger === undefined
      ? []
      : [
          `CREATE TRIGGER tr${number} ${trigger} ON t${number} BEGIN INSERT INTO audit VALUES ('tr${number}'); END`,
        ]),
  ];
}

export const randomReferences: fc.Arbitrary<RandomReferences> = fc
  .record({ tables: fc.array(randomTable, { minLength: 2, maxLength: 5 }), second: fc.boolean() })
  .map(({ tables, second }) => ({
    given: given(tables),
    migration: [...rebuild(tables, 0), ...(second ? rebuild(tables, 1) : [])],
  }));
