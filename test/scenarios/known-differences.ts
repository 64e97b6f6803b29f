/** Where the product and drizzle-orm's own libSQL migrator part, each with the reason; the decisions page says more. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    name: 'a statement that leaves rows which refer to nothing',
    migration: ['INSERT INTO children VALUES (7, 77)'],
    drizzle: 'applies',
    deploy: 'rehearsal-failed',
    apply: 'statement-failed',
    reason: 'drizzle switches foreign keys off and never checks them; orphans are refused here.',
  },
  {
    name: 'a DROP of a table that rows still refer to',
    migration: ['DROP TABLE parents'],
    drizzle: 'applies',
    deploy: 'rehearsal-failed',
    apply: 'statement-failed',
    reason: 'The children would be orphans.',
  },
  {
    name: 'a DELETE whose cascade takes other rows along',
    migration: ['DELETE FROM parents WHERE id = 1'],
    drizzle: 'applies',
    deploy: 'rows-lost',
    apply: 'rows-lost',
    reason:
      'drizzle leaves orphans behind; with foreign keys on the cascade runs, and its loss wants to be accepted by name.',
  },
  {
    name: 'a DELETE whose cascade takes only rows of the same deploy along',
    migration: [
      "INSERT INTO parents VALUES (8, 'new')",
      'INSERT INTO children VALUES (8, 8)',
      'DELETE FROM parents WHERE id = 8',
    ],
    drizzle: 'applies',
    deploy: 'rows-lost',
    apply: 'applies-otherwise',
    reason:
      'drizzle leaves an orphan; here the cascade runs. The rehearsal counts the inserted row as missed, the unit alone does not: there are as many rows as before.',
  },
  {
    name: 'an UPDATE of a key that rows refer to',
    migration: ['UPDATE parents SET id = 9 WHERE id = 1'],
    drizzle: 'applies',
    deploy: 'rows-lost',
    apply: 'applies-otherwise',
    reason:
      'drizzle leaves orphans; here ON UPDATE CASCADE runs. Only a rehearsal sees that values changed: the unit alone counts rows and filled values.',
  },
  {
    name: 'a rebuild that leaves rows out',
    migration: [
      'CREATE TABLE `__new_children` (`id` integer PRIMARY KEY NOT NULL, `parent_id` integer REFERENCES parents(id))',
      'INSERT INTO `__new_children`("id", "parent_id") SELECT "id", "parent_id" FROM `children` WHERE "id" > 1',
      'DROP TABLE `children`',
      'ALTER TABLE `__new_children` RENAME TO `children`',
    ],
    drizzle: 'applies',
    deploy: 'rows-lost',
    apply: 'rows-lost',
    reason: 'No DELETE asks for the rows to go.',
  },
  {
    name: 'two statements in one chunk',
    migration: ["INSERT INTO parents VALUES (8, 'first'); INSERT INTO parents VALUES (9, 'second')"],
    drizzle: 'applies',
    deploy: 'applies-otherwise',
    apply: 'applies-otherwise',
    reason: 'On libSQL drizzle runs the first only and records the migration as done; here both run.',
  },
  {
    name: 'a chunk without a statement',
    migration: ["INSERT INTO parents VALUES (8, 'first')", '-- nothing more'],
    drizzle: 'fails',
    deploy: 'applies-otherwise',
    apply: 'applies-otherwise',
    reason: 'libSQL answers "not an error" to an empty statement; here it is left out.',
  },
];

export interface KnownDifference {
  readonly name: string;
  /** The chunks of the migration that is pending. */
  readonly migration: readonly string[];
  readonly drizzle: 'applies' | 'fails';
  /** The code of the refusal, or that it goes through with another result. */
  readonly deploy: Outcome;
  readonly apply: Outcome;
  readonly reason: string;
}

type Outcome = 'rehearsal-failed' | 'statement-failed' | 'rows-lost' | 'applies-otherwise';
