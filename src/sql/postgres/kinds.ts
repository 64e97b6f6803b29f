import type { ForeignKeyClause } from '../foreign-key-clause.ts';
import type { ColumnDefinition } from '../column-definition.ts';

/** What statements do that SQLite does not have. Names as in `StatementKind`; `cascade` takes what depends on it along. */
export type PostgresKind =
  | { readonly kind: 'truncate'; readonly tables: readonly string[]; readonly cascade: boolean }
  /** Rows read from or written to a file or the connection. */
  | { readonly kind: 'copy'; readonly table: string; readonly direction: 'in' | 'out' }
  | { readonly kind: 'merge'; readonly table: string }
  | { readonly kind: 'create-schema'; readonly schema: string; readonly ifNotExists: boolean }
  | ({ readonly kind: 'drop-schema'; readonly schema: string } & Removal)
  | {
      readonly kind: 'create-type';
      readonly type: string;
      readonly is: 'enum' | 'domain' | 'other';
    }
  | { readonly kind: 'alter-type'; readonly type: string; readonly action: TypeAction }
  | ({ readonly kind: 'drop-type'; readonly type: string } & Removal)
  | { readonly kind: 'create-sequence'; readonly sequence: string; readonly ifNotExists: boolean }
  | { readonly kind: 'alter-sequence'; readonly sequence: string }
  | ({ readonly kind: 'drop-sequence'; readonly sequence: string } & Removal)
  /** A function, procedure or aggregate. */
  | { readonly kind: 'create-function'; readonly function: string; readonly replace: boolean }
  | { readonly kind: 'alter-function'; readonly function: string }
  | ({ readonly kind: 'drop-function'; readonly function: string } & Removal)
  | { readonly kind: 'create-policy'; readonly policy: string; readonly table: string }
  | { readonly kind: 'alter-policy'; readonly policy: string; readonly table: string }
  | {
      readonly kind: 'drop-policy';
      readonly policy: string;
      readonly table: string;
      readonly ifExists: boolean;
    }
  | { readonly kind: 'create-extension'; readonly extension: string; readonly ifNotExists: boolean }
  | { readonly kind: 'alter-extension'; readonly extension: string }
  | ({ readonly kind: 'drop-extension'; readonly extension: string } & Removal)
  | { readonly kind: 'alter-index'; readonly index: string; readonly renamedTo?: string }
  | { readonly kind: 'alter-view'; readonly view: string }
  | { readonly kind: 'refresh-view'; readonly view: string; readonly concurrently: boolean }
  /** DO runs code that only the server reads, and so may do anything. */
  | { readonly kind: 'do' }
  | { readonly kind: 'call'; readonly procedure: string }
  | { readonly kind: 'comment' }
  /** Rights, owners and roles. */
  | { readonly kind: 'grant' }
  | { readonly kind: 'set'; readonly name: string; readonly lasts: 'session' | 'transaction' }
  | { readonly kind: 'lock'; readonly tables: readonly string[] }
  /** CREATE DATABASE and what else is about the server. */
  | { readonly kind: 'server' };

export interface Removal {
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

export type TypeAction =
  | { readonly kind: 'add-value'; readonly value: string; readonly ifNotExists: boolean }
  | { readonly kind: 'rename-value'; readonly value: string; readonly to: string }
  | { readonly kind: 'rename'; readonly to: string }
  | { readonly kind: 'other' };

/** What PostgreSQL's ALTER TABLE does beyond SQLite's. */
export type PostgresAlterAction =
  /** ADD COLUMN IF NOT EXISTS: it may change nothing. */
  | { readonly kind: 'add-column-if-missing'; readonly column: string; readonly definition: ColumnDefinition }
  /** The column's values are converted, which may rewrite the table. */
  | {
      readonly kind: 'set-type';
      readonly column: string;
      /** As written, with one space between words. */
      readonly type: string;
      readonly using: boolean;
    }
  | { readonly kind: 'set-not-null'; readonly column: string }
  | { readonly kind: 'drop-not-null'; readonly column: string }
  | { readonly kind: 'set-default'; readonly column: string }
  | { readonly kind: 'drop-default'; readonly column: string }
  /** Identity, generation expression, statistics, storage: nothing that rows show. */
  | { readonly kind: 'column-option'; readonly column: string }
  | {
      readonly kind: 'add-constraint';
      readonly name?: string;
      readonly is: 'check' | 'unique' | 'primary-key' | 'foreign-key' | 'exclude' | 'not-null';
      /** The rows that are there are not checked. */
      readonly notValid: boolean;
      /** An index that is there already becomes the constraint's. */
      readonly usingIndex: boolean;
      /** Of a foreign key. */
      readonly clause?: ForeignKeyClause;
      /** Of a key, unique, foreign or not null; empty for the others. */
      readonly columns: readonly string[];
    }
  | { readonly kind: 'validate-constraint'; readonly name: string }
  | {
      readonly kind: 'drop-constraint';
      readonly name: string;
      readonly ifExists: boolean;
      readonly cascade: boolean;
    }
  | { readonly kind: 'rename-constraint'; readonly name: string; readonly to: string }
  | { readonly kind: 'attach-partition'; readonly partition: string }
  | { readonly kind: 'detach-partition'; readonly partition: string; readonly concurrently: boolean }
  | { readonly kind: 'set-schema'; readonly to: string }
  /** SET LOGGED, ACCESS METHOD, TABLESPACE: every row is written anew. */
  | { readonly kind: 'rewrite'; readonly what: string }
  /** Row security, triggers on and off, owner, storage parameters, replica identity. */
  | { readonly kind: 'table-option' };
