/** What the process that runs workerd is told to do: one rehearsal, then it ends. */
export interface WorkerdJob {
  /** Path of the project's own miniflare. */
  readonly miniflare: string;
  /** The database to start from; only read. */
  readonly file: string;
  /** Where the copy is kept, as miniflare's persistence folder. */
  readonly folder: string;
  /** Each one batch, parameters written into the text. */
  readonly batches: readonly (readonly string[])[];
}

/** What it says in the end. */
export type WorkerdAnswer =
  /** `took`: milliseconds per batch. */
  | { readonly kind: 'ran'; readonly took: readonly number[] }
  | { readonly kind: 'failed'; /** From 0. */ readonly batch: number; readonly error: string }
  | { readonly kind: 'not-started'; readonly why: string };

/**
 * What the copy is called: the name that workerd derives for a database with this id.
 * One id is enough, each rehearsal has a folder of its own.
 */
export const rehearsalDatabase = {
  id: 'rehearsal',
  path: 'd1/miniflare-D1DatabaseObject/2b1ef7d7f5075642242da9a92293576490027f86a182e80def723b075a359b30.sqlite',
} as const;
