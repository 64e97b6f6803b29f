import { sha256 } from '../../../src/lib/hash.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import { statementHashes } from '../../../src/operations/diagnosis/attempt.ts';
import type { RunEvent, RunEventBody } from '../../../src/operations/events.ts';
import type { Incident, IncidentDatabase } from '../../../src/operations/incident/incident.ts';
import type { RunReport, RunSummary, StatusTarget } from '../../../src/operations/reports.ts';

export const tag = '0003_notes';
const root = '/home/ann/shop';
export const sql = [
  "CREATE TABLE notes (id integer, word text DEFAULT 'hunter2')",
  'INSERT INTO notes VALUES (4711, \'ann@example.org\', "double trouble")',
  'SELECT id FROM notes',
];
export const hashes = statementHashes(sql.map((text) => ({ sql: text })));

export const summary: RunSummary = {
  run: 7,
  operation: 'deploy',
  environment: 'staging',
  databases: ['app'],
  startedAt: '2026-11-21T10:00:00.000Z',
  finishedAt: '2026-11-21T10:00:01.000Z',
  outcome: 'failed',
  exitCode: 1,
  by: 'ann',
  host: 'vm',
  version: '0.1.0',
  git: 'abc1234',
  applied: [],
  inside: undefined,
  backup: undefined,
  confirmed: undefined,
  message: `staging stopped at ${tag}: unrecognized token: "'left open". ${tag} was undone in full.`,
};

const status: StatusTarget = {
  database: 'app',
  engine: 'libsql-file',
  location: 'staging.db',
  state: ['behind'],
  applied: 3,
  pending: 1,
  items: [{ tag, state: 'pending' }],
  says: [],
};

interface Story {
  readonly sql?: readonly string[];
  /** The statement that fails. */
  readonly at?: number;
  /** Objects that differ now. */
  readonly differences?: number;
}

/** A deploy whose second statement fails. */
export function failed(story: Story = {}): Incident {
  const file = migration(story.sql ?? sql);
  return incident({
    run: run(story),
    database: { ...database(story), migrations: [file], units: [unitOf(file)] },
  });
}

export function incident({
  run: of,
  database: known,
}: { readonly run?: RunReport; readonly database?: IncidentDatabase } = {}): Incident {
  return {
    environment: 'staging',
    at: '2026-11-21T12:00:00.000Z',
    version: '0.1.0',
    root,
    run: of,
    later: [],
    laterStill: 0,
    databases: [known ?? database({})],
    backups: [],
  };
}

function database({ differences = 0 }: Story): IncidentDatabase {
  return {
    name: 'app',
    migrations: [],
    units: [],
    now: {
      kind: 'read',
      status,
      cases: [],
      schema: {
        kind: 'compared',
        with: { kind: 'records' },
        differences: Array.from({ length: differences }, (_, index) => ({
          type: 'table',
          name: `t${index}`,
          change: 'added',
          right: `CREATE TABLE t${index} (\n  id INTEGER\n)`,
        })),
      },
    },
  };
}

export function migration(statements: readonly string[]): Migration {
  return {
    tag,
    hash: sha256(statements.join('\n')),
    when: 0,
    file: `${root}/drizzle/${tag}.sql`,
    statements: statements.map((text, index) => ({ sql: text, line: index * 2 + 1 })),
  };
}

function unitOf({ hash, statements }: Migration) {
  return {
    run: 7,
    tag,
    hash,
    statementHashes: statementHashes(statements),
    outcome: 'undone',
    took: 5,
  } as const;
}

export function run({
  sql: texts = sql,
  at = 2,
  number = 7,
  operation = 'deploy',
  choice,
}: Story & {
  readonly number?: number;
  readonly operation?: 'deploy' | 'recover';
  readonly choice?: string;
} = {}): RunReport {
  const step = { step: 'migrate', database: 'app', tag } as const;
  const of = texts.length;
  const statements = texts
    .slice(0, at)
    .flatMap((_, index): RunEventBody[] => [
      { kind: 'statement', ...step, number: index + 1, of, phase: 'begun' },
      ...(index + 1 < at
        ? [{ kind: 'statement', ...step, number: index + 1, of, phase: 'done', took: 2 } as const]
        : []),
    ]);
  const bodies: readonly RunEventBody[] = [
    {
      kind: 'started',
      operation,
      environment: 'staging',
      protected: false,
      databases: ['app'],
      ...(choice === undefined ? {} : { choice }),
      steps: [],
      by: 'ann',
      host: 'vm',
      version: '0.1.0',
      git: undefined,
    },
    { kind: 'step-started', ...step, statements: of, stopping: '' },
    ...statements,
    { kind: 'step-failed', ...step, code: 'statement-failed', message: summary.message ?? '', took: 5 },
    {
      kind: 'failed',
      exitCode: 1,
      code: 'statement-failed',
      message: summary.message ?? '',
      next: 'Correct the file.',
      applied: [],
      failed: { database: 'app', tag },
      notBegun: [],
    },
  ];
  const events = bodies.map((body): RunEvent => ({
    schemaVersion: 1,
    run: number,
    at: summary.startedAt,
    ...body,
  }));
  return { schemaVersion: 1, kind: 'run', summary, events, log: undefined };
}

/** Everything in it that can have a name has this one. */
export function oddlyNamed(name: string): Incident {
  const evidence = {
    database: name,
    backup: name,
    rehearsal: 'full',
    before: { fingerprint: '', history: '' },
    after: { fingerprint: '', history: '' },
    migrations: [],
    tables: [{ table: name, rowsBefore: 3, rowsAfter: 1, causes: [], columns: [] }],
    unchangedTables: { count: 0, rows: 0 },
    losses: [{ kind: 'nulled', table: name, column: name, rows: 2, likely: name }],
    violations: { before: [], added: [] },
  } as const;
  const base = { schemaVersion: 1, run: 7, at: summary.startedAt } as const;
  const rehearsed: RunEvent = {
    ...base,
    kind: 'step-finished',
    step: 'dry-run',
    database: name,
    tag: name,
    took: 1,
    says: name,
    evidence,
  };
  const noticed: RunEvent = { ...base, kind: 'notice', level: 'info', message: name };
  const odd = { ...run(), events: [...run().events, rehearsed, noticed] };
  const whole = one(failed().databases);
  return {
    ...failed(),
    environment: name,
    run: {
      ...odd,
      summary: { ...summary, environment: name, by: name, host: name, backup: name, message: name },
    },
    databases: [
      {
        ...whole,
        name,
        now: {
          kind: 'read',
          status: {
            ...status,
            database: name,
            location: name,
            items: [{ tag: name, state: 'pending' }],
            says: [name],
          },
          cases: [
            {
              situation: 'stopped',
              database: name,
              tag: name,
              verdict: name,
              evidence: [name],
              meaning: [name],
              statements: [],
              options: [{ id: 'resume', recommended: true, allowed: true, why: name }],
            },
          ],
          schema: {
            kind: 'compared',
            with: { kind: 'before', tag: name },
            differences: [{ type: 'table', name, change: 'changed', left: `-- ${name}`, right: `+ ${name}` }],
          },
        },
      },
    ],
  };
}

export function one<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (first === undefined) throw new Error('There is none.');
  return first;
}
