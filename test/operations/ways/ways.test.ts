import { describe, expect, test } from 'vitest';
import type { Diagnosed } from '../../../src/operations/diagnosis/diagnosis.ts';
import type { WaysInput } from '../../../src/operations/ways/input.ts';
import type { KeptBackup } from '../../../src/operations/ways/restore.ts';
import type { RecoveryOption } from '../../../src/operations/reports.ts';
import { migrationOf, openHalf } from '../../support/half-database.ts';
import { waysFound, type Found } from '../../support/ways-found.ts';

const base = [
  'CREATE TABLE users (id integer PRIMARY KEY, email text)',
  'CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users(id))',
  'CREATE INDEX posts_user_idx ON posts (user_id)',
  "INSERT INTO users VALUES (1, 'a'), (2, 'b')",
  'INSERT INTO posts VALUES (1, 1), (2, 2)',
];

const rebuild = [
  'PRAGMA foreign_keys=OFF',
  'CREATE TABLE __new_users (id integer PRIMARY KEY NOT NULL, email text NOT NULL)',
  'INSERT INTO __new_users (id, email) SELECT id, email FROM users',
  'DROP TABLE users',
  'ALTER TABLE __new_users RENAME TO users',
  'PRAGMA foreign_keys=ON',
  'CREATE UNIQUE INDEX users_email_idx ON users (email)',
];

interface Asked {
  readonly statements: readonly string[];
  readonly after: number;
  /** Run in the database besides. */
  readonly besides?: readonly string[];
  readonly rollback?: readonly string[];
  readonly backups?: WaysInput['backups'];
  readonly foreignKeys?: WaysInput['foreignKeys'];
  readonly diagnosed?: Partial<Diagnosed>;
}

async function found({ statements, after, besides = [], rollback, ...more }: Asked): Promise<Found> {
  await using engine = await openHalf([...base, ...statements.slice(0, after), ...besides]);
  const whole = migrationOf('0001', statements);
  const undo = rollback && {
    file: '/0001.rollback.sql',
    statements: migrationOf('0001', rollback).statements,
  };
  const migration = undo ? { ...whole, rollback: undo } : whole;
  return await waysFound(engine, [migrationOf('0000', base), migration], '0001', more);
}

function option({ out }: Found, id: string): RecoveryOption {
  const one = out.options.find((each) => each.id === id);
  if (!one) throw new Error(`There is no option ${id}`);
  return one;
}

const recommended = ({ out }: Found) => out.options.find((each) => each.recommended)?.id;
const allowed = ({ out }: Found) => out.options.filter((each) => each.allowed).map(({ id }) => id);

describe('a rebuild that was cut', () => {
  test.each([2, 3])(
    'is never gone on with at DROP TABLE: after statement %i the copy is thrown away and made anew',
    async (after) => {
      const half = await found({ statements: rebuild, after });
      expect(half.diagnosed.diagnosis).toEqual({ kind: 'one-of', points: [2, 3], of: 7 });
      expect(option(half, 'resume')).toMatchObject({
        allowed: false,
        why: expect.stringContaining('going on would drop users'),
      });
      expect(recommended(half)).toBe('start-over');
      expect(option(half, 'start-over').statements).toEqual(['DROP TABLE "__new_users"', ...rebuild]);
      expect(option(half, 'back-out').statements).toEqual(['DROP TABLE "__new_users"']);
      expect(half.out.meaning[0]).toBe(
        'Table users is as it was before, with its rows (2 rows). __new_users is an unfinished copy of it that nothing reads.',
      );
    },
  );

  test('is not begun again where the copy has rows and the table has none: something made it anew', async () => {
    const half = await found({
      statements: rebuild,
      after: 3,
      besides: ['DELETE FROM posts', 'DELETE FROM users'],
    });
    expect(allowed(half)).toEqual([]);
    expect(option(half, 'start-over').why).toBe(
      '__new_users holds 2 rows and users none: the copy may be all that is left of them.',
    );
    expect(half.out.meaning[0]).toBe(
      'Table users holds 0 rows, and __new_users, which was made as its copy, 2 rows.',
    );
  });

  test('is begun again only by choice where rows of the copy are not in the table', async () => {
    const besides = [
      'DELETE FROM posts',
      'DELETE FROM users WHERE id = 2',
      "INSERT INTO users VALUES (5, 'e')",
    ];
    const half = await found({ statements: rebuild, after: 3, besides });
    expect(allowed(half)).toEqual(['start-over', 'back-out']);
    expect(recommended(half)).toBeUndefined();
    expect(option(half, 'start-over').why).toContain(
      '1 row of __new_users are not in users: they were deleted',
    );
  });

  test('goes on with the rename once the old table is gone and every row that refers to it finds its own', async () => {
    const half = await found({ statements: rebuild, after: 4 });
    expect(recommended(half)).toBe('resume');
    expect(option(half, 'resume').statements).toEqual(rebuild.slice(4));
    expect(half.out.evidence).toEqual([
      'Table __new_users holds 2 rows.',
      'Every row of posts that refers to users finds its own in __new_users.',
    ]);
    expect(option(half, 'start-over')).toMatchObject({ allowed: false });
    expect(half.out.meaning[0]).toContain('The rows of users are in __new_users (2 rows)');
    expect(half.out.statements.map(({ state }) => state)).toEqual([
      ...Array.from({ length: 4 }, () => 'ran'),
      ...Array.from({ length: 3 }, () => 'did-not-run'),
    ]);
  });

  test('does not go on with a copy that lacks rows that others refer to', async () => {
    const half = await found({
      statements: rebuild,
      after: 4,
      besides: ['DELETE FROM __new_users WHERE id = 2'],
    });
    expect(allowed(half)).toEqual([]);
    expect(option(half, 'resume').why).toBe(
      '1 row of posts refer to rows of users that are not in __new_users.',
    );
  });

  test('does not go on with an empty copy while others refer to what was in it', async () => {
    const half = await found({ statements: rebuild, after: 4, besides: ['DELETE FROM __new_users'] });
    expect(option(half, 'resume')).toMatchObject({ allowed: false });
  });

  test('goes on with an empty copy that nothing refers to only when a person chooses so', async () => {
    const half = await found({
      statements: rebuild,
      after: 4,
      besides: ['DELETE FROM posts', 'DELETE FROM __new_users'],
    });
    expect(allowed(half)).toEqual(['resume']);
    expect(recommended(half)).toBeUndefined();
    expect(option(half, 'resume').why).toContain('nothing tells whether users was empty');
  });

  test('does not go on with a copy that holds fewer rows than the newest backup has', async () => {
    const half = await found({
      statements: rebuild,
      after: 4,
      backups: { kind: 'kept', backup: keptWith(3) },
    });
    expect(allowed(half)).toEqual(['restore']);
    expect(option(half, 'resume').why).toBe(
      '__new_users holds 2 rows, and backup b3 has 3 rows of users: nothing tells where the others went.',
    );
    expect(recommended(half)).toBeUndefined();
  });

  test('names what the backup says beside what is there, and restores it last', async () => {
    const half = await found({
      statements: rebuild,
      after: 4,
      backups: { kind: 'kept', backup: keptWith(2) },
    });
    expect(half.out.evidence).toContain('Table __new_users holds 2 rows; backup b3 has 2 rows of users.');
    expect(allowed(half)).toEqual(['resume', 'restore']);
    expect(option(half, 'restore').why).toBe(
      'Last resort: puts back backup b3, 16 h ago, 19 Nov 22:00 UTC. Loses 94 rows of orders and 1 row of users written since, and what was changed in other rows.',
    );
    expect(half.out.ways.get('restore')).toEqual({ kind: 'restore', backup: 'b3' });
  });

  test('of a second table goes back to the first statement of that rebuild, as the first one has no inverse', async () => {
    const second = rebuild.map((sql) => sql.replaceAll('users', 'posts').replaceAll('email', 'user_id'));
    const statements = [...rebuild, 'DROP INDEX posts_user_idx', ...second.slice(1, 6)];
    const half = await found({ statements, after: 10 });
    expect(allowed(half)).toEqual(['start-over']);
    expect(option(half, 'start-over').statements).toEqual([
      'DROP TABLE "__new_posts"',
      ...statements.slice(8),
    ]);
  });

  test('is not begun again on D1 while its DROP would reach into the rows of others', async () => {
    const half = await found({ statements: rebuild, after: 3, foreignKeys: 'always-on' });
    expect(option(half, 'start-over')).toMatchObject({
      allowed: false,
      why: '2 rows of posts are in its way, as D1 keeps foreign keys on while users is dropped. So that they stay: migrate-tui migration 0001 --keep-children dev --write',
    });
  });
});

describe('where the schema is the same after several statements', () => {
  const twice = [
    'ALTER TABLE users ADD age integer',
    'UPDATE users SET email = email || age',
    'CREATE INDEX users_age_idx ON users (age)',
  ];

  test.each([1, 2])(
    'nothing goes on one statement too late, or runs one twice: after %i, an UPDATE may have run',
    async (after) => {
      const half = await found({ statements: twice, after });
      expect(half.diagnosed.diagnosis).toEqual({ kind: 'one-of', points: [1, 2], of: 3 });
      expect(allowed(half)).toEqual([]);
      expect(option(half, 'resume').why).toBe(
        'Statement 2 (UPDATE users) may have run, and a second time it may do other things.',
      );
      expect(half.out.statements.map(({ state }) => state)).toEqual(['ran', 'not-known', 'did-not-run']);
      expect(half.out.meaning).toEqual([
        'Nothing that was there before it is missing.',
        'Whether statement 2 ran is not known: only rows would show it, in users.',
        'No way of finishing it is sure to be right. Whoever can tell from the rows which statements ran can run the others by hand: migrate-tui recover dev then offers to record it.',
      ]);
    },
  );

  test.each([1, 2])(
    'what fills gaps may run a second time: after %i, from the earliest point on',
    async (after) => {
      const statements = [twice[0] ?? '', 'UPDATE users SET age = 1 WHERE age IS NULL', twice[2] ?? ''];
      const half = await found({ statements, after });
      expect(recommended(half)).toBe('resume');
      expect(option(half, 'resume').statements).toEqual(statements.slice(1));
    },
  );

  test('what fills gaps is not run behind a row that came after it the first time', async () => {
    const statements = [
      twice[0] ?? '',
      'UPDATE users SET age = 1 WHERE age IS NULL',
      "INSERT OR IGNORE INTO users (id, email) VALUES (3, 'c')",
      twice[2] ?? '',
    ];
    const half = await found({ statements, after: 3 });
    expect(allowed(half)).toEqual([]);
    expect(option(half, 'resume').why).toBe(
      'Statement 2 (UPDATE users) would run behind what statement 3 (INSERT INTO users) may have left in users.',
    );
  });

  test('what is written into a column that goes with the clean-up is written anew', async () => {
    const statements = [twice[0] ?? '', 'UPDATE users SET age = id + 1', twice[2] ?? ''];
    const half = await found({ statements, after: 2 });
    expect(recommended(half)).toBe('start-over');
    expect(option(half, 'start-over').statements).toEqual([
      'ALTER TABLE "users" DROP COLUMN "age"',
      ...statements,
    ]);
  });

  test('a schema that is complete with data unproven is recorded only by whoever answers for it', async () => {
    const statements = ['ALTER TABLE users ADD age integer', "UPDATE users SET email = email || '!'"];
    const half = await found({ statements, after: 1 });
    expect(allowed(half)).toEqual(['record']);
    expect(recommended(half)).toBeUndefined();
    expect(half.out.ways.get('record')).toMatchObject({ kind: 'correct', needsAcceptance: 'data-unproven' });
  });
});

describe('what others may have written is never dropped', () => {
  const statements = [
    "ALTER TABLE users ADD theme text DEFAULT 'light'",
    'CREATE TABLE rooms (id integer PRIMARY KEY)',
    'INSERT INTO rooms VALUES (1), (2)',
    'CREATE INDEX users_theme_idx ON users (theme)',
  ];

  test('rows and values that the migration itself wrote are', async () => {
    const half = await found({ statements, after: 3 });
    expect(allowed(half)).toEqual(['start-over', 'back-out']);
    expect(option(half, 'back-out').statements).toEqual([
      'ALTER TABLE "users" DROP COLUMN "theme"',
      'DROP TABLE "rooms"',
    ]);
  });

  test('a row more in a new table keeps it', async () => {
    const half = await found({ statements, after: 3, besides: ['INSERT INTO rooms VALUES (3)'] });
    expect(allowed(half)).toEqual([]);
    expect(option(half, 'start-over').why).toBe(
      'Table rooms holds 3 rows, and nothing tells that only this migration wrote them.',
    );
  });

  test('another value than the default in a new column keeps it', async () => {
    const half = await found({
      statements,
      after: 1,
      besides: ["UPDATE users SET theme = 'dark' WHERE id = 1"],
    });
    expect(allowed(half)).toEqual(['resume']);
    expect(option(half, 'back-out').why).toBe(
      'Column users.theme holds a value in 1 row, and no statement of this migration wrote them.',
    );
  });

  test('what a later migration added to a new table keeps it', async () => {
    const half = await found({ statements, after: 3, besides: ['ALTER TABLE rooms ADD size integer'] });
    expect(allowed(half)).toEqual([]);
    expect(option(half, 'back-out').why).toBe(
      'It would reach column rooms.size, which is no work of this migration.',
    );
  });

  test('a trigger that may have written elsewhere keeps everything', async () => {
    const logging = [
      'CREATE TABLE log (id integer PRIMARY KEY)',
      'CREATE TRIGGER logged AFTER INSERT ON log BEGIN UPDATE users SET email = NULL; END',
      'INSERT INTO log VALUES (1)',
      'CREATE INDEX log_idx ON log (id)',
    ];
    const half = await found({ statements: logging, after: 3 });
    expect(option(half, 'start-over').why).toContain('a trigger of log may have changed other rows with it');
  });
});

describe('what belonged to the connection that was cut', () => {
  test.each([
    {
      statements: [
        'CREATE TEMP TABLE t AS SELECT id FROM users',
        'CREATE TABLE a (x)',
        'CREATE TABLE b (y)',
        'INSERT INTO a SELECT id FROM t',
      ],
      after: 2,
      why: 'Statement 4 (INSERT INTO a) uses a temporary table, which went with its connection.',
    },
    {
      statements: [
        'PRAGMA legacy_alter_table=ON',
        'CREATE TABLE a (x)',
        'ALTER TABLE posts RENAME TO messages',
      ],
      after: 2,
      why: 'Statement 1 (PRAGMA legacy_alter_table) was set for its connection, which is gone.',
    },
    {
      statements: [
        'CREATE TABLE a (x)',
        'CREATE TABLE b (y)',
        'INSERT INTO b VALUES (last_insert_rowid())',
        'CREATE TABLE c (z)',
      ],
      after: 1,
      why: 'Statement 3 (INSERT INTO b) asks what the statement before it did on its connection, which is gone.',
    },
  ])('is not gone on with: $why', async ({ statements, after, why }) => {
    const half = await found({ statements, after });
    expect(option(half, 'resume')).toMatchObject({ allowed: false, why });
    expect(recommended(half)).toBe('start-over');
  });

  test('a transaction is: what is left runs as one of its own', async () => {
    const statements = [
      'BEGIN',
      'CREATE TABLE a (x)',
      'COMMIT',
      'CREATE TABLE b (y)',
      'BEGIN',
      'CREATE TABLE c (z)',
      'COMMIT',
    ];
    await using engine = await openHalf([...base, 'CREATE TABLE a (x)']);
    const half = await waysFound(
      engine,
      [migrationOf('0000', base), migrationOf('0001', statements)],
      '0001',
    );
    expect(option(half, 'resume')).toMatchObject({
      recommended: true,
      statements: ['CREATE TABLE b (y)', 'CREATE TABLE c (z)'],
    });
  });
});

describe('the record', () => {
  test('is added where all of it is there, and nothing is run', async () => {
    const half = await found({ statements: rebuild, after: 7 });
    expect(recommended(half)).toBe('record');
    expect(allowed(half)).toEqual(['record']);
    const way = half.out.ways.get('record');
    expect(way?.kind === 'correct' ? way.statements(5).map(({ role }) => role) : []).toContain('record');
    expect(way).not.toHaveProperty('needsAcceptance');
  });

  test('is not added where statements have not run', async () => {
    const half = await found({ statements: rebuild, after: 4 });
    expect(option(half, 'record')).toMatchObject({
      allowed: false,
      why: 'Not true: statements 5 to 7 have not run.',
    });
    expect(option(half, 'remove-record').why).toBe('There is none to remove.');
  });
});

describe('the rollback file', () => {
  const statements = ['CREATE TABLE a (x)', 'CREATE TABLE b (y)', 'CREATE TABLE c (z)'];

  test('undoes a part when it is written so that it can', async () => {
    const half = await found({
      statements,
      after: 2,
      rollback: ['DROP TABLE IF EXISTS c', 'DROP TABLE IF EXISTS b', 'DROP TABLE IF EXISTS a'],
    });
    expect(allowed(half)).toContain('undo');
    expect(half.out.ways.get('undo')).toMatchObject({ kind: 'undo', migration: { tag: '0001' } });
  });

  test('is not run when it stops at what is not there', async () => {
    const half = await found({
      statements,
      after: 2,
      rollback: ['DROP TABLE c', 'DROP TABLE b', 'DROP TABLE a'],
    });
    expect(option(half, 'undo')).toMatchObject({
      allowed: false,
      why: 'Tried out on the schema as it is, it stops at its statement 1 (DROP TABLE c): no such table: c.',
    });
  });

  test('is not run when it does not lead back', async () => {
    const half = await found({ statements, after: 2, rollback: ['DROP TABLE a'] });
    expect(option(half, 'undo').why).toBe(
      'Tried out on the schema as it is, it does not end where it has to: table b would be another one.',
    );
  });
});

describe('nothing is recommended', () => {
  test('where the ledger and the schema contradict each other', async () => {
    const half = await found({ statements: rebuild, after: 4, diagnosed: { contradicted: true } });
    expect(allowed(half)).toEqual(['resume']);
    expect(recommended(half)).toBeUndefined();
  });

  test('where another text ran than the file has now', async () => {
    const half = await found({ statements: rebuild, after: 3, diagnosed: { edited: 'before-the-stop' } });
    expect(allowed(half)).toEqual([]);
    expect(option(half, 'start-over').why).toContain('Another text ran than the file has now');
    expect(half.out.meaning).toContainEqual(
      expect.stringMatching(/^Put the file back as it was when it ran/),
    );
  });

  test('and nothing is possible while a run is at work', async () => {
    const running = {
      kind: 'running-elsewhere',
      by: 'mira',
      host: 'kestrel',
      since: '2026-11-20T13:00:00Z',
    } as const;
    const half = await found({ statements: rebuild, after: 4, diagnosed: { diagnosis: running } });
    expect(allowed(half)).toEqual([]);
    expect(new Set(half.out.options.map(({ why }) => why))).toEqual(
      new Set(['Wait until that run has ended, and ask again.']),
    );
  });

  test('where it is not known how far it came', async () => {
    const half = await found({
      statements: rebuild,
      after: 4,
      diagnosed: { diagnosis: { kind: 'undecided' } },
    });
    expect(allowed(half)).toEqual([]);
    expect(option(half, 'resume').why).toBe('How far it came is not known.');
  });
});

test('a migration of which nothing is there is run as a deploy would run it', async () => {
  const half = await found({ statements: rebuild, after: 0 });
  expect(half.diagnosed.diagnosis).toEqual({ kind: 'not-started' });
  expect(recommended(half)).toBe('start-over');
  expect(option(half, 'start-over').statements).toEqual(rebuild);
});

test('a rebuild that is still to come does not stand in the way of going on, whatever wrote its rows before', async () => {
  const statements = ["INSERT INTO users VALUES (3, 'c')", 'CREATE TABLE a (x)', ...rebuild];
  const half = await found({ statements, after: 2 });
  expect(recommended(half)).toBe('resume');
  expect(option(half, 'resume').statements).toEqual(statements.slice(2));
});

test('dropped indexes, views and triggers are made again as they were', async () => {
  const view = 'CREATE VIEW names AS SELECT email FROM users';
  const trigger = 'CREATE TRIGGER counted AFTER INSERT ON posts BEGIN SELECT 1; END';
  const statements = [
    'DROP VIEW names',
    'DROP TRIGGER counted',
    'DROP INDEX posts_user_idx',
    'CREATE VIEW names AS SELECT id, email FROM users',
    'CREATE TABLE a (x)',
  ];
  const before = [...base, view, trigger];
  await using engine = await openHalf([...before, ...statements.slice(0, 4)]);
  const half = await waysFound(
    engine,
    [migrationOf('0000', before), migrationOf('0001', statements)],
    '0001',
  );
  expect(option(half, 'back-out').statements?.map((sql) => sql.split(/\s+/).slice(0, 3).join(' '))).toEqual([
    'DROP VIEW "names"',
    'CREATE INDEX posts_user_idx',
    'CREATE VIEW names',
    'CREATE TRIGGER counted',
  ]);
});

function keptWith(users: number): KeptBackup {
  return {
    id: 'b3',
    takenAt: '2026-11-19T22:00:00Z',
    rows: new Map([['users', users]]),
    added: [
      { table: 'orders', rows: 94 },
      { table: 'users', rows: 1 },
    ],
    recorded: 0,
    kept: 'copy',
  };
}
