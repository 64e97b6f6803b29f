import type { Query } from '../../sql/statement.ts';
import type { Schema } from '../schema.ts';
import { readAccess } from './access.ts';
import { readCatalogue } from './catalogue.ts';
import type { CatalogueRows, TableRow } from './catalogue-rows.ts';
import { withoutLease } from './left-out.ts';
import { shownName } from './names.ts';
import { schemaOf } from './read.ts';
import { schemaStatements, type SchemaScript } from './statements.ts';

/** All that makes a database again but for its rows, with bookkeeping; whoever makes it again has a lease of its own. */
export interface DatabaseScript extends SchemaScript {
  /** What holds rows of its own, partitions and not their parents, in the order of their names. */
  readonly tables: readonly ScriptTable[];
  /** Values are not made by the statements: `SELECT last_value, is_called FROM sql`, then `setval`. */
  readonly sequences: readonly ScriptSequence[];
  /** Owners and grants, which name roles of the server: for the same server, after everything else. */
  readonly access: readonly string[];
  /** What is there and is not made again, for people: `publication orders`, `operator ===`; empty for most databases. */
  readonly leftOut: readonly string[];
}

export interface ScriptTable {
  /** For people. */
  readonly name: string;
  /** As SQL, under the script's settings. */
  readonly sql: string;
  /** Those that hold a value of their own, as SQL; generated ones are left out. */
  readonly columns: readonly string[];
}

export interface ScriptSequence {
  readonly name: string;
  readonly sql: string;
}

/** Reads the script of a whole database. Two statements: one moment only where the query's transaction is one. */
export async function readScript(query: Query): Promise<DatabaseScript> {
  const rows = withoutLease(await readCatalogue(query));
  const access = await readAccess(query);
  const schema = schemaOf(rows);
  const columns = Map.groupBy(rows.columns, ({ table }) => table);
  return {
    ...schemaStatements(schema),
    tables: rows.tables
      .filter(({ kind }) => kind === 'r')
      .map((row) => tableOf(row, columns.get(row.oid) ?? []))
      .toSorted(byName),
    sequences: rows.sequences.map((row) => ({ name: shownName(row), sql: row.sql })).toSorted(byName),
    access,
    leftOut: leftOutOf(schema, rows),
  };
}

function tableOf(row: TableRow, columns: CatalogueRows['columns']): ScriptTable {
  const stored = columns.filter(({ generated }) => generated === '');
  return { name: shownName(row), sql: row.sql, columns: stored.map(({ sql }) => sql) };
}

function leftOutOf({ objects }: Schema, rows: CatalogueRows): readonly string[] {
  const unmade = objects.filter(({ making }) => making?.length === 0);
  return [
    ...unmade.map(({ type, name }) => `${type} ${name}, which is not valid`),
    ...rows.others.map(({ name }) => name),
  ];
}

/** The schema as its script makes it: an index that is not valid is not made again. */
export function asMadeAgain({ objects }: Schema): Schema {
  return { objects: objects.filter(({ making }) => making?.length !== 0) };
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
