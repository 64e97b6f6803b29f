/** What the catalogues say, row by row, as `readCatalogue` gives it. An oid is a text; `sql` is a name as SQL takes it. */
export interface CatalogueRows {
  /** The server's, such as 150018. */
  readonly version: readonly { readonly number: number }[];
  readonly schemas: readonly SchemaRow[];
  readonly extensions: readonly ExtensionRow[];
  readonly collations: readonly CollationRow[];
  readonly types: readonly TypeRow[];
  readonly functions: readonly FunctionRow[];
  readonly sequences: readonly SequenceRow[];
  readonly tables: readonly TableRow[];
  readonly columns: readonly ColumnRow[];
  readonly constraints: readonly ConstraintRow[];
  readonly indexes: readonly IndexRow[];
  readonly views: readonly ViewRow[];
  readonly triggers: readonly TriggerRow[];
  readonly rules: readonly TriggerRow[];
  readonly policies: readonly PolicyRow[];
  readonly statistics: readonly StatisticsRow[];
  readonly comments: readonly CommentRow[];
  /** Who needs whom, as ids (see `ids.ts`). */
  readonly needs: readonly { readonly of: string; readonly needs: string }[];
  /** What stands on which table, view or index, and on which column of it; 0: on all of it. */
  readonly uses: readonly { readonly of: string; readonly relation: string; readonly column: number }[];
  /** The types and collations of the project's that a column has. */
  readonly columnNeeds: readonly {
    readonly relation: string;
    readonly column: number;
    readonly needs: string;
  }[];
  /** Objects of kinds that are read no further, for people. */
  readonly others: readonly { readonly name: string }[];
}

export interface NamedRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly sql: string;
}

export interface SchemaRow {
  readonly oid: string;
  readonly name: string;
  readonly sql: string;
  /** An extension made it. */
  readonly isMember: boolean;
  /** Tracking tables or our lease are in it, too; not said where nothing was left out. */
  readonly holdsOurs?: boolean;
}

export interface ExtensionRow extends NamedRow {
  readonly schemaSql: string;
  readonly schemaOid: string;
  readonly isOwnSchema: boolean;
}

export interface CollationRow extends NamedRow {
  /** Its row of pg_collation, whose columns differ from version to version. */
  readonly row: Readonly<Record<string, string | number | boolean | null>>;
}

export interface TypeRow extends NamedRow {
  /** `e`num, `d`omain, `c`omposite, `r`ange. */
  readonly kind: 'e' | 'd' | 'c' | 'r';
  readonly arrayType: string;
  /** Of a composite type: where its columns are. */
  readonly relation: string;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly base: string;
  readonly collation: string | null;
  readonly labels: readonly string[] | null;
  readonly checks: readonly DomainCheckRow[] | null;
  readonly range: RangeRow | null;
}

export interface DomainCheckRow {
  readonly oid: string;
  readonly name: string;
  readonly sql: string;
  readonly definition: string;
  readonly valid: boolean;
}

export interface RangeRow {
  readonly subtype: string;
  readonly opclass: string | null;
  readonly collation: string | null;
  readonly difference: string | null;
  readonly canonical: string | null;
  /** What makes one is called so, in the schema of the range type. */
  readonly multirange: string;
  /** With its schema, which may be another one. */
  readonly multirangeSql: string;
  readonly multirangeType: string;
  readonly multirangeArray: string;
}

export interface FunctionRow extends NamedRow {
  /** `f`unction, `p`rocedure, `w`indow function, `a`ggregate. */
  readonly kind: 'f' | 'p' | 'w' | 'a';
  readonly arguments: string;
  /** Its arguments with their names and defaults, and what it returns: what CREATE OR REPLACE may not change. */
  readonly signature: string;
  readonly definition: string | null;
  /** Its row of pg_aggregate, with functions and types by name. */
  readonly aggregate: Readonly<Record<string, string | number | boolean | null>> | null;
}

export interface SequenceRow extends NamedRow {
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly least: string;
  readonly most: string;
  readonly cache: string;
  readonly cycle: boolean;
  readonly unlogged: boolean;
  /** Null where it is nobody's. */
  readonly isIdentity: boolean | null;
  readonly ownerTable: string | null;
  readonly ownerColumn: string | null;
  readonly owner: string | null;
}

export interface TableRow extends NamedRow {
  /** `r`: ordinary, `p`: partitioned. */
  readonly kind: 'r' | 'p';
  readonly unlogged: boolean;
  readonly isPartition: boolean;
  readonly rowType: string;
  readonly arrayType: string;
  readonly options: readonly string[] | null;
  readonly toastOptions: readonly string[] | null;
  readonly rowSecurity: boolean;
  readonly forceRowSecurity: boolean;
  /** What logical replication tells rows by: `d`efault, `n`othing, `f`ull, `i`ndex. */
  readonly identity: string;
  readonly method: string | null;
  readonly partitionKey: string | null;
  readonly bound: string | null;
  readonly ofType: string | null;
  readonly parents: readonly (readonly [oid: string, sql: string])[] | null;
}

export interface ColumnRow {
  readonly table: string;
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly defaultOid: string | null;
  readonly default: string | null;
  /** `s`tored, `v`irtual, or empty. */
  readonly generated: string;
  /** `a`lways, by `d`efault, or empty. */
  readonly identity: string;
  readonly collation: string | null;
  readonly storage: string | null;
  readonly compression: string;
  readonly statistics: number | null;
  readonly options: readonly string[] | null;
  readonly isLocal: boolean;
  readonly isInherited: boolean;
  /** From version 18 on, what says NOT NULL is a constraint; its name as SQL where PostgreSQL did not choose it. */
  readonly notNullOid: string | null;
  readonly notNullName: string | null;
  /** It is only the parent's. */
  readonly isNotNullInherited: boolean | null;
}

export interface ConstraintRow {
  readonly oid: string;
  readonly table: string;
  readonly name: string;
  readonly sql: string;
  /** `p`rimary key, `u`nique, e`x`clude, `f`oreign key, `c`heck, `n`ot null where it is an unusual one. */
  readonly kind: 'p' | 'u' | 'x' | 'f' | 'c' | 'n';
  readonly definition: string;
  readonly valid: boolean;
  readonly isLocal: boolean;
  readonly noInherit: boolean;
  /** It is there because the partitioned table has it. */
  readonly isOfParent: boolean;
  /** Of its own, or for a foreign key what it points to; `0` without one. */
  readonly index: string;
  readonly onDelete: string;
  /** By their numbers. */
  readonly columns: readonly number[] | null;
  readonly parentSchema: string | null;
  readonly parent: string | null;
}

export interface IndexRow extends NamedRow {
  readonly table: string;
  readonly definition: string;
  readonly valid: boolean;
  readonly clustered: boolean;
  readonly isIdentity: boolean;
  /** The constraint that it stands for. */
  readonly constraint: string | null;
  /** The index of the partitioned table that it is a part of. */
  readonly parent: string | null;
  readonly statistics: readonly (readonly [column: number, target: number])[] | null;
}

export interface ViewRow extends NamedRow {
  /** Materialized. */
  readonly holdsRows: boolean;
  readonly populated: boolean;
  readonly rowType: string;
  readonly arrayType: string;
  readonly options: readonly string[] | null;
  readonly definition: string;
  readonly rule: string;
  readonly defaults: readonly (readonly [column: string, value: string])[] | null;
  /** Each with its type and collation. */
  readonly columns: readonly string[] | null;
}

export interface TriggerRow {
  readonly oid: string;
  readonly table: string;
  readonly name: string;
  readonly sql: string;
  readonly definition: string;
  /** `O`: on, `D`: off, `R`: on replicas, `A`: always. */
  readonly enabled: string;
  /** That of the partitioned table, where a partition's own is switched otherwise; the others are not told. */
  readonly parent: string | null;
}

export interface PolicyRow {
  readonly oid: string;
  readonly table: string;
  readonly name: string;
  readonly sql: string;
  readonly permissive: boolean;
  /** `r`ead, `a`ppend, `w`rite, `d`elete or `*`. */
  readonly command: string;
  readonly using: string | null;
  readonly check: string | null;
  readonly roles: readonly string[];
}

export interface StatisticsRow extends NamedRow {
  readonly table: string;
  readonly definition: string;
  readonly target: number | null;
}

export interface CommentRow {
  readonly catalogue: string;
  readonly oid: string;
  /** Its number; 0: it is no column. */
  readonly column: number;
  /** As pg_identify_object says it, such as `table column`. */
  readonly type: string;
  readonly identity: string;
  readonly text: string;
}
