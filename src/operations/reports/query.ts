export interface QueryReport {
  readonly schemaVersion: 1;
  readonly kind: 'query';
  readonly environment: string;
  readonly database: string;
  readonly columns: readonly string[];
  /** Values as JSON; integers beyond 2^53 as strings, blobs as `{ "base64": … }`. */
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
}
