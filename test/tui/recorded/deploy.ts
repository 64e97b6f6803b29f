import type { Evidence } from '../../../src/operations/evidence/evidence.ts';
import type { RunEvent, RunEventBody } from '../../../src/operations/events.ts';
import type { MigrationReport, PlanReport } from '../../../src/operations/reports.ts';

/** The events of a deploy to production, as the command line prints them: the dry-run's run, then the deploy's. */
const tag = '0014_orders_due_date';

export const sql = [
  'PRAGMA foreign_keys = OFF',
  'CREATE TABLE __new_orders (id integer PRIMARY KEY, team_id integer NOT NULL, due_date text)',
  'INSERT INTO __new_orders SELECT id, team_id, created_at, NULL FROM orders',
  'DROP TABLE orders',
  'ALTER TABLE __new_orders RENAME TO orders',
  'PRAGMA foreign_keys = ON',
  "UPDATE orders SET due_date = date(created_at, '+30 days')",
  'CREATE INDEX orders_due_idx ON orders (due_date)',
  'DELETE FROM order_drafts WHERE order_id IS NULL',
  'CREATE TABLE order_terms (days integer PRIMARY KEY, label text NOT NULL)',
  "INSERT INTO order_terms VALUES (30, 'net 30')",
  'CREATE INDEX order_terms_days ON order_terms (days)',
];

const expected = [0.1, 0.4, 2000, 9, 2, 0.1, 2400, 410, 12, 1, 1, 1];

export const evidence: Evidence = {
  rows: 'backup',
  database: 'app',
  backup: 'b41',
  rehearsal: 'full',
  before: { fingerprint: '7c1e09', history: 'aa' },
  after: { fingerprint: '4be1c2', history: 'bb' },
  migrations: [
    {
      tag,
      hash: 'h14',
      foreignKeys: 'off',
      took: 6400,
      statements: expected.map((took, index) => ({ number: index + 1, took, fingerprint: `f${index}` })),
    },
  ],
  tables: [
    {
      table: 'order_drafts',
      rowsBefore: 1040,
      rowsAfter: 728,
      causes: [{ tag, statement: 9, verb: 'delete', sql: sql[8] ?? '' }],
      columns: [],
    },
    {
      table: 'orders',
      rowsBefore: 48_210,
      rowsAfter: 48_210,
      causes: [{ tag, statement: 7, verb: 'update', sql: sql[6] ?? '' }],
      columns: [{ column: 'due_date', nonNullAfter: 48_210, values: 'added' }],
    },
    {
      table: 'order_terms',
      rowsAfter: 6,
      causes: [{ tag, statement: 10, verb: 'create', sql: sql[9] ?? '' }],
      columns: [],
    },
  ],
  unchangedTables: { count: 11, rows: 1_154_868 },
  losses: [],
  violations: { before: [], added: [] },
};

export const plan: PlanReport = {
  schemaVersion: 1,
  kind: 'plan',
  environment: 'production',
  protected: true,
  rehearse: 'full',
  databases: [
    {
      database: 'app',
      engine: 'libsql-file',
      location: 'file:production.db',
      exists: true,
      size: 432_013_312,
      migrations: [
        {
          tag,
          hash: 'h14',
          statements: 12,
          foreignKeys: 'off',
          elsewhere: [{ environment: 'staging', at: '2026-11-18T13:40:00Z', took: 5900 }],
        },
      ],
      waiting: [
        { tag: '0015_invoice_totals', why: 'on staging for 3 h of 24 h, may run from 21 Nov 11:02 UTC' },
        { tag: '0016_drop_legacy_notes', why: 'on staging for 3 h of 24 h, may run from 21 Nov 11:02 UTC' },
      ],
    },
  ],
  findings: [
    {
      rule: 'delete-rows',
      severity: 'warning',
      database: 'app',
      tag,
      statement: 9,
      line: 31,
      message: 'destroys rows',
      fix: 'Keep them in order_drafts_old for one release, then delete.',
    },
    {
      rule: 'table-rebuild',
      severity: 'info',
      database: 'app',
      tag,
      statement: 1,
      line: 1,
      message: 'rebuilds orders',
      fix: 'Foreign keys are off meanwhile and checked before the commit.',
    },
  ],
  refusals: [],
  warnings: [],
};

export const rehearsedPlan: PlanReport = {
  ...plan,
  evidence: [evidence],
  hash: '9ad0c4e117aa0017',
  rehearsedAt: '2026-11-20T14:02:19Z',
};

export const migration: MigrationReport = {
  schemaVersion: 1,
  kind: 'migration',
  database: 'app',
  tag,
  hash: 'h14',
  file: 'drizzle/0014_orders_due_date.sql',
  statements: sql.map((text, index) => ({ number: index + 1, line: index * 2 + 1, sql: text })),
  companions: {},
  findings: plan.findings,
  environments: [],
};

export const dryRun: readonly RunEvent[] = [
  at(
    40,
    '14:02:11',
    started('dry-run', [
      { step: 'backup', database: 'app', label: 'back up, read back' },
      { step: 'dry-run', database: 'app', label: 'restore the backup and run the plan on its rows' },
    ]),
  ),
  at(40, '14:02:11', stepStarted('backup', 'ctrl-c leaves production as it is: it was only read')),
  at(40, '14:02:12', {
    kind: 'progress',
    step: 'backup',
    database: 'app',
    done: 247_463_936,
    total: 432_013_312,
    unit: 'bytes',
    what: '',
  }),
  at(40, '14:02:13', {
    kind: 'step-finished',
    step: 'backup',
    database: 'app',
    took: 1900,
    backup: 'b41',
    says: 'b41, 412 MiB, 13 tables, 1,204,118 rows, checksum read back',
  }),
  at(
    40,
    '14:02:13',
    stepStarted('dry-run', 'ctrl-c leaves production as it is: the dry-run works on a copy'),
  ),
  at(40, '14:02:19', {
    kind: 'step-finished',
    step: 'dry-run',
    database: 'app',
    took: 6200,
    evidence,
    says: 'b41 restored, 1 migration in 6.4 s, order_drafts -312 rows, asked for, 0 new violations',
  }),
  at(40, '14:02:19', { kind: 'rehearsed', plan: '/tmp/plan-40.json', hash: '9ad0c4e117aa0017', losses: [] }),
  at(40, '14:02:19', {
    kind: 'done',
    exitCode: 0,
    message: 'The plan can be deployed.',
    applied: [],
    backup: 'b41',
    took: 8100,
  }),
];

export const deployBegun: readonly RunEvent[] = [
  at(
    41,
    '14:02:40',
    started('deploy', [
      { step: 'lock', database: 'app', label: 'take the lock' },
      { step: 'migrate', database: 'app', tag, statements: 12, label: tag },
      { step: 'verify', database: 'app', label: 'schema, rows, foreign keys, integrity' },
    ]),
  ),
  at(41, '14:02:40', { kind: 'confirmed', by: 'mira', how: 'typed', hash: '9ad0c4e117aa0017' }),
  at(41, '14:02:40', stepStarted('lock', 'ctrl-c leaves production as it is')),
  at(41, '14:02:40', {
    kind: 'step-finished',
    step: 'lock',
    database: 'app',
    took: 4,
    says: 'held by run 41',
  }),
  at(41, '14:02:40.2', {
    kind: 'step-started',
    step: 'migrate',
    database: 'app',
    tag,
    statements: 12,
    expected: 6400,
    stopping: 'ctrl-c undoes 0014 in full: it is one transaction, and none of it stays',
  }),
  ...[0.1, 0.4, 2000, 11, 2, 0.1].flatMap((took, index) => done(index + 1, took)),
  at(41, '14:02:42.3', statement(7, 'begun')),
];

export const deployDone: readonly RunEvent[] = [
  ...deployBegun,
  at(41, '14:02:44.9', { ...statement(7, 'done'), took: 2600 }),
  ...[430, 12, 1, 1, 1].flatMap((took, index) => done(index + 8, took)),
  at(41, '14:02:47', {
    kind: 'step-finished',
    step: 'migrate',
    database: 'app',
    tag,
    took: 6900,
    says: '12 of 12 statements, recorded',
  }),
  at(41, '14:02:47', stepStarted('verify', 'ctrl-c leaves 0014 applied and not verified')),
  at(41, '14:02:48', {
    kind: 'step-finished',
    step: 'verify',
    database: 'app',
    took: 1100,
    says: '4 of 4 proven',
    checks: [
      { database: 'app', check: 'schema', state: 'proven', says: "equals the dry-run's, 4be1…c2" },
      { database: 'app', check: 'foreign-keys', state: 'proven', says: '0 new in 14 tables' },
      { database: 'app', check: 'integrity', state: 'proven', says: 'ok' },
      { database: 'app', check: 'rows', state: 'proven', says: 'as the dry-run said' },
    ],
    rows: [
      { table: 'orders', before: 48_210, after: 48_210 },
      { table: 'order_drafts', before: 1040, after: 728 },
      { table: 'order_terms', before: undefined, after: 6 },
    ],
  }),
  at(41, '14:02:48', {
    kind: 'done',
    exitCode: 0,
    message: 'production is at 0014.',
    applied: [{ database: 'app', tag }],
    backup: 'b41',
    took: 16_100,
  }),
];

/** As a remote server takes it: all statements begin at once, and none has a time of its own. */
export const sentAsOneBegun: readonly RunEvent[] = [
  ...deployBegun.filter(({ kind }) => kind !== 'statement'),
  ...sql.map((_sql, index) => at(41, '14:02:40.3', begun(index + 1))),
];

export const sentAsOneDone: readonly RunEvent[] = [
  ...sentAsOneBegun,
  ...sql.map((_sql, index) => at(41, '14:02:44.9', { ...begun(index + 1), phase: 'done' })),
  ...deployDone.slice(
    deployDone.findIndex(({ kind, ...event }) => kind === 'step-finished' && 'tag' in event),
  ),
];

export const deployFailed: readonly RunEvent[] = [
  at(42, '14:31:00', {
    ...started('deploy', [
      { step: 'lock', database: 'app', label: 'take the lock' },
      { step: 'migrate', database: 'app', tag: '0017_team_slugs', statements: 2, label: '0017_team_slugs' },
      { step: 'migrate', database: 'app', tag: '0018_slug_unique', statements: 5, label: '0018_slug_unique' },
      { step: 'migrate', database: 'app', tag: '0019_slug_index', statements: 1, label: '0019_slug_index' },
      { step: 'verify', database: 'app', label: 'schema, rows, foreign keys, integrity' },
    ]),
    environment: 'staging',
    protected: false,
  }),
  at(42, '14:31:07', { kind: 'confirmed', by: 'mira', how: 'flag', hash: 'abcd' }),
  at(42, '14:31:07', {
    kind: 'step-started',
    step: 'migrate',
    database: 'app',
    tag: '0017_team_slugs',
    statements: 2,
    stopping: 'ctrl-c undoes 0017 in full',
  }),
  at(42, '14:31:08', {
    kind: 'step-finished',
    step: 'migrate',
    database: 'app',
    tag: '0017_team_slugs',
    took: 64,
    says: '2 statements, recorded',
  }),
  at(42, '14:31:08', {
    kind: 'step-started',
    step: 'migrate',
    database: 'app',
    tag: '0018_slug_unique',
    statements: 5,
    stopping: 'ctrl-c undoes 0018 in full',
  }),
  at(42, '14:31:08', {
    kind: 'step-failed',
    step: 'migrate',
    database: 'app',
    tag: '0018_slug_unique',
    statement: 3,
    code: 'statement-failed',
    message: 'UNIQUE constraint failed: teams.slug',
    took: 12,
  }),
  at(42, '14:31:08', {
    kind: 'failed',
    exitCode: 5,
    code: 'stopped-part-way',
    message:
      'staging stopped at 0018_slug_unique, statement 3 of 5. 0017_team_slugs is applied and stays; 0018_slug_unique was undone in full.',
    next: 'Make the slugs differ, then deploy 0018 and 0019 with: migrate-tui deploy staging',
    applied: [{ database: 'app', tag: '0017_team_slugs' }],
    failed: { database: 'app', tag: '0018_slug_unique' },
    notBegun: [{ database: 'app', tag: '0019_slug_index' }],
  }),
];

function begun(number: number): Extract<RunEventBody, { kind: 'statement' }> {
  return { kind: 'statement', step: 'migrate', database: 'app', tag, number, of: sql.length, phase: 'begun' };
}

export function at(run: number, time: string, body: RunEventBody): RunEvent {
  return { schemaVersion: 1, run, at: `2026-11-20T${time}${time.includes('.') ? '00' : '.000'}Z`, ...body };
}

function started(
  operation: 'dry-run' | 'deploy',
  steps: Extract<RunEventBody, { kind: 'started' }>['steps'],
) {
  return {
    kind: 'started' as const,
    operation,
    environment: 'production',
    protected: true,
    databases: ['app'],
    steps,
    by: 'mira',
    host: 'kestrel',
    version: '0.1.0',
    git: '7fe20d1',
  };
}

function stepStarted(step: 'backup' | 'dry-run' | 'lock' | 'verify', stopping: string) {
  return { kind: 'step-started' as const, step, database: 'app', stopping };
}

function statement(number: number, phase: 'begun' | 'done') {
  return {
    kind: 'statement' as const,
    step: 'migrate' as const,
    database: 'app',
    tag,
    number,
    of: 12,
    phase,
    expected: expected[number - 1] ?? 0,
  };
}

function done(number: number, took: number): readonly RunEvent[] {
  return [
    at(41, '14:02:41', statement(number, 'begun')),
    at(41, '14:02:41', { ...statement(number, 'done'), took }),
  ];
}
