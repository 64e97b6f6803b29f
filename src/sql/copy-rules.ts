/** How the rows of a database are copied, where not every one is copied as it is. */
export interface CopyRules {
  /** Those that are not copied as they are, once each. */
  readonly tables: readonly TableRules[];
}

export interface TableRules {
  readonly table: string;
  /**
   * `copied`: with masks, where there are columns. `left-out`: the table is made and stays empty. `rebuilt`: a
   * full-text index is made anew from the rows of the table that it is over.
   */
  readonly rows: 'copied' | 'left-out' | 'rebuilt';
  readonly columns: readonly MaskedColumn[];
}

export interface MaskedColumn {
  readonly column: string;
  /** `hash`: another value in its place, always the same one for the same value. `null`: nothing. */
  readonly mask: 'hash' | 'null';
}
