import type { RunEvent } from '../../../operations/events.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import type { SqlOf } from '../../present/migration-sql.ts';
import type { RunView } from '../../present/run-view.ts';
import type { ChosenWay } from '../../screen.ts';
import { sentAsOne, type MigrationView } from '../../present/run-migration.ts';

/** A run that is going on, as heard so far. */
export interface RunState {
  readonly environment: string;
  /** The way out that it takes: the review to go back to. */
  readonly way: ChosenWay | undefined;
  /** The words of the change that it carries out: the page to go back to. */
  readonly change: readonly string[] | undefined;
  /** Of the whole way: the dry-run's, when this deploy follows one, then the run's own. */
  readonly events: readonly RunEvent[];
  readonly view: RunView;
  /** The number of this run, once its first event came. */
  readonly run: number | undefined;
  readonly sql: SqlOf;
  /** A statement's number, or the one that runs. */
  readonly cursor: 'follow' | number;
  /** When ctrl-c was pressed last, in milliseconds since 1970. */
  readonly stopAsked: number | undefined;
  /** Its process ended without closing the run, or it could not be started. */
  readonly lost: MigrateErrorView | undefined;
}

/** The migration that the eye wants: the one that runs, else the last that ran, else the first to come. */
export function shownMigration({ view }: Pick<RunState, 'view'>): MigrationView | undefined {
  const { migrations } = view;
  return (
    migrations.find(({ state }) => state === 'running') ??
    migrations.findLast(({ state }) => state === 'done' || state === 'failed') ??
    migrations[0]
  );
}

/** The statement that runs, or the last heard of, from 1. */
export function currentStatement(migration: MigrationView): number {
  const { statements, of = 0, state } = migration;
  if (state === 'done') return of;
  if (sentAsOne(migration)) return 1;
  return Math.max(1, ...statements.keys());
}
