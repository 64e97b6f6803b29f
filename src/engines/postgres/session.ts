import type { Row, Statement } from '../../sql/statement.ts';

/**
 * One session with a PostgreSQL, on a server or in this process. It is asked one thing at a time. What fails throws
 * `SqlError`, or `ConnectionLost` when the answer never came.
 */
export interface Session {
  /** Runs exactly one statement: a text with several is refused, one with none says so in its answer. */
  run(statement: Statement): Promise<Answer>;
  /** What each transaction begins with, besides what is the same for all: a command with its semicolon, or nothing. */
  readonly settings: string;
  /** Runs commands of our own in one trip, up to the first that fails; the answer is that to the last. */
  command(sql: string): Promise<Commanded>;
  /** Ends the session at once; what was not committed is rolled back. */
  cut(): void;
  /** What a second connection can see and do while this one waits; absent where there can be none. */
  readonly beside?: Beside;
}

export interface Answer {
  readonly rows: readonly Row[];
  /** The server's word for what it did, such as `INSERT`; undefined when the text held no statement. */
  readonly command: string | undefined;
  readonly transaction: 'open' | 'none';
}

export type Commanded = Omit<Answer, 'rows'>;

export interface Beside {
  /** Who keeps the session from going on at this moment. */
  blockers(): Promise<readonly Holder[]>;
  /** Who the sessions with these numbers are. */
  holders(pids: readonly number[]): Promise<readonly Holder[]>;
  /** Ends the session's statement, not the session. */
  cancel(): Promise<void>;
}

/** Somebody with a lock. What the server does not tell every user is undefined; its SQL is never asked for. */
export interface Holder {
  readonly pid: number;
  readonly program: string | undefined;
  readonly user: string | undefined;
  /** ISO 8601, UTC: since when its transaction is open. */
  readonly since: string | undefined;
  readonly isIdle: boolean;
}
