import type { MigrateError } from '../lib/errors.ts';
import type { Query, Statement } from '../sql/statement.ts';

/**
 * What we need of a database; a capability is a member that is there or not.
 *
 * Opening never creates a file unless asked to (`ifMissing: 'create'`), and nothing here retries a write.
 */
export interface Engine extends AsyncDisposable {
  readonly name: EngineName;
  /** Where it is, for people, without credentials. */
  readonly location: string;
  /**
   * Reads. What is asked without waiting for one another travels to a server in one request; what looks at many rows is
   * better asked alone, as a request has a time limit. Throws `MigrateError` `busy` or `unreachable`, or `SqlError` for
   * a refused statement.
   */
  readonly query: Query;
  /**
   * Runs all statements or none, as one unit. Outcomes are values; it throws only for bugs.
   * Foreign keys are set before BEGIN, read back, and put back afterwards.
   */
  readonly unit: (unit: Unit, options?: UnitOptions) => Promise<UnitOutcome>;
  /**
   * Runs one statement outside of any transaction, for as long as it takes; there where a server has statements that it
   * refuses inside one. A statement that fails, or is stopped, may leave a part of what it does; `unknown`: the
   * connection broke, and the server may have gone on. It is never `busy`, as nothing is given up for another's lock.
   */
  readonly alone?: (statement: UnitStatement, options?: AloneOptions) => Promise<UnitOutcome>;
  /** Where a unit's statements are sent one by one and can be stopped between, or as one request. */
  readonly delivery: 'statement-by-statement' | 'one-request';
  /** Whether a unit can run with enforcement off; D1 keeps it on whatever is sent. */
  readonly foreignKeys: 'switchable' | 'always-on';
  /** A sentence, without its full stop, about what the answers so far came from, when that was not the database alone. */
  readonly remark?: () => string | undefined;
  /** There where the server keeps a history of its own that a database can be taken back in. */
  readonly rewind?: Rewind;
}

export type EngineName =
  | 'libsql-file'
  | 'libsql-memory'
  | 'libsql-remote'
  | 'd1-local'
  | 'd1-remote'
  | 'sqlite-reader'
  | 'postgres'
  | 'pglite';

/** A history kept by the server: a position is a backup that costs nothing and holds up nobody. */
export interface Rewind {
  /** Names the database whose history it is, on any machine: a position means nothing in another one. */
  readonly of: string;
  /** Where the database is now: a text that is another one after any write. Only reads. */
  position(): Promise<string>;
  /** How far back positions reach, for people, such as `30 days, 7 on the free plan`. */
  readonly retention: string;
  /**
   * Takes the whole database back. Everything written since is gone, and running queries are cut off.
   *
   * @returns the position just before, which undoes it
   * @throws MigrateError `stopped-part-way` when nobody knows whether it happened; anything else: it did not
   */
  to(position: string): Promise<{ readonly undo: string }>;
}

/** Statements that succeed or fail together, with their fence, guards and record among them. */
export interface Unit {
  readonly foreignKeys: 'on' | 'off';
  readonly statements: readonly UnitStatement[];
}

export interface UnitStatement extends Statement {
  /** `guard` statements raise an error whose text names the guard (see `sql/guard.ts`). */
  readonly role: 'guard' | 'migration' | 'record';
  /** For `migration`: its number in the migration, from 1. */
  readonly number?: number;
}

export interface UnitOptions {
  /** Looked at between statements: the unit is then rolled back. Too late once a single request was sent. */
  readonly signal?: AbortSignal;
  /** Called before and after each `migration` statement; must not throw and is never awaited. */
  readonly onStatement?: (report: StatementReport) => void;
  /** Called after each statement inside the transaction, for rehearsals that look at the schema. Local engines only. */
  readonly afterStatement?: (number: number, query: Engine['query']) => Promise<void>;
  /** How long to wait for another writer, in milliseconds. */
  readonly busyTimeout?: number;
  /** Called while a unit is carried over that is too large for one request, in bytes; must not throw and is never awaited. */
  readonly onProgress?: (progress: UnitProgress) => void;
  /** Called after everything that was sent, for the command log; must not throw and is never awaited. */
  readonly onSent?: (sent: Sent) => void;
}

/** What counts for a statement by itself of what a unit takes; the signal cancels it on the server. */
export interface AloneOptions extends Pick<UnitOptions, 'signal' | 'onStatement' | 'onSent'> {
  /** Called when others keep it waiting, with who they are; must not throw and is never awaited. */
  readonly onWaiting?: (who: string) => void;
}

export interface UnitProgress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

/** Something that an engine sent while it ran a unit: one statement, or one request with all of them. */
export interface Sent {
  /** `control`: BEGIN, COMMIT, ROLLBACK and PRAGMA around the unit. */
  readonly role: UnitStatement['role'] | 'control' | 'request';
  /** The statement, or a line that names the request. */
  readonly what: string;
  /** Milliseconds. */
  readonly took: number;
  readonly outcome: { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly code: string };
}

export interface StatementReport {
  readonly number: number;
  readonly phase: 'begun' | 'done';
  /** Milliseconds, with `done`. */
  readonly took?: number;
}

export type UnitOutcome =
  /** It is in the database. `took`: milliseconds per `migration` statement, in order, where the engine can tell. */
  | { readonly kind: 'committed'; readonly took: readonly number[] }
  /** A statement failed; everything was rolled back. `number` is that of the migration statement, absent for our own. */
  | { readonly kind: 'failed'; readonly number?: number; readonly error: SqlError }
  /** A guard raised; everything was rolled back. */
  | { readonly kind: 'guarded'; readonly guard: string; readonly detail: string }
  /** Another writer kept the database beyond the timeout; nothing was begun or everything was rolled back. */
  | { readonly kind: 'busy'; readonly error: MigrateError }
  /** The signal came; everything was rolled back. */
  | { readonly kind: 'stopped' }
  /** The connection broke when the commit may have happened: read the bookkeeping to know. */
  | { readonly kind: 'unknown'; readonly error: MigrateError };

/** A statement that the database refused. The message is the engine's; it may quote values, so it is not for logs. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  /** The engine's code, such as `SQLITE_CONSTRAINT_UNIQUE`; `NOT_SENT` begins it when no server took the statement. */
  readonly code: string;
  /** What to do next, where the engine knows it. */
  readonly next: string | undefined;

  constructor(
    message: string,
    options: { readonly code: string; readonly next?: string; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.next = options.next;
  }
}
