import * as fc from 'fast-check';

/** Two migrations of which others ran a part, between drift that concerns neither. */
export interface RandomHalfRun {
  readonly base: readonly string[];
  readonly first: HalfRun;
  /** Made for the schema that the part of the first leaves. */
  readonly second: HalfRun;
  /** Has a record and ran as a whole; its file stands between the two. */
  readonly recorded: readonly string[];
  readonly drift: readonly string[];
  /** What each next statement in the target is of, until both have run their parts. */
  readonly turns: readonly boolean[];
  readonly recordedRan: 'before' | 'after';
}

export interface HalfRun {
  readonly statements: readonly string[];
  readonly after: number;
}

const base = [
  'CREATE TABLE users (id integer PRIMARY KEY, email text, team integer)',
  'CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users(id), title text)',
  'CREATE INDEX posts_user_idx ON posts (user_id)',
  'CREATE TABLE other (id integer PRIMARY KEY, note text)',
  'CREATE INDEX other_note_idx ON other (note)',
  "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 1), (3, NULL, 2)",
  "INSERT INTO posts VALUES (1, 1, 'x'), (2, 3, NULL)",
];

const drifts = [
  ['CREATE TABLE by_hand (x text)', 'CREATE INDEX by_hand_idx ON by_hand (x)'],
  ['DROP INDEX other_note_idx'],
  ['ALTER TABLE other ADD by_hand integer'],
  ['CREATE VIEW hand_view AS SELECT id FROM other'],
  ['ALTER TABLE users ADD by_hand text'],
  ['ALTER TABLE posts ADD by_hand text DEFAULT 1'],
  ['CREATE TRIGGER hand_trigger AFTER INSERT ON other BEGIN SELECT 1; END'],
];

interface Move {
  readonly kind: number;
  readonly pick: number;
}

const moves = fc.array(fc.record({ kind: fc.nat(17), pick: fc.nat(99) }), { minLength: 1, maxLength: 6 });

export const randomHalfRun: fc.Arbitrary<RandomHalfRun> = fc
  .record({
    first: fc.record({ moves, after: fc.nat(999) }),
    second: fc.record({ moves, after: fc.nat(999) }),
    secondIsThere: fc.boolean(),
    recorded: fc.nat(3),
    drift: fc.subarray(drifts),
    turns: fc.array(fc.boolean(), { maxLength: 40 }),
    recordedRan: fc.constantFrom('before' as const, 'after' as const),
  })
  .map(({ first, second, secondIsThere, recorded, drift, turns, recordedRan }) => {
    const model = startOf();
    const one = halfRun(first, model, 'a');
    const two = halfRun(second, one.model, 'b');
    return {
      base,
      first: one.run,
      second: secondIsThere ? two.run : { statements: [], after: 0 },
      recorded: recordings[recorded] ?? [],
      drift: drift.flat(),
      turns,
      recordedRan,
    };
  });

const recordings = [
  [],
  ['CREATE TABLE recorded (x text)'],
  ['ALTER TABLE posts ADD recorded text'],
  [
    'CREATE TABLE recorded (x text)',
    'CREATE INDEX recorded_idx ON recorded (x)',
    "INSERT INTO recorded VALUES ('r')",
  ],
];

interface Model {
  /** Columns by table; each has `id`. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  readonly indexes: readonly (readonly [name: string, table: string])[];
}

const startOf = (): Model => ({
  tables: new Map([
    ['users', ['id', 'email', 'team']],
    ['posts', ['id', 'user_id', 'title']],
  ]),
  indexes: [['posts_user_idx', 'posts']],
});

/** The statements, and the model after the part that ran. */
function halfRun(
  { moves: all, after }: { readonly moves: readonly Move[]; readonly after: number },
  start: Model,
  prefix: string,
): { readonly run: HalfRun; readonly model: Model } {
  const steps: { readonly sql: string; readonly model: Model }[] = [];
  let model = start;
  for (const [at, move] of all.entries()) {
    for (const step of statementsOf(move, model, `${prefix}${at}`)) {
      model = step.model;
      steps.push(step);
    }
  }
  const stopped = after % (steps.length + 1);
  return {
    run: { statements: steps.map(({ sql }) => sql), after: stopped },
    model: steps[stopped - 1]?.model ?? start,
  };
}

type Step = { readonly sql: string; readonly model: Model };

function statementsOf({ kind, pick }: Move, model: Model, name: string): readonly Step[] {
  const [table, columns] = [...model.tables][pick % model.tables.size] ?? ['users', ['id']];
  const column = columns[pick % columns.length] ?? 'id';
  const [index] = model.indexes[pick % Math.max(1, model.indexes.length)] ?? [undefined];
  const withColumns = (next: readonly string[]) => ({
    ...model,
    tables: new Map(model.tables).set(table, next),
  });
  const same = (sql: string): Step => ({ sql, model });
  const indexed: Model = { ...model, indexes: [...model.indexes, [`${name}_idx`, table]] };
  switch (kind) {
    case 0:
    case 1:
      return [{ sql: `ALTER TABLE ${table} ADD ${name} text`, model: withColumns([...columns, name]) }];
    case 2:
      return [{ sql: `CREATE INDEX ${name}_idx ON ${table} (${column})`, model: indexed }];
    case 3:
      return [{ sql: `CREATE INDEX IF NOT EXISTS ${name}_idx ON ${table} (${column})`, model: indexed }];
    case 4:
      return index === undefined ? [] : [same(`CREATE INDEX IF NOT EXISTS ${index} ON ${table} (${column})`)];
    case 5:
      return [
        {
          sql: `CREATE TABLE ${name} (id integer PRIMARY KEY, v text)`,
          model: { ...model, tables: new Map(model.tables).set(name, ['id', 'v']) },
        },
      ];
    case 6:
      return [same(`CREATE TABLE IF NOT EXISTS ${table} (id integer PRIMARY KEY)`)];
    case 7:
      return index === undefined
        ? []
        : [
            {
              sql: `DROP INDEX ${index}`,
              model: { ...model, indexes: model.indexes.filter(([each]) => each !== index) },
            },
          ];
    case 8:
      return [same(`UPDATE ${table} SET ${column} = ${column} + 1`)];
    case 9:
      return [same(`INSERT INTO ${table} (id) VALUES (${100 + pick})`)];
    case 10:
      return [same(`DELETE FROM ${table} WHERE id > ${pick}`)];
    case 11:
      return rebuild(model, {
        table,
        columns,
        definition: (each) => (each === 'id' ? 'id integer PRIMARY KEY' : each),
      });
    case 12:
      return rebuild(model, {
        table,
        columns,
        definition: (each) => (each === 'id' ? 'id integer PRIMARY KEY' : `${each} text`),
      });
    case 13:
      return [same(`CREATE VIEW ${name}_view AS SELECT id FROM other`)];
    case 14:
      return [
        {
          sql: `CREATE TABLE ${name} AS SELECT * FROM ${table}`,
          model: { ...model, tables: new Map(model.tables).set(name, columns) },
        },
      ];
    // With rows that are in its way these two fail, and in a replay without rows they do not.
    case 15:
      return [{ sql: `CREATE UNIQUE INDEX ${name}_idx ON ${table} (${column})`, model: indexed }];
    case 16:
      return [
        {
          sql: `ALTER TABLE ${table} ADD ${name} integer CHECK (id < ${pick})`,
          model: withColumns([...columns, name]),
        },
      ];
    default:
      return column === 'id' || columns.length < 2
        ? [same('PRAGMA foreign_keys=ON')]
        : [
            {
              sql: `ALTER TABLE ${table} RENAME COLUMN ${column} TO ${name}`,
              model: withColumns(columns.map((each) => (each === column ? name : each))),
            },
          ];
  }
}

/** As drizzle-kit writes it; the same definition again makes it cosmetic. */
function rebuild(
  model: Model,
  {
    table,
    columns,
    definition,
  }: {
    readonly table: string;
    readonly columns: readonly string[];
    readonly definition: (column: string) => string;
  },
): readonly Step[] {
  const list = columns.join(', ');
  const done: Model = { ...model, indexes: model.indexes.filter(([, of]) => of !== table) };
  const gone: Model = { ...done, tables: new Map([...model.tables].filter(([name]) => name !== table)) };
  return [
    { sql: 'PRAGMA foreign_keys=OFF', model },
    { sql: `CREATE TABLE __new_${table} (${columns.map(definition).join(', ')})`, model },
    { sql: `INSERT INTO __new_${table} (${list}) SELECT ${list} FROM ${table}`, model },
    { sql: `DROP TABLE ${table}`, model: gone },
    { sql: `ALTER TABLE __new_${table} RENAME TO ${table}`, model: done },
    { sql: 'PRAGMA foreign_keys=ON', model: done },
  ];
}
