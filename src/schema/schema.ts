import type { objectTypes } from '../sql/object-types.ts';
import type { Unit } from './postgres/units/unit.ts';

/**
 * A schema in normal form: what a database means, not how it was typed.
 * Formatting, quoting, letter case of keywords and clause order leave no trace in it;
 * bookkeeping tables, our lease table and engine-internal objects are left out.
 */
export interface Schema {
  readonly objects: readonly SchemaObject[];
}

export interface SchemaObject {
  readonly type: SchemaObjectType;
  /**
   * As the database spells it. In PostgreSQL with its schema unless that is `public`, a function with the types of its
   * arguments, and what is named within its table as `own_rows on users`.
   */
  readonly name: string;
  /** The table it belongs to; its own name for tables and views. */
  readonly table: string;
  /** Equal meaning, equal text. */
  readonly normal: string;
  /** A readable CREATE statement in one house style, for showing and diffing. */
  readonly display: string;
  /** What makes it again exactly as it is; of PostgreSQL only, where `display` alone does not (see `statements.ts`). */
  readonly making?: readonly MakingStep[];
  /** What single statements change of it; of PostgreSQL only, where a draft alters in place. */
  readonly units?: readonly Unit[];
  /** Of a table in PostgreSQL; SQLite's are read from `display`. */
  readonly foreignKeys?: readonly ForeignKey[];
}

export type SchemaObjectType = (typeof objectTypes)[number];

/** One statement of those that make an object, with what has to be there before it. */
export interface MakingStep {
  /** What other steps name as needed; the first is its own. */
  readonly ids: readonly string[];
  readonly needs: readonly string[];
  /** `after-rows`: what is quicker to make, or only holds, once the rows are there; unless something before them needs it. */
  readonly phase: 'before-rows' | 'after-rows';
  readonly sql: string;
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
