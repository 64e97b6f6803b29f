import type { SquashEnvironment, SquashReport } from '../../../src/operations/squash/report.ts';

/** Eleven files into one, proven, in four environments. */
export const possible: SquashReport = {
  schemaVersion: 1,
  kind: 'squash',
  state: 'possible',
  database: 'app',
  folder: 'drizzle',
  archive: 'drizzle.squashed',
  migrations: Array.from({ length: 11 }, (_, index) => ({
    tag: `${String(index).padStart(4, '0')}_step`,
    hash: `hash-${index}`,
  })),
  baseline: {
    tag: '0010_step',
    file: 'drizzle/0010_step.sql',
    hash: 'hash',
    sql: "-- Stands for 11 migrations.\nCREATE TABLE countries (code TEXT);\n--> statement-breakpoint\nINSERT INTO countries VALUES ('NL');\n",
    statements: 20,
    fingerprint: '4be1a0c2',
    rows: [{ table: 'countries', rows: 24 }],
    custom: [
      { type: 'trigger', name: 'orders_touch' },
      { type: 'view', name: 'open_orders' },
    ],
  },
  proof: [
    { check: 'git', state: 'proven', says: 'the migration folder is committed' },
    { check: 'repeatable', state: 'proven', says: 'the history gives the same rows each time it runs' },
    { check: 'schema', state: 'proven', says: 'both built apart: 46 objects, fingerprint 4be1a0c2' },
    { check: 'rows', state: 'proven', says: '24 rows that migrations insert: countries 24' },
    {
      check: 'generate',
      state: 'not-possible',
      says: 'drizzle-kit is not installed in /project or above it',
    },
  ],
  environments: ['local', 'dev', 'staging', 'production'].map((environment) => ({
    environment,
    protected: environment === 'production',
    state: 'ready',
    at: '0016_drop_legacy_notes',
    records: 11,
    says: 'nothing to write; tidying 11 records into 1 has its own review',
  })),
  changing: [],
  refusals: [],
  otherRefusals: [],
  next: 'Nothing was written. Add --yes to write it: migrate-tui squash --yes',
};

export const silent: SquashEnvironment = {
  environment: 'staging',
  protected: false,
  state: 'unreachable',
  says: 'staging.example refused the connection',
  refusal:
    'staging did not answer: staging.example refused the connection. Read it again, or leave it out by name: --leave-out staging.',
};

export const behind: SquashEnvironment = {
  environment: 'dev',
  protected: false,
  state: 'behind',
  at: '0007_step',
  missing: '0008_step',
  says: '0008_step and 2 more of these did not run there: migrate-tui deploy dev',
  refusal:
    'dev is at 0007_step, inside the range: 0008_step and 2 more of these did not run there: migrate-tui deploy dev',
};

/** The same while some environments hold it up. */
export function heldBy(...held: readonly SquashEnvironment[]): SquashReport {
  const names = new Map(held.map((one) => [one.environment, one]));
  return {
    ...possible,
    state: 'refused',
    environments: possible.environments.map((one) => names.get(one.environment) ?? one),
    refusals: held.flatMap(({ refusal }) => refusal ?? []),
    next: 'Nothing was written. Once that is put right, run it again.',
  };
}
