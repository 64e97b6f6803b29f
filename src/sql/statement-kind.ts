import type { AlterAction } from './alter.ts';
import type { PostgresKind } from './postgres/kinds.ts';

/**
 * What a statement does, told from its text alone, in SQLite and its family and in PostgreSQL.
 * Names are unquoted, in the letters they were written in, and without their schema where that is the one that names
 * without a schema mean; `temporary` when the text says TEMP or `temp.`.
 */
export type StatementKind =
  | PostgresKind
  /** Several changes in one: `DROP TABLE a, b`, `ALTER TABLE t DROP a, DROP b`, WITH x AS (DELETE …) INSERT …. */
  | { readonly kind: 'combined'; readonly parts: readonly StatementKind[] }
  | {
      readonly kind: 'create-table';
      readonly table: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** With AS SELECT: the tables it reads. */
      readonly from?: readonly string[];
      /** PostgreSQL: the partitioned table that it becomes a part of. */
      readonly partitionOf?: string;
    }
  | { readonly kind: 'create-virtual-table'; readonly table: string; readonly module: string }
  | {
      readonly kind: 'drop-table';
      readonly table: string;
      readonly ifExists: boolean;
      /** PostgreSQL: views, foreign keys and what else depends on it goes along. */
      readonly cascade?: true;
    }
  | {
      readonly kind: 'alter-table';
      readonly table: string;
      readonly action: AlterAction;
      readonly ifExists?: true;
    }
  | {
      readonly kind: 'create-index';
      /** Empty where PostgreSQL is to make up a name. */
      readonly index: string;
      readonly table: string;
      readonly unique: boolean;
      readonly ifNotExists: boolean;
      readonly concurrently?: true;
    }
  | {
      readonly kind: 'drop-index';
      readonly index: string;
      readonly ifExists: boolean;
      readonly concurrently?: true;
      readonly cascade?: true;
    }
  | {
      readonly kind: 'create-view';
      readonly view: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      readonly from: readonly string[];
      /** OR REPLACE: it may have been there. */
      readonly replace?: true;
      readonly materialized?: true;
    }
  | {
      readonly kind: 'drop-view';
      readonly view: string;
      readonly ifExists: boolean;
      readonly cascade?: true;
      readonly materialized?: true;
    }
  | {
      readonly kind: 'create-trigger';
      readonly trigger: string;
      readonly table: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** Tables that its body inserts into, updates or deletes from. */
      readonly writes: readonly string[];
      /** OR REPLACE: it may have been there. */
      readonly replace?: true;
      /** PostgreSQL: the function that it runs, which may write anything. */
      readonly runs?: string;
    }
  | {
      readonly kind: 'drop-trigger';
      readonly trigger: string;
      readonly ifExists: boolean;
      /** PostgreSQL says it: triggers of two tables may share a name. */
      readonly table?: string;
    }
  | {
      readonly kind: 'insert';
      readonly table: string;
      /** INSERT OR REPLACE, REPLACE, INSERT OR IGNORE… */
      readonly or?: 'replace' | 'ignore' | 'abort' | 'fail' | 'rollback';
      /** ON CONFLICT … DO UPDATE. */
      readonly upsert: boolean;
      /** The tables that a SELECT in it reads; absent with VALUES. */
      readonly from?: readonly string[];
      /** The columns named before VALUES or SELECT; empty when none are. */
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'update';
      readonly table: string;
      /** The columns named in SET. */
      readonly columns: readonly string[];
      readonly where: 'all' | 'some';
      /** UPDATE OR REPLACE deletes the rows in its way. */
      readonly or?: 'replace' | 'ignore' | 'abort' | 'fail' | 'rollback';
    }
  | { readonly kind: 'delete'; readonly table: string; readonly where: 'all' | 'some' }
  | { readonly kind: 'pragma'; readonly name: string; readonly value?: string }
  | {
      readonly kind: 'transaction';
      readonly verb: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release';
    }
  | { readonly kind: 'attach' }
  | { readonly kind: 'detach' }
  | { readonly kind: 'vacuum' }
  | { readonly kind: 'analyze' }
  | { readonly kind: 'reindex' }
  /** SELECT, VALUES and EXPLAIN: it reads. */
  | { readonly kind: 'select'; readonly from: readonly string[] }
  | { readonly kind: 'unknown' };

/** What cannot be told. */
export const unknown: StatementKind = { kind: 'unknown' };

/** Several changes of one statement; of one it is that. */
export function combined(parts: readonly StatementKind[]): StatementKind {
  const [first, second] = parts;
  return first && second === undefined ? first : { kind: 'combined', parts };
}
