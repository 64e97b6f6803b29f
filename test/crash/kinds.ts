/** A migration as half of it may be left, and what its statements say about rows. */
export interface Kind {
  readonly name: string;
  readonly statements: readonly string[];
  /** Tables whose rows it may change; those of all others must come through any way out untouched. */
  readonly names: readonly string[];
  /** The file that undoes it, when there is one. */
  readonly rollback?: readonly string[];
}

/** What every target has before the migration, beside the teams and members of the small project. */
export const ground = {
  tag: '0002_ground',
  statements: [
    'ALTER TABLE members ADD points integer NOT NULL DEFAULT 0;',
    'CREATE TABLE log (id integer PRIMARY KEY, what text NOT NULL);',
    'CREATE INDEX log_what ON log (what);',
    'CREATE TABLE badges (id integer PRIMARY KEY, label text, member_id integer REFERENCES members(id) ON DELETE SET NULL);',
    'UPDATE members SET points = id * 10;',
    "INSERT INTO log (what) VALUES ('old 1'), ('old 2'), ('kept');",
    "INSERT INTO badges (label, member_id) VALUES ('first', 1), ('second', 2), (NULL, NULL);",
  ],
};

/** The tag of the migration that is left half. */
export const tag = '0003_half';

export const kinds: readonly Kind[] = [
  {
    name: 'definitions',
    names: ['teams', 'notes'],
    statements: [
      'ALTER TABLE teams ADD country text;',
      'CREATE TABLE notes (id integer PRIMARY KEY, team_id integer REFERENCES teams(id), body text);',
      'CREATE INDEX notes_team ON notes (team_id);',
      'DROP INDEX log_what;',
      'CREATE VIEW team_names AS SELECT id, name FROM teams;',
    ],
    // Written so that it fits any part of it.
    rollback: [
      'DROP VIEW IF EXISTS team_names;',
      'CREATE INDEX IF NOT EXISTS log_what ON log (what);',
      'DROP TABLE IF EXISTS notes;',
      'ALTER TABLE teams DROP COLUMN country;',
    ],
  },
  {
    // Nothing refers to badges: whoever runs it loses nothing at the DROP.
    name: 'rebuild',
    names: ['badges', '__new_badges'],
    statements: [
      'PRAGMA foreign_keys=OFF;',
      "CREATE TABLE `__new_badges` (id integer PRIMARY KEY, label text DEFAULT 'none', member_id integer REFERENCES members(id) ON DELETE SET NULL);",
      'INSERT INTO `__new_badges` (id, label, member_id) SELECT id, label, member_id FROM badges;',
      'DROP TABLE badges;',
      'ALTER TABLE `__new_badges` RENAME TO badges;',
      'PRAGMA foreign_keys=ON;',
      'CREATE INDEX badges_member ON badges (member_id);',
    ],
  },
  {
    // Members go with their teams: on a connection that has foreign keys on, the DROP takes them along.
    name: 'rebuild of a parent',
    names: ['teams', '__new_teams'],
    statements: [
      'PRAGMA foreign_keys=OFF;',
      "CREATE TABLE `__new_teams` (id integer PRIMARY KEY, name text NOT NULL, country text DEFAULT 'NL');",
      'INSERT INTO `__new_teams` (id, name) SELECT id, name FROM teams;',
      'DROP TABLE teams;',
      'ALTER TABLE `__new_teams` RENAME TO teams;',
      'PRAGMA foreign_keys=ON;',
    ],
  },
  {
    name: 'data',
    names: ['members', 'log'],
    statements: [
      'UPDATE members SET points = points + 5;',
      "INSERT INTO log (what) SELECT 'of ' || id FROM members;",
      "DELETE FROM log WHERE what LIKE 'old %';",
    ],
  },
  {
    // None of the statements between the column and the index shows in a schema.
    name: 'mixed',
    names: ['members', 'log', 'levels'],
    statements: [
      'ALTER TABLE members ADD level integer;',
      'UPDATE members SET level = points / 10;',
      'UPDATE members SET points = points + 5;',
      'CREATE INDEX members_level ON members (level);',
      "INSERT INTO log (what) VALUES ('levels');",
      'CREATE TABLE levels (id integer PRIMARY KEY, name text);',
    ],
  },
  {
    name: 'backfill last',
    names: ['members', 'ranks'],
    statements: [
      'ALTER TABLE members ADD grade text;',
      'CREATE TABLE ranks (id integer PRIMARY KEY, member_id integer NOT NULL);',
      'CREATE UNIQUE INDEX ranks_member ON ranks (member_id);',
      "UPDATE members SET grade = 'a' WHERE points > 10;",
      'INSERT INTO ranks (member_id) SELECT id FROM members;',
    ],
  },
  {
    name: 'removals',
    names: ['members', 'log', 'archive', 'teams'],
    statements: [
      'CREATE TABLE archive (id integer PRIMARY KEY, what text);',
      'INSERT INTO archive (id, what) SELECT id, what FROM log;',
      'DROP INDEX log_what;',
      'DROP TABLE log;',
      'ALTER TABLE members DROP COLUMN points;',
      'ALTER TABLE teams RENAME COLUMN name TO title;',
    ],
  },
];
