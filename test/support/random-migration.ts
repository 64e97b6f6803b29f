import * as fc from 'fast-check';
import { openHalf, runIn, type HalfOn } from './half-database.ts';

/** What is there before, with rows. */
export const randomBase = [
  'CREATE TABLE users (id integer PRIMARY KEY, email text, team integer)',
  'CREATE TABLE posts (id integer PRIMARY KEY, user_id integer REFERENCES users(id), title text)',
  'CREATE INDEX posts_user_idx ON posts (user_id)',
  'CREATE TABLE other (id integer PRIMARY KEY, note text UNIQUE)',
  'CREATE VIEW titles AS SELECT title FROM posts',
  'CREATE TABLE log (id integer PRIMARY KEY, said text)',
  "CREATE TRIGGER other_logged AFTER INSERT ON other BEGIN INSERT INTO log (said) VALUES ('other'); END",
  "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 1), (3, NULL, 2)",
  "INSERT INTO posts VALUES (1, 1, 'x'), (2, 3, NULL)",
  "INSERT INTO other VALUES (1, 'n')",
];

/** Moves of which each is one or more statements; what does not run where it stands is left out. */
const moves = [
  ['ALTER TABLE users ADD a1 text'],
  ['ALTER TABLE users ADD a2 integer NOT NULL DEFAULT 7', 'UPDATE users SET a2 = id'],
  ['ALTER TABLE posts ADD p1 text', "UPDATE posts SET p1 = title || '!'"],
  [
    'CREATE TABLE parents (id integer PRIMARY KEY)',
    'ALTER TABLE posts ADD p2 integer REFERENCES parents(id)',
  ],
  ['UPDATE users SET a1 = email WHERE a1 IS NULL'],
  ['UPDATE users SET team = team + 1'],
  ["UPDATE users SET email = 'none' WHERE email IS NULL"],
  ["INSERT INTO users (email) VALUES ('new')"],
  ["INSERT OR IGNORE INTO users (id, email) VALUES (9, 'nine')"],
  ["INSERT OR IGNORE INTO users (email) VALUES ('again')"],
  ["INSERT INTO other (id, note) VALUES (5, 'five') ON CONFLICT DO NOTHING"],
  ['DELETE FROM posts WHERE title IS NULL'],
  ['CREATE TABLE made (id integer PRIMARY KEY, v text)'],
  ["INSERT INTO made VALUES (1, 'one'), (2, 'two')"],
  ['INSERT INTO made (v) SELECT email FROM users'],
  ['CREATE TABLE copied AS SELECT * FROM users'],
  ['CREATE INDEX made_v_idx ON made (v)'],
  ['CREATE INDEX users_a1_idx ON users (a1)'],
  ['CREATE INDEX IF NOT EXISTS posts_user_idx ON posts (user_id)'],
  ['CREATE TABLE IF NOT EXISTS users (id integer PRIMARY KEY)'],
  ['DROP INDEX posts_user_idx'],
  ['DROP INDEX IF EXISTS posts_user_idx'],
  ['DROP VIEW titles', 'CREATE VIEW titles AS SELECT title, user_id FROM posts'],
  ['DROP TRIGGER other_logged'],
  ["CREATE TRIGGER users_logged AFTER UPDATE ON users BEGIN INSERT INTO log (said) VALUES ('user'); END"],
  ["CREATE TRIGGER made_logged AFTER INSERT ON made BEGIN INSERT INTO log (said) VALUES ('made'); END"],
  ['DROP TABLE other'],
  ['ALTER TABLE users RENAME COLUMN team TO squad'],
  ['ALTER TABLE users DROP COLUMN email'],
  ['ALTER TABLE other RENAME TO others'],
  ['PRAGMA foreign_keys=ON'],
  ['PRAGMA user_version = 3'],
  ['ANALYZE'],
  ['SELECT count(*) FROM users'],
  [
    'PRAGMA foreign_keys=OFF',
    'DROP VIEW titles',
    'CREATE TABLE __new_posts (id integer PRIMARY KEY NOT NULL, user_id integer NOT NULL REFERENCES users(id), title text)',
    'INSERT INTO __new_posts (id, user_id, title) SELECT id, user_id, title FROM posts',
    'DROP TABLE posts',
    'ALTER TABLE __new_posts RENAME TO posts',
    'CREATE INDEX posts_user_idx ON posts (user_id)',
  ],
  [
    'PRAGMA foreign_keys=OFF',
    'CREATE TABLE __new_users (id integer PRIMARY KEY NOT NULL, email text, team integer, extra text)',
    'INSERT INTO __new_users (id, email, team) SELECT id, email, team FROM users',
    'DROP TABLE users',
    'ALTER TABLE __new_users RENAME TO users',
    'PRAGMA foreign_keys=ON',
  ],
  // Cosmetic: its schema is the same again.
  [
    'CREATE TABLE __new_log (id integer PRIMARY KEY, said text)',
    'INSERT INTO __new_log SELECT id, said FROM log',
    'DROP TABLE log',
    'ALTER TABLE __new_log RENAME TO log',
  ],
  [
    'ALTER TABLE log RENAME TO old_log',
    'CREATE TABLE log (id integer PRIMARY KEY, said text NOT NULL)',
    'INSERT INTO log SELECT id, said FROM old_log',
    'DROP TABLE old_log',
  ],
  ['ALTER TABLE posts ADD slug text', 'UPDATE posts SET slug = title', 'ALTER TABLE posts DROP COLUMN title'],
  [
    'CREATE TABLE kept AS SELECT id, email FROM users',
    'UPDATE users SET email = NULL',
    'UPDATE users SET email = (SELECT email FROM kept WHERE kept.id = users.id)',
    'DROP TABLE kept',
  ],
];

/** A migration that runs as a whole on `randomBase`. */
export const randomMigration: fc.Arbitrary<readonly string[]> = fc
  .array(fc.nat(moves.length - 1), { minLength: 1, maxLength: 6 })
  .map((picks) => picks.flatMap((pick) => moves[pick] ?? []));

/** Without the statements that fail where they stand. */
export async function runnableOf(statements: readonly string[], on: HalfOn): Promise<readonly string[]> {
  await using engine = await openHalf(randomBase, on);
  const kept: string[] = [];
  for (const sql of statements) if ((await runIn(engine, sql)) === undefined) kept.push(sql);
  return kept;
}
