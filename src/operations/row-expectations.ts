/** What one migration may do to rows, counted inside its unit. */
export interface RowExpectations {
  readonly tag: string;
  readonly tables: readonly {
    readonly table: string;
    /** Filled values of this column are counted; rows when absent. */
    readonly column?: string;
    /** How many fewer there may be at the end; `any`: nothing is counted. */
    readonly mayLose: number | 'any';
  }[];
}
