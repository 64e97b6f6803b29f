import type { RunEvent } from '../../../src/operations/events.ts';
import type {
  Finding,
  RecoveryCase,
  RecoveryOption,
  RecoveryReport,
} from '../../../src/operations/reports.ts';
import type { ChosenWay } from '../../../src/tui/screen.ts';
import { at, evidence, sql } from './deploy.ts';

const tag = '0014_orders_due_date';

export const resume: RecoveryOption = {
  id: 'resume',
  recommended: true,
  allowed: true,
  why: 'Only the rename is left of the rebuild, and its rows are checked. Runs statements 5 to 12.',
  statements: sql.slice(4),
};

export const restore: RecoveryOption = {
  id: 'restore',
  recommended: false,
  allowed: true,
  why: 'Last resort: loses 94 orders, 12 users written since 19 Nov 22:00 UTC.',
};

const startOver: RecoveryOption = {
  id: 'start-over',
  recommended: false,
  allowed: false,
  why: 'DROP TABLE has no inverse, the old table is only in b38.',
};

const rollbackFile: RecoveryOption = {
  id: 'undo',
  recommended: false,
  allowed: false,
  why: '0014 has no rollback file.',
};

/** A rebuild that another tool left after its DROP TABLE. */
export const halfRebuild: RecoveryCase = {
  situation: 'stopped',
  database: 'app',
  tag,
  verdict: 'stopped after statement 4 of 12',
  after: 4,
  of: 12,
  evidence: [
    'Seen of statement 4: table orders does not exist.',
    'Not seen of statement 5: table __new_orders is still there.',
    'Nobody is connected, no lease is held.',
  ],
  meaning: [
    'All rows of orders are in __new_orders, a table with another name.',
    'What reads orders fails until then.',
  ],
  statements: sql.map((text, index) => ({
    number: index + 1,
    line: index * 2 + 1,
    sql: text,
    state: index < 4 ? 'ran' : 'did-not-run',
  })),
  options: [resume, restore, startOver, rollbackFile],
};

/** A file that was sent statement by statement by a run of ours, and failed at a statement. */
export const failedRun: RecoveryCase = {
  ...halfRebuild,
  tag: '0018_slug_unique',
  verdict: 'stopped after statement 1 of 2',
  after: 1,
  of: 2,
  attempt: {
    run: 42,
    operation: 'deploy',
    by: 'mira',
    host: 'kestrel',
    at: '2026-11-20T13:45:00Z',
    outcome: 'cut-off',
    statement: 2,
    error: 'UNIQUE constraint failed: teams.slug',
  },
  evidence: [
    'Run 42 (deploy) of mira@kestrel began it 20 Nov 2026 13:45 UTC and recorded no outcome.',
    'Its error: UNIQUE constraint failed: teams.slug.',
    'The ledger and the schema contradict each other: run 42 would have left all of it or nothing.',
  ],
  statements: [
    { number: 1, line: 1, sql: 'ALTER TABLE teams ADD slug text', state: 'ran' },
    {
      number: 2,
      line: 3,
      sql: 'CREATE UNIQUE INDEX teams_slug_idx\n  ON teams (slug)',
      state: 'did-not-run',
    },
  ],
};

export function unrecorded(name: string): RecoveryCase {
  return {
    situation: 'unrecorded',
    database: 'app',
    tag: name,
    verdict: 'finished, not recorded',
    evidence: ['No change of the schema that it makes is missing.'],
    meaning: ['All of it is there. Only its record is missing.'],
    options: [
      {
        id: 'record',
        recommended: true,
        allowed: true,
        why: 'All of it is there: adds its record. No statement is run.',
      },
    ],
  };
}

/** Every change of the schema is there, and whether the rows were changed nobody knows. */
export const unproven: RecoveryCase = {
  ...unrecorded('0015_invoice_totals'),
  situation: 'schema-complete',
  verdict: 'schema complete, data unproven',
};

const targets: RecoveryReport['targets'] = [
  { database: 'app', location: 'dev.db', changedAt: '2026-11-20T11:07:00Z' },
];

export function reportOf(...cases: readonly RecoveryCase[]): RecoveryReport {
  return { schemaVersion: 1, kind: 'recovery', environment: 'dev', targets, cases };
}

export function wayOf(
  option: RecoveryOption,
  { found = halfRebuild, takes = 'the-only-one' }: Partial<Omit<ChosenWay, 'option'>> = {},
): ChosenWay {
  return { found, option, takes };
}

/** What `recover dev --choose resume` tells where nobody agreed to it: a rehearsal. */
export function rehearsalOfWay({
  findings = [],
  losses = [],
  destroys = false,
}: {
  readonly findings?: readonly Finding[];
  readonly losses?: (typeof evidence)['losses'];
  readonly destroys?: boolean;
} = {}): readonly RunEvent[] {
  const shown = { ...evidence, losses, tables: destroys ? evidence.tables : [] };
  return [
    at(50, '14:02:11', {
      kind: 'started',
      operation: 'recover',
      environment: 'dev',
      protected: false,
      databases: ['app'],
      steps: [
        { step: 'backup', database: 'app', label: 'a backup' },
        { step: 'dry-run', database: 'app', label: 'on a copy' },
        { step: 'migrate', database: 'app', tag, statements: 8, label: tag },
        { step: 'verify', database: 'app', label: 'schema, rows' },
      ],
      by: 'mira',
      host: 'kestrel',
      version: '0.1.0',
      git: undefined,
    }),
    at(50, '14:02:12', {
      kind: 'step-finished',
      step: 'backup',
      database: 'app',
      took: 300,
      says: 'b1, 6.5 MiB',
      backup: 'b1',
    }),
    at(50, '14:02:14', {
      kind: 'step-finished',
      step: 'dry-run',
      database: 'app',
      took: 2000,
      says: 'b1 restored, 1 migration in 400 ms',
      evidence: shown,
    }),
    at(50, '14:02:14', {
      kind: 'rehearsed',
      plan: '/plans/50-dev.json',
      hash: 'c0ffee0012345678',
      losses: [],
      findings,
    }),
    at(50, '14:02:14', {
      kind: 'failed',
      exitCode: 4,
      code: 'not-confirmed',
      message: '1 migration would be written to dev; nobody agreed to that. Nothing was changed.',
      next: 'Run: migrate-tui recover dev --choose resume --database app --yes',
      applied: [],
      failed: undefined,
      notBegun: [],
      hash: 'c0ffee0012345678',
    }),
  ];
}
