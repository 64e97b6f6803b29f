import type { PlannedStep, RunEvent } from '../../operations/events.ts';

/** One migration of a run. */
export interface MigrationView {
  readonly database: string;
  readonly tag: string;
  readonly state: 'to-come' | 'running' | 'done' | 'failed';
  /** How many statements it has, where known. */
  readonly of: number | undefined;
  /** There where it is not one transaction: how many steps are committed, one after the other. */
  readonly parts?: number;
  readonly startedAt?: string;
  /** Milliseconds; `expected` is from the dry-run. */
  readonly took?: number;
  readonly expected?: number;
  /** Only those heard of; by number. */
  readonly statements: ReadonlyMap<number, StatementView>;
  readonly failure?: {
    readonly statement: number | undefined;
    readonly code: string;
    readonly message: string;
  };
}

export interface StatementView {
  readonly state: 'running' | 'done' | 'failed';
  readonly begunAt: string;
  readonly took?: number;
  readonly expected?: number;
}

/** Whether its statements are on their way as one request: then they all began at once, and none has a time of its own. */
export function sentAsOne({ statements }: MigrationView): boolean {
  return [...statements.values()].filter(({ state }) => state === 'running').length > 1;
}

type MigrationEvent = Extract<
  RunEvent,
  { kind: 'step-started' | 'statement' | 'step-finished' | 'step-failed' }
>;

export function plannedMigration({ database, tag = '', statements, parts }: PlannedStep): MigrationView {
  return {
    database,
    tag,
    state: 'to-come',
    of: statements,
    statements: new Map(),
    ...(parts !== undefined && { parts }),
  };
}

/** What an event changes in the migrations of a run; events of other steps change nothing. */
export function foldMigration(
  migrations: readonly MigrationView[],
  event: MigrationEvent,
): readonly MigrationView[] {
  if (event.step !== 'migrate' || event.tag === undefined) return migrations;
  const { database, tag } = event;
  const isIt = (migration: MigrationView): boolean =>
    migration.database === database && migration.tag === tag;
  const known = migrations.some(isIt)
    ? migrations
    : [...migrations, plannedMigration({ step: 'migrate', database, tag, label: tag })];
  return known.map((migration) => (isIt(migration) ? withEvent(migration, event) : migration));
}

function withEvent(migration: MigrationView, event: MigrationEvent): MigrationView {
  switch (event.kind) {
    case 'step-started':
      return {
        ...migration,
        state: 'running',
        startedAt: event.at,
        of: event.statements ?? migration.of,
        ...(event.expected === undefined ? {} : { expected: event.expected }),
      };
    case 'statement':
      return { ...migration, of: event.of, statements: withStatement(migration.statements, event) };
    case 'step-finished':
      return { ...migration, state: 'done', took: event.took };
    case 'step-failed':
      return failed(migration, event);
  }
}

function withStatement(
  statements: MigrationView['statements'],
  event: Extract<RunEvent, { kind: 'statement' }>,
): MigrationView['statements'] {
  const before = statements.get(event.number);
  const expected = event.expected ?? before?.expected;
  const statement: StatementView = {
    state: event.phase === 'done' ? 'done' : 'running',
    begunAt: before?.begunAt ?? event.at,
    ...(event.took === undefined ? {} : { took: event.took }),
    ...(expected === undefined ? {} : { expected }),
  };
  return new Map(statements).set(event.number, statement);
}

function failed(migration: MigrationView, event: Extract<RunEvent, { kind: 'step-failed' }>): MigrationView {
  const statements = new Map(migration.statements);
  const open = [...statements].find(([, { state }]) => state === 'running')?.[0];
  const number = event.statement ?? open;
  if (number !== undefined) {
    const before = statements.get(number);
    statements.set(number, { ...before, begunAt: before?.begunAt ?? event.at, state: 'failed' });
  }
  const { code, message } = event;
  return {
    ...migration,
    state: 'failed',
    took: event.took,
    statements,
    failure: { statement: number, code, message },
  };
}
