import type { ColumnRow, ConstraintRow, SequenceRow, TypeRow } from '../catalogue-rows.ts';

/**
 * What one statement makes, changes or drops: a column is one, and so is its default. A draft of a migration is made of
 * them. Ids are those of `ids.ts`, true in one database only; `key` is the same in every database.
 */
export interface Unit {
  readonly kind: UnitKind;
  readonly key: string;
  /** Equal meaning, equal text. */
  readonly normal: string;
  readonly ids: readonly string[];
  /** What has to be there for it. */
  readonly needs: readonly string[];
  /** Gone as soon as one of these is dropped. */
  readonly partOf: readonly string[];
  /** Made as soon as one of these is made. */
  readonly within: readonly string[];
  /** Where this is made, it has a statement of its own all the same. */
  readonly apartWith?: string;
  /** Empty where nothing makes it again. */
  readonly make: readonly string[];
  readonly drop: readonly string[];
  /** What nothing else can be called, or have, at the same time. */
  readonly names: readonly string[];
  /** What says it for the whole, where it is about a part: it comes to the part from there. */
  readonly follows?: string;
  /** A default that a new table gets once it is there: it may need the table itself. */
  readonly late?: true;
  /** `make` takes the place of what is there. */
  readonly overwrites?: true;
  readonly detail: UnitDetail;
}

export type UnitKind =
  | 'schema'
  | 'extension'
  | 'collation'
  | 'type'
  | 'domain'
  | 'sequence'
  | 'ownership'
  | 'function'
  | 'table'
  | 'column'
  | 'not-null'
  | 'default'
  | 'identity'
  | 'setting'
  | 'index-setting'
  | 'attachment'
  | 'constraint'
  | 'foreign-key'
  | 'index'
  | 'index-part'
  | 'view'
  | 'materialized-view'
  | 'rule'
  | 'trigger'
  | 'policy'
  | 'statistics'
  | 'comment';

/** What an ALTER is written from. */
export type UnitDetail =
  | { readonly kind: 'plain' }
  | { readonly kind: 'schema'; readonly name: string; readonly holdsOurs: boolean }
  | { readonly kind: 'extension'; readonly sql: string; readonly schemaSql: string }
  | {
      readonly kind: 'table';
      readonly sql: string;
      /** What no ALTER TABLE changes. */
      readonly shape: string;
      readonly partitionKey: string | null;
    }
  | {
      readonly kind: 'column';
      readonly tableSql: string;
      readonly row: ColumnRow;
      readonly partitionKey: string | null;
      /** It is there without a default, and the rows have to have a value. */
      readonly wantsValue: boolean;
    }
  | {
      readonly kind: 'identity';
      readonly column: ColumnRow;
      readonly sequence: SequenceRow;
      readonly alter: string;
    }
  | { readonly kind: 'constraint'; readonly row: ConstraintRow; readonly tableSql: string }
  | { readonly kind: 'sequence'; readonly row: SequenceRow; readonly serialOf: string | undefined }
  | { readonly kind: 'type'; readonly row: TypeRow; readonly attributes: readonly ColumnRow[] }
  | { readonly kind: 'view'; readonly columns: readonly string[]; readonly defaults: readonly string[] }
  | {
      readonly kind: 'function';
      readonly signature: string;
      readonly isAggregate: boolean;
      readonly body: string;
    };
