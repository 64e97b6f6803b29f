export interface DoctorReport {
  readonly schemaVersion: 1;
  readonly kind: 'doctor';
  readonly checks: readonly {
    readonly check: string;
    readonly state: 'ok' | 'warning' | 'problem';
    readonly says: string;
    readonly next?: string;
  }[];
}
