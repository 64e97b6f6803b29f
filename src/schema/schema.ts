/**
 * A schema in normal form: what a database means, not how it was typed.
 * Formatting, quoting, letter case of keywords and clause order leave no trace in it;
 * bookkeeping tables, our lease table and engine-internal objects are left out.
 */
export interface Schema {
  readonly objects: readonly SchemaObject[];
}

export interface SchemaObject {
  readonly type: 'table' | 'index' | 'view' | 'trigger';
  /** As the database spells it. */
  readonly name: string;
  /** The table it belongs to; its own name for tables and views. */
  readonly table: string;
  /** Equal meaning, equal text. */
  readonly normal: string;
  /** A readable CREATE statement in one house style, for showing and diffing. */
  readonly display: string;
}

/** A foreign key as declared, one per constraint. */
export interface ForeignKey {
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
  readonly onDelete: 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT';
}

export interface SchemaDifference {
  readonly type: SchemaObject['type'];
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly left?: string;
  readonly right?: string;
}
