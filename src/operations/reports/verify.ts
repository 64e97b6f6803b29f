export interface VerifyReport {
  readonly schemaVersion: 1;
  readonly kind: 'verify';
  readonly environment: string;
  readonly equal: boolean;
  readonly checks: readonly VerifyCheck[];
}

export interface VerifyCheck {
  readonly database: string;
  readonly check: 'history' | 'schema' | 'foreign-keys' | 'integrity' | 'verify-file' | 'invariant' | 'rows';
  readonly state: 'proven' | 'differs' | 'not-possible';
  /** One line: "equals the replay of its migrations, 4be1…c2". */
  readonly says: string;
}
