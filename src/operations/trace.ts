/** One line of the command log: something left this program. Secrets and row values are masked before it is made. */
export interface TraceEntry {
  /** ISO 8601, UTC, with milliseconds: when it was sent. */
  readonly at: string;
  readonly environment: string | undefined;
  readonly kind: 'sql' | 'run' | 'http' | 'file';
  readonly access: 'read' | 'write';
  /** The statement (literals kept only from migration files), the command line, or the request line. */
  readonly what: string;
  /** Milliseconds. */
  readonly took: number;
  readonly outcome:
    { readonly kind: 'ok'; readonly says: string } | { readonly kind: 'failed'; readonly says: string };
}
