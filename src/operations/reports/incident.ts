/** What happened to an environment, for those who were not there. */
export interface IncidentReport {
  readonly schemaVersion: 1;
  readonly kind: 'incident-report';
  readonly environment: string;
  /** The run that it is about; absent: no run that is known here began what is found. */
  readonly run?: number;
  /** ISO 8601: when it was put together. */
  readonly at: string;
  /** How many cases `recover` finds now in the databases that it is about. */
  readonly cases: number;
  /** Those of them that could not be asked. */
  readonly notRead: readonly string[];
  /** The whole page. */
  readonly markdown: string;
}
