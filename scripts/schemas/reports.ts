import type {
  BackupSummary,
  BackupsReport,
  CheckFinding,
  CheckReport,
  CheckedDatabase,
  ConfirmedRun,
  DoctorReport,
  IncidentReport,
  ItemState,
  LockReport,
  MigrationReport,
  NotRewritten,
  PlanReport,
  PlannedMigration,
  QueryReport,
  DriftObject,
  DriftReport,
  DriftTableReport,
  DriftTableTarget,
  IgnoredDrift,
  RecoveryAttempt,
  RecoveryCase,
  RecoveryOnly,
  RecoveryOption,
  RecoveryTarget,
  RecoveryReport,
  RecoveryStatement,
  RewrittenMigration,
  RunReport,
  RunSummary,
  RunsReport,
  SchemaReport,
  StatusDatabase,
  StatusDrift,
  StatusEnvironment,
  StatusItem,
  StatusOpening,
  StatusReport,
  StatusTarget,
  UnreadableBackup,
  VerifyReport,
} from '../../src/operations/reports.ts';
import { meanings, themeNames, type ThemeChoice } from '../../src/lib/theme-choice.ts';
import { evidence, event, finding, operation, verifyCheck } from './events.ts';
import {
  anything,
  array,
  named,
  number,
  object,
  one,
  oneOf,
  optional,
  text,
  time,
  truth,
  type Schema,
} from './schema.ts';
import { objectTypes } from '../../src/sql/object-types.ts';

const itemState: Schema<ItemState> = oneOf(
  'applied',
  'pending',
  'skipped',
  'changed',
  'orphan',
  'half',
  'unrecorded',
  'squashed',
);

const statusDatabase = named(
  'database',
  object<StatusDatabase>({
    name: text(),
    format: text(),
    bookkeeping: text(),
    directory: text('Relative to the project where it can be.'),
    migrations: array(
      object<StatusDatabase['migrations'][number]>({
        tag: text(),
        hash: text(),
        statements: number(),
        rollback: optional(number('Statements of its rollback file; absent: it has none.')),
      }),
    ),
    notes: array(text()),
  }),
);

const statusTarget = object<StatusTarget>({
  database: text(),
  engine: text(),
  location: text('Without credentials.'),
  state: array(oneOf('half-finished', 'unreachable', 'drifted', 'behind', 'current')),
  error: optional(
    object<NonNullable<StatusTarget['error']>>({ code: text(), message: text(), next: optional(text()) }),
  ),
  driftAskedAt: optional(time()),
  drift: optional(
    object<StatusDrift>({
      state: oneOf('equal', 'differs', 'not-replayed'),
      objects: optional(number('How many differ.')),
      ignored: optional(number('How many more the configuration lets differ.')),
      why: optional(text('Why its migrations give nothing to compare with.')),
    }),
  ),
  applied: number(),
  pending: number(),
  items: array(
    object<StatusItem>({
      tag: text(),
      state: itemState,
      appliedAt: optional(time()),
      after: optional(number('For `half`: the statement after which it stopped.')),
      of: optional(number()),
      hash: optional(text()),
    }),
  ),
  lock: optional(
    object<LockReport>({
      held: oneOf('live', 'expired'),
      run: text(),
      by: text(),
      host: text(),
      since: time(),
      tag: optional(text()),
    }),
  ),
  says: array(text()),
});

const statusEnvironment = object<StatusEnvironment>({
  name: text(),
  protected: truth(),
  readOnly: truth(),
  changesFrom: optional(one('ci')),
  targets: array(statusTarget),
});

export const status = object<StatusReport>({
  schemaVersion: one(1),
  kind: one('status'),
  databases: array(statusDatabase),
  environments: array(statusEnvironment),
});

const committed = object<RunSummary['applied'][number]>({
  database: text(),
  tag: text(),
  statements: number(),
  took: number('Milliseconds.'),
});

const runSummary = named(
  'runSummary',
  object<RunSummary>({
    run: number(),
    operation,
    environment: text(),
    databases: array(text()),
    startedAt: time(),
    finishedAt: optional(time()),
    outcome: oneOf('running', 'done', 'failed', 'stopped', 'refused', 'rehearsed', 'cut-off'),
    exitCode: optional(number()),
    by: text(),
    host: text(),
    version: text(),
    git: optional(text()),
    applied: array(committed),
    undone: optional(array(committed)),
    inside: optional(object<NonNullable<RunSummary['inside']>>({ database: text(), tag: text() })),
    backup: optional(text()),
    confirmed: optional(
      object<ConfirmedRun>({
        by: text(),
        how: text(),
        hash: text('Of what was agreed to.'),
        at: time(),
        accepted: optional(array(text('What was let through by name.'))),
        reason: optional(text('In the words of whoever agreed.')),
      }),
    ),
    message: optional(text()),
  }),
);

export const statusOpening = object<StatusOpening>({
  schemaVersion: one(1),
  kind: one('status-opening'),
  project: text(),
  root: text(),
  branch: optional(text()),
  configFile: optional(text()),
  sources: array(object<StatusOpening['sources'][number]>({ file: text(), says: text() })),
  notes: array(text()),
  databases: array(statusDatabase),
  environments: array(
    object<StatusOpening['environments'][number]>({
      name: text(),
      protected: truth(),
      readOnly: truth(),
      targets: array(
        object<StatusOpening['environments'][number]['targets'][number]>({
          database: text(),
          location: text(),
        }),
      ),
    }),
  ),
  unfinished: array(runSummary),
  theme: optional(
    object<ThemeChoice>({
      name: oneOf(...themeNames),
      looks: array(
        object<ThemeChoice['looks'][number]>({
          meaning: oneOf(...meanings),
          look: text('One colour and any number of weights: `bold blueBright`; or `plain`.'),
        }),
      ),
    }),
  ),
});

const plannedMigration = object<PlannedMigration>({
  tag: text(),
  hash: text(),
  statements: number(),
  foreignKeys: oneOf('on', 'off'),
  steps: optional(
    array(
      object<NonNullable<PlannedMigration['steps']>[number]>({
        first: number('From 1.'),
        last: number(),
        alone: optional(text('The statement that runs by itself, outside of a transaction.')),
      }),
    ),
  ),
  elsewhere: array(
    object<PlannedMigration['elsewhere'][number]>({
      environment: text(),
      at: optional(time()),
      took: optional(number('Milliseconds.')),
    }),
  ),
});

export const plan = object<PlanReport>({
  schemaVersion: one(1),
  kind: one('plan'),
  environment: text(),
  protected: truth(),
  rehearse: oneOf('full', 'in-target', 'structure'),
  databases: array(
    object<PlanReport['databases'][number]>({
      database: text(),
      engine: text(),
      location: text(),
      exists: truth(),
      size: optional(number('Bytes.')),
      migrations: array(plannedMigration),
      waiting: array(
        object<PlanReport['databases'][number]['waiting'][number]>({ tag: text(), why: text() }),
      ),
    }),
  ),
  findings: array(finding),
  refusals: array(
    object<PlanReport['refusals'][number]>({ code: text(), message: text(), next: optional(text()) }),
  ),
  warnings: array(text()),
  copiesRows: optional(
    object<NonNullable<PlanReport['copiesRows']>>({
      first: truth(),
      tables: number(),
      bytes: optional(number('Bytes.')),
      says: text(),
    }),
  ),
  evidence: optional(array(evidence)),
  hash: optional(text()),
  rehearsedAt: optional(time()),
});

export const migration = object<MigrationReport>({
  schemaVersion: one(1),
  kind: one('migration'),
  database: text(),
  tag: text(),
  hash: text(),
  file: text(),
  statements: array(
    object<MigrationReport['statements'][number]>({ number: number(), line: number(), sql: text() }),
  ),
  companions: object<MigrationReport['companions']>({ rollback: optional(text()), verify: optional(text()) }),
  findings: array(finding),
  environments: array(
    object<MigrationReport['environments'][number]>({
      environment: text(),
      state: oneOf(
        'applied',
        'pending',
        'skipped',
        'changed',
        'orphan',
        'half',
        'unrecorded',
        'squashed',
        'unreachable',
      ),
      appliedAt: optional(time()),
      took: optional(number('Milliseconds.')),
    }),
  ),
  rewritten: optional(
    object<RewrittenMigration>({
      environment: text('Whose schema it was written for.'),
      text: text('The whole file.'),
      keeps: array(object<RewrittenMigration['keeps'][number]>({ table: text(), why: text() })),
      written: optional(
        object<NonNullable<RewrittenMigration['written']>>({
          before: text('The file that holds the text of before; relative to the project where it can be.'),
        }),
      ),
    }),
  ),
  notRewritten: optional(
    object<NotRewritten>({
      environment: text(),
      reason: oneOf('not-needed', 'not-possible'),
      why: text(),
    }),
  ),
});

const backup = object<BackupSummary>({
  id: text('Such as b41.'),
  environment: text(),
  takenAt: time(),
  size: number('Bytes of all its databases.'),
  path: text(),
  encrypted: optional(
    object<NonNullable<BackupSummary['encrypted']>>({
      key: text('Fingerprint of the key.'),
      is: oneOf('here', 'not-here'),
    }),
  ),
  databases: array(
    object<BackupSummary['databases'][number]>({
      database: text(),
      location: text(),
      tags: array(text()),
      tables: number(),
      rows: number(),
      fingerprint: text(),
      sha256: optional(text()),
      position: optional(text('Place in the history that the server keeps.')),
      retention: optional(text()),
      archive: optional(
        object<NonNullable<BackupSummary['databases'][number]['archive']>>({
          sql: text('Path of what the server wrote out as SQL.'),
          loaded: text('Path of the SQLite file that it was loaded into.'),
          bytes: number('Bytes of both.'),
          loadsInto: oneOf('d1', 'sqlite'),
          moment: oneOf('one', 'several'),
        }),
      ),
    }),
  ),
  partial: optional(array(text('The only tables it holds.'))),
  proof: oneOf('proven', 'read-back', 'damaged', 'kept-by-server'),
  keptUntil: optional(time()),
});

export const backups = object<BackupsReport>({
  schemaVersion: one(1),
  kind: one('backups'),
  backups: array(backup),
  unreadable: optional(
    array(
      object<UnreadableBackup>({
        id: text('Such as b41.'),
        says: text('Why its manifest cannot be read, with the path.'),
        next: optional(text()),
      }),
    ),
  ),
});

export const verify = object<VerifyReport>({
  schemaVersion: one(1),
  kind: one('verify'),
  environment: text(),
  equal: truth('No check differs; what could not be checked has the state not-possible.'),
  checks: array(verifyCheck),
});

export const recovery = object<RecoveryReport>({
  schemaVersion: one(1),
  kind: one('recovery'),
  environment: text(),
  only: optional(
    object<RecoveryOnly>({
      tag: text('The one that was asked about, with --only.'),
      others: number('Cases that are about something else.'),
    }),
  ),
  targets: array(
    object<RecoveryTarget>({
      database: text(),
      location: text('Where it is, for people.'),
      changedAt: optional(time()),
      remark: optional(text('What the answers came from, where that was not the database alone.')),
      lead: optional(
        text('Where no migration is recorded and some are there: what settles all cases of it at once.'),
      ),
    }),
  ),
  cases: array(
    object<RecoveryCase>({
      situation: oneOf(
        'not-started',
        'stopped',
        'one-of',
        'schema-complete',
        'unrecorded',
        'recorded-not-there',
        'undecided',
        'cannot-replay',
        'running-elsewhere',
        'session-left',
        'renamed-records',
        'recorded-by-drizzle-only',
        'recorded-by-number-only',
        'recorded-by-wrangler-only',
        'skipped',
        'changed',
        'orphans',
        'regenerated-folder',
        'duplicate-records',
        'nameless-records',
        'half-without-file',
        'half-taken-back',
        'left-lock',
        'left-tables',
      ),
      database: text(),
      tag: text('The first migration or record that it is about; for a lock the name of its run.'),
      verdict: text('In words that stand behind the tag and a colon.'),
      after: optional(number('Statements that are there.')),
      of: optional(number('Statements that it has.')),
      evidence: array(text()),
      meaning: optional(array(text('What it means for those who use the database.'))),
      statements: optional(
        array(
          object<RecoveryStatement>({
            number: number('From 1.'),
            line: number('In the file, from 1.'),
            sql: text(),
            state: oneOf('ran', 'did-not-run', 'not-known'),
          }),
        ),
      ),
      attempt: optional(
        object<RecoveryAttempt>({
          run: number(),
          operation: text(),
          by: text(),
          host: text(),
          at: time(),
          outcome: oneOf('committed', 'undone', 'half', 'unknown', 'cut-off'),
          statement: optional(number('At which it failed, from 1.')),
          error: optional(text('Without row values.')),
        }),
      ),
      options: array(
        object<RecoveryOption>({
          id: text('For --choose.'),
          recommended: truth(),
          allowed: truth(),
          why: text('What it does, or why not.'),
          statements: optional(array(text('What it runs, in order.'))),
        }),
      ),
    }),
  ),
});

const objectType = oneOf(...objectTypes);
const objectChange = oneOf('added', 'removed', 'changed');

export const drift = object<DriftReport>({
  schemaVersion: one(1),
  kind: one('drift'),
  equal: truth(),
  left: text('What is compared with, for people.'),
  right: text(),
  environment: text(),
  databases: array(
    object<DriftReport['databases'][number]>({
      database: text(),
      left: text('Fingerprint.'),
      right: text('Fingerprint.'),
      same: number('Objects that mean the same in both.'),
    }),
  ),
  objects: array(
    object<DriftObject>({
      database: text(),
      type: objectType,
      name: text(),
      change: objectChange,
      left: optional(text('Its text in one house style.')),
      right: optional(text()),
      cause: optional(text('A guess.')),
      lines: optional(array(text('After a space, - (left) or + (right).'))),
    }),
  ),
  ignored: array(
    object<IgnoredDrift>({
      database: text(),
      type: objectType,
      name: text(),
      change: objectChange,
      reason: text('As the configuration gives it.'),
    }),
  ),
  resync: optional(
    text('The command that gives the right one what the left one has, where that may be done.'),
  ),
  draft: optional(
    array(object<NonNullable<DriftReport['draft']>[number]>({ database: text(), statements: array(text()) })),
  ),
});

export const driftTable = object<DriftTableReport>({
  schemaVersion: one(1),
  kind: one('drift-all'),
  environments: array(
    object<DriftTableReport['environments'][number]>({
      environment: text(),
      targets: array(
        object<DriftTableTarget>({
          database: text(),
          state: oneOf('equal', 'differs', 'missing', 'not-replayed', 'unreachable'),
          fingerprint: optional(text()),
          objects: optional(number('How many differ.')),
          ignored: optional(number('How many differ and may.')),
          at: optional(text('The newest applied migration.')),
          why: optional(text()),
        }),
      ),
    }),
  ),
});

export const schema = object<SchemaReport>({
  schemaVersion: one(1),
  kind: one('schema'),
  environment: text(),
  databases: array(
    object<SchemaReport['databases'][number]>({
      database: text(),
      fingerprint: text(),
      objects: number(),
      text: text('Loads into an empty database.'),
    }),
  ),
});

export const incidentReport = object<IncidentReport>({
  schemaVersion: one(1),
  kind: one('incident-report'),
  environment: text(),
  run: optional(number('The run that it is about.')),
  at: time(),
  cases: number('What recover finds now.'),
  notRead: array(text('A database that could not be asked.')),
  markdown: text('The whole page.'),
});

export const runs = object<RunsReport>({ schemaVersion: one(1), kind: one('runs'), runs: array(runSummary) });

export const run = object<RunReport>({
  schemaVersion: one(1),
  kind: one('run'),
  summary: runSummary,
  events: array(named('event', event)),
  log: optional(text('Path of the command log.')),
});

export const query = object<QueryReport>({
  schemaVersion: one(1),
  kind: one('query'),
  environment: text(),
  database: text(),
  columns: array(text()),
  rows: array(array(anything('A value. Integers beyond 2^53 are strings, blobs are objects with `base64`.'))),
  truncated: truth(),
});

export const doctor = object<DoctorReport>({
  schemaVersion: one(1),
  kind: one('doctor'),
  checks: array(
    object<DoctorReport['checks'][number]>({
      check: text(),
      state: oneOf('ok', 'warning', 'problem'),
      says: text(),
      next: optional(text()),
    }),
  ),
});

export const check = object<CheckReport>({
  schemaVersion: one(1),
  kind: one('check'),
  databases: array(
    object<CheckedDatabase>({
      database: text(),
      tool: optional(text()),
      schema: object<CheckedDatabase['schema']>({
        state: oneOf('current', 'ahead', 'broken', 'not-known'),
        says: text(),
        sql: optional(text('What drizzle-kit would write.')),
        file: optional(text('Relative to the project.')),
        line: optional(number()),
      }),
      findings: array(
        object<CheckFinding>({
          kind: oneOf('same-index', 'same-snapshot', 'same-parent', 'older-time', 'folder', 'drizzle-kit'),
          severity: oneOf('error', 'warning'),
          tag: optional(text()),
          file: optional(text('Relative to the project.')),
          line: optional(number()),
          message: text(),
          next: optional(text()),
        }),
      ),
    }),
  ),
});
