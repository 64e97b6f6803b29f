/**
 * An expected failure: what broke, why, and what to do next.
 *
 * The code owns the exit status, the message carries names and numbers, `cause` the original error.
 * Anything else that is thrown is a bug and keeps its stack. Messages never contain secrets or row values.
 */
export class MigrateError extends Error {
  override readonly name = 'MigrateError';
  readonly code: ErrorCode;
  /** What to do next, a whole sentence, with the command where there is one. */
  readonly next: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly next?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.next = options.next;
  }

  get exitCode(): Exclude<ExitCode, 0> {
    return exitCodes[this.code];
  }
}

/** What to do next after an interruption. A screen, which runs no command, says it with its own key. */
export const runAgain = 'Running the same command again goes on from here.';

/** The exit statuses of the command line; `docs/exit-codes.md` says what each promises. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130;

export type ErrorCode = keyof typeof exitCodes;

const exitCodes = {
  /** The words on the command line do not fit. */
  usage: 2,
  /** A configuration file, an environment variable or a migration folder is not usable. */
  config: 2,
  /** A migration file or journal is missing, unreadable or contradicts itself. */
  migrations: 2,
  /** A name (environment, database, tag, backup, run) is not known. */
  'not-found': 2,
  /** The database does not answer, refuses the credentials, or is not a database. */
  unreachable: 1,
  /** Another process has the database locked at this moment. */
  busy: 1,
  /** The disk is full, read-only or not permitted. */
  storage: 1,
  /** A statement failed and everything was undone. */
  'statement-failed': 1,
  /** A backup could not be taken, or what was read back differs from the source. */
  'backup-failed': 1,
  /** A check found something: `--check`, differences, lint errors. */
  found: 3,
  /** Consent is missing or does not fit what would be done. */
  'not-confirmed': 4,
  /** The environment is protected, or a rule or policy forbids it. */
  protected: 4,
  /** Somebody else holds the lock on the target. */
  locked: 4,
  /** The rehearsal failed, so nothing was applied. */
  'rehearsal-failed': 4,
  /** The rehearsal lost rows or values that no statement asked for. */
  'rows-lost': 4,
  /** Files, schema or history moved since the rehearsal. */
  'target-changed': 4,
  /** What was asked for is refused before anything was changed. */
  refused: 4,
  /** A target changed and the run did not finish. */
  'stopped-part-way': 5,
  /** Applied, but the target is not what the dry-run predicted. */
  'verify-differs': 5,
  /** Interrupted, every target as before. */
  interrupted: 130,
} as const satisfies Record<string, ExitCode>;
