import type {
  Acceptance,
  Account,
  AccountOfDatabase,
  AccountOfTable,
  Choice,
} from '../../src/operations/consent/account.ts';
import {
  operations,
  stepNames,
  type ChangedObject,
  type Operation,
  type PlannedStep,
  type RunEvent,
  type RunEventBody,
  type StepName,
  type TagOf,
} from '../../src/operations/events.ts';
import type {
  Cause,
  ColumnEvidence,
  Evidence,
  Loss,
  RehearsedMigration,
  RehearsedStatement,
  TableEvidence,
} from '../../src/operations/evidence/evidence.ts';
import type { CopiedTable, RuledColumn } from '../../src/operations/copied-rows/copied-tables.ts';
import type { ViolationCount } from '../../src/operations/evidence/measurement.ts';
import type { Finding, VerifyCheck } from '../../src/operations/reports.ts';
import {
  array,
  byKind,
  named,
  number,
  object,
  one,
  oneOf,
  optional,
  text,
  time,
  truth,
  type Properties,
  type Schema,
} from './schema.ts';

export const finding = named(
  'finding',
  object<Finding>({
    rule: text(),
    severity: oneOf('error', 'warning', 'info'),
    database: text(),
    tag: text(),
    statement: number('Number of the statement in its migration, from 1.'),
    line: number('Line in the file, from 1.'),
    message: text(),
    fix: optional(text('The safe way.')),
  }),
);

type Body<K extends RunEventBody['kind']> = Extract<RunEvent, { readonly kind: K }>;

export const operation: Schema<Operation> = oneOf(...operations);

export const step: Schema<StepName> = oneOf(...stepNames);

export const tagOf = named('tagOf', object<TagOf>({ database: text(), tag: text() }));

const loss = named(
  'loss',
  byKind<Loss>({
    rows: object<Extract<Loss, { kind: 'rows' }>>({
      kind: one('rows'),
      table: text(),
      rows: number(),
      likely: text(),
    }),
    nulled: object<Extract<Loss, { kind: 'nulled' }>>({
      kind: one('nulled'),
      table: text(),
      column: text(),
      rows: number(),
      likely: text(),
    }),
    values: object<Extract<Loss, { kind: 'values' }>>({
      kind: one('values'),
      table: text(),
      column: text(),
      rows: number('An upper bound: all rows of the table.'),
      likely: text(),
    }),
  }),
);

const violations = array(object<ViolationCount>({ table: text(), parent: text(), count: number() }));

const fixedPoint = object<Evidence['before']>({ fingerprint: text(), history: text() });

const rehearsedMigration = object<RehearsedMigration>({
  tag: text(),
  hash: text(),
  foreignKeys: oneOf('on', 'off'),
  took: number('Milliseconds where the rehearsal ran.'),
  statements: array(object<RehearsedStatement>({ number: number(), took: number(), fingerprint: text() })),
});

const tableEvidence = object<TableEvidence>({
  table: text(),
  rowsBefore: optional(number('Absent: the table did not exist then.')),
  rowsAfter: optional(number('Absent: the table did not exist then.')),
  causes: array(
    object<Cause>({
      tag: text(),
      statement: number(),
      verb: oneOf('insert', 'update', 'delete', 'drop', 'create', 'rebuild', 'replace', 'alter'),
      sql: text(),
    }),
  ),
  columns: array(
    object<ColumnEvidence>({
      column: text(),
      nonNullBefore: optional(number()),
      nonNullAfter: optional(number()),
      values: oneOf('kept', 'changed', 'not-comparable', 'added', 'removed'),
    }),
  ),
});

export const evidence = named(
  'evidence',
  object<Evidence>({
    database: text(),
    backup: optional(text()),
    rows: optional(oneOf('backup', 'copy')),
    rehearsal: oneOf('full', 'in-target', 'structure'),
    ranIn: optional(oneOf('workerd', 'simulation')),
    before: fixedPoint,
    after: fixedPoint,
    migrations: array(rehearsedMigration),
    tables: array(tableEvidence),
    unchangedTables: object<Evidence['unchangedTables']>({ count: number(), rows: number() }),
    losses: array(loss),
    violations: object<Evidence['violations']>({ before: violations, added: violations }),
  }),
);

export const verifyCheck = named(
  'verifyCheck',
  object<VerifyCheck>({
    database: text(),
    check: oneOf('history', 'schema', 'foreign-keys', 'integrity', 'verify-file', 'invariant', 'rows'),
    state: oneOf('proven', 'differs', 'not-possible'),
    says: text(),
  }),
);

const common = {
  schemaVersion: one(1),
  run: number('0 for what has no run in the ledger: demo and init.'),
  at: time(),
};

/** What a `failed` line says, with or without a run. */
export const failure = {
  exitCode: oneOf(1, 2, 3, 4, 5, 130),
  code: text(),
  message: text(),
  next: optional(text('What to do next.')),
  applied: array(tagOf),
  notBegun: array(tagOf),
};

const plannedSteps = array(
  object<PlannedStep>({
    step,
    database: text(),
    tag: optional(text()),
    statements: optional(number()),
    parts: optional(number()),
    label: text(),
  }),
);

const copiedTable: Properties<CopiedTable> = {
  table: text(),
  how: oneOf('kept', 'masked', 'as-is', 'excluded', 'rebuilt'),
  columns: array(
    object<RuledColumn>({
      column: text(),
      rule: oneOf('hash', 'null', 'keep', 'none'),
      looksLike: optional(text('Part of a sentence: an e-mail address.')),
    }),
  ),
};

const account = {
  operation,
  environment: text(),
  protected: truth(),
  says: array(text('What would be done, in whole sentences.')),
  words: array(text('What does it, as the words after migrate-tui, without those of consent.')),
  databases: array(
    object<AccountOfDatabase>({
      database: text(),
      writes: optional(text('Part of a sentence.')),
      loses: optional(text('Part of a sentence.')),
    }),
  ),
  steps: plannedSteps,
  destroys: truth(),
  tables: optional(
    array(
      object<AccountOfTable>({
        database: text(),
        ...copiedTable,
        rows: optional(number('At the source; absent where they are not counted.')),
      }),
    ),
  ),
  consent: object<Account['consent']>({
    confirm: oneOf('not-needed', 'protected', 'elsewhere'),
    accept: array(
      object<Acceptance>({
        flag: oneOf('--accept', '--accept-unmasked'),
        value: text('What follows the flag.'),
        says: text('What a person answers for.'),
        reason: oneOf('needed', 'not-needed'),
      }),
    ),
  }),
  choices: optional(
    array(
      object<Choice>({
        name: text(),
        words: array(text('After migrate-tui, without those of consent.')),
        fits: oneOf('yes', 'no'),
        says: array(text('Part of a sentence.')),
      }),
    ),
  ),
  hash: text(
    'What --confirm ENV@HASH names. Another account, schema or history has another one; rows do not count.',
  ),
};

export const event: Schema<RunEvent> = byKind<RunEvent>({
  started: object<Body<'started'>>({
    ...common,
    kind: one('started'),
    operation,
    environment: text(),
    protected: truth(),
    databases: array(text()),
    choice: optional(text('Of a recover: the way out that is carried out.')),
    steps: plannedSteps,
    by: text(),
    host: text(),
    version: text(),
    git: optional(text()),
  }),
  'step-started': object<Body<'step-started'>>({
    ...common,
    kind: one('step-started'),
    step,
    database: text(),
    tag: optional(text()),
    statements: optional(number()),
    expected: optional(number('Milliseconds, as measured in the rehearsal.')),
    stopping: text('What stopping would do at this moment.'),
  }),
  statement: object<Body<'statement'>>({
    ...common,
    kind: one('statement'),
    step,
    database: text(),
    tag: text(),
    number: number(),
    of: number(),
    phase: oneOf('begun', 'done'),
    took: optional(number('Milliseconds.')),
    expected: optional(number('Milliseconds.')),
  }),
  progress: object<Body<'progress'>>({
    ...common,
    kind: one('progress'),
    step,
    database: text(),
    done: number(),
    total: optional(number()),
    unit: oneOf('bytes', 'rows', 'tables', 'migrations'),
    what: text(),
    table: optional(
      object<NonNullable<Body<'progress'>['table']>>({ name: text(), done: number(), total: number() }),
    ),
    left: optional(number('Milliseconds until the end of the copy, going by its pace so far.')),
  }),
  'step-finished': object<Body<'step-finished'>>({
    ...common,
    kind: one('step-finished'),
    step,
    database: text(),
    tag: optional(text()),
    took: number('Milliseconds.'),
    says: text('One line for people.'),
    backup: optional(text()),
    keptBy: optional(one('server')),
    evidence: optional(evidence),
    changed: optional(
      array(
        object<ChangedObject>({ type: text(), name: text(), change: oneOf('added', 'removed', 'changed') }),
      ),
    ),
    checks: optional(array(verifyCheck)),
    tables: optional(
      array(
        object<NonNullable<Body<'step-finished'>['tables']>[number]>({
          ...copiedTable,
          rows: optional(number('At the source.')),
          here: optional(number()),
        }),
      ),
    ),
    rows: optional(
      array(
        object<NonNullable<Body<'step-finished'>['rows']>[number]>({
          table: text(),
          before: optional(number()),
          after: optional(number()),
        }),
      ),
    ),
  }),
  'step-failed': object<Body<'step-failed'>>({
    ...common,
    kind: one('step-failed'),
    step,
    database: text(),
    tag: optional(text()),
    statement: optional(number()),
    code: text(),
    message: text(),
    took: number('Milliseconds.'),
  }),
  confirmed: object<Body<'confirmed'>>({
    ...common,
    kind: one('confirmed'),
    by: text(),
    how: oneOf('flag', 'typed', 'not-needed'),
    hash: text(),
  }),
  'backup-renewed': object<Body<'backup-renewed'>>({
    ...common,
    kind: one('backup-renewed'),
    database: text(),
    backup: text(),
    because: text(),
    keptBy: optional(one('server')),
  }),
  notice: object<Body<'notice'>>({
    ...common,
    kind: one('notice'),
    level: oneOf('info', 'warning'),
    message: text(),
  }),
  rehearsed: object<Body<'rehearsed'>>({
    ...common,
    kind: one('rehearsed'),
    plan: optional(text('Path of the plan for deploy --plan; absent for a way out.')),
    hash: text('For --confirm ENV@HASH.'),
    losses: array(loss),
    findings: optional(array(finding)),
  }),
  review: object<Body<'review'>>({ ...common, kind: one('review'), ...account }),
  done: object<Body<'done'>>({
    ...common,
    kind: one('done'),
    exitCode: one(0),
    message: text(),
    next: optional(
      text('How to go on from here, as of a dry-run to what it rehearsed; absent where nothing follows.'),
    ),
    applied: array(tagOf),
    undone: optional(array(tagOf)),
    backup: optional(text()),
    took: number('Milliseconds.'),
  }),
  failed: object<Body<'failed'>>({
    ...common,
    ...failure,
    kind: one('failed'),
    undone: optional(array(tagOf)),
    failed: optional(tagOf),
    hash: optional(text('The hash to confirm, when that is what is missing.')),
  }),
});
