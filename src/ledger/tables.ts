import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** One row a run: who did what where, and how it ended. Times are milliseconds since 1970. */
export const runs = sqliteTable(
  'runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    /** Names the run beyond this ledger: what the lease row in the target carries. */
    key: text('key').notNull().unique(),
    operation: text('operation').notNull(),
    environment: text('environment').notNull(),
    /** JSON array of names. */
    databases: text('databases').notNull(),
    by: text('by').notNull(),
    host: text('host').notNull(),
    pid: integer('pid').notNull(),
    version: text('version').notNull(),
    git: text('git'),
    startedAt: integer('started_at').notNull(),
    finishedAt: integer('finished_at'),
    /** `done`, `failed`, `stopped`, `refused` or `rehearsed`; NULL while it runs, and for ever when it was cut off. */
    outcome: text('outcome'),
    exitCode: integer('exit_code'),
    message: text('message'),
    backup: text('backup'),
    /** Path of the plan that `dry-run` left for `deploy --plan`. */
    plan: text('plan'),
    planHash: text('plan_hash'),
    /** JSON: by, how, hash, at, and what was accepted with which reason. */
    confirmation: text('confirmation'),
  },
  (table) => [index('runs_environment_idx').on(table.environment)],
);

/** One row a unit: the intent is written before it begins, the outcome after it is known. */
export const units = sqliteTable(
  'units',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    run: integer('run')
      .notNull()
      .references(() => runs.id),
    database: text('database').notNull(),
    tag: text('tag').notNull(),
    hash: text('hash').notNull(),
    /** JSON array: SHA-256 of each statement, so that an edited file can be compared with what ran. */
    statementHashes: text('statement_hashes').notNull(),
    beganAt: integer('began_at').notNull(),
    endedAt: integer('ended_at'),
    /** `committed`, `undone` or `unknown`. */
    outcome: text('outcome'),
    took: integer('took'),
  },
  (table) => [index('units_run_idx').on(table.run), index('units_tag_idx').on(table.tag)],
);

/** What the last verify or drift question found per target; status shows it with its age. */
export const checks = sqliteTable(
  'checks',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    environment: text('environment').notNull(),
    database: text('database').notNull(),
    askedAt: integer('asked_at').notNull(),
    /** `equal` or `differs`. */
    result: text('result').notNull(),
  },
  (table) => [index('checks_target_idx').on(table.environment, table.database)],
);
