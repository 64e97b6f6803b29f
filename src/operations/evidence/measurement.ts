/** What one look at a database's rows found; taken before and after a rehearsal, and by verify. */
export interface Measurement {
  readonly tables: readonly TableMeasurement[];
  /** Rows that break a foreign key, per child table and parent. */
  readonly violations: readonly ViolationCount[];
}

export interface TableMeasurement {
  readonly table: string;
  readonly rows: number;
  readonly columns: readonly ColumnMeasurement[];
}

export interface ColumnMeasurement {
  readonly column: string;
  readonly nonNull: number;
  /** Order-independent checksum of the values as text, so that a change of storage class alone is no change. */
  readonly checksum: string;
}

export interface ViolationCount {
  readonly table: string;
  readonly parent: string;
  readonly count: number;
}
