/** The canonical text of each database: loads into an empty one, equal for equal schemas. */
export interface SchemaReport {
  readonly schemaVersion: 1;
  readonly kind: 'schema';
  readonly environment: string;
  readonly databases: readonly {
    readonly database: string;
    readonly fingerprint: string;
    readonly objects: number;
    readonly text: string;
  }[];
}
