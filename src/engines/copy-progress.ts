/** How far a copy of a database is. */
export interface CopyProgress {
  readonly done: number;
  readonly total: number | undefined;
  readonly unit: 'rows' | 'bytes';
  /** The table that is being copied, where tables are copied one after the other. */
  readonly table?: { readonly name: string; readonly done: number; readonly total: number } | undefined;
}

/** Must not throw and is never awaited. */
export type OnCopyProgress = (progress: CopyProgress) => void;
