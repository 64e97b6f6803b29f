/** An error of the command line as its JSON carries it. */
export interface MigrateErrorView {
  /** An `ErrorCode`, or `crashed` when the child ended without an answer. */
  readonly code: string;
  readonly message: string;
  readonly next: string | undefined;
}
