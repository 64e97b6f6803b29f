import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Correction } from '../history/correction.ts';

/** What a way out does to one database, as data: planned, rehearsed, reviewed and journalled like any other change. */
export type WayOut =
  /**
   * Statements as one unit that ends with the record: start over, go on, run what was skipped. Tag, hash and time are
   * the file's, the statements are what is run here. Rehearsed on a copy first.
   */
  | { readonly kind: 'run'; readonly migration: Migration }
  /** Statements as one unit after which there is no record: the rollback file, or back to the point before. */
  | { readonly kind: 'undo'; readonly migration: Migration; readonly entry?: Entry }
  /** The tracking table is put right: no migration is run. `now` in milliseconds since 1970. */
  | {
      readonly kind: 'correct';
      readonly statements: (now: number) => Correction;
      /** What nobody can prove, and a person has to answer for by name: `--accept data-unproven:TAG --reason …`. */
      readonly needsAcceptance?: 'data-unproven';
    }
  /** A whole backup of the environment, as `restore` puts it back. */
  | { readonly kind: 'restore'; readonly backup: string }
  /** The lock that a run left is taken over and given back. */
  | { readonly kind: 'take-over' };
