import { classify } from '../sql/classify.ts';
import { foldName } from '../sql/cursor.ts';
import type { Query } from '../sql/statement.ts';
import { partsIn, type Part } from './parts.ts';
import { readObjectsOf, readSchema, type SchemaOptions } from './read.ts';
import type { SchemaObject } from './schema.ts';
import { keyOf } from './versions.ts';

/** What one statement changed in a schema, as it was before and as it is after it; undefined: not there. */
export interface SchemaStep {
  readonly objects: ReadonlyMap<string, Change<SchemaObject>>;
  /** By the part's key. */
  readonly parts: ReadonlyMap<string, Change<Part>>;
}

export interface Change<Of> {
  readonly before: Of | undefined;
  readonly after: Of | undefined;
}

/**
 * Knows the schema of one connection from statement to statement, and reads no more of it than a statement can have
 * changed: a schema of thousands of tables costs the same as one of ten.
 */
export interface SchemaFollower {
  part(key: string): Part | undefined;
  /** Statements were run that it did not see. */
  lose(): void;
  /** To be asked before the first statement that is looked at. */
  sync(query: Query): Promise<SchemaStep>;
  /** What the statement that was just run changed. */
  look(query: Query, sql: string): Promise<SchemaStep>;
  /** Statements were run whose effect is known. */
  apply(step: SchemaStep): void;
  /** They were rolled back. */
  revert(step: SchemaStep): void;
}

export const noStep: SchemaStep = { objects: new Map(), parts: new Map() };

export function followSchema(options: SchemaOptions): SchemaFollower {
  const known = new KnownSchema();
  let isLost = true;
  const readAll = async (query: Query) =>
    known.apply(known.compare((await readSchema(query, options)).objects));
  return {
    part: (key) => known.parts.get(key),
    lose: () => {
      isLost = true;
    },
    sync: async (query) => {
      if (!isLost) return noStep;
      isLost = false;
      return readAll(query);
    },
    look: async (query, sql) => {
      const tables = known.tablesOf(sql);
      // A table of PostgreSQL brings sequences of its own, CASCADE takes along what nothing names, and an index or a
      // trigger is not found by its name alone.
      if (query.dialect === 'postgres') return changesNoSchema(sql, tables) ? noStep : readAll(query);
      if (tables?.length === 0) return noStep;
      if (!tables) return readAll(query);
      return known.apply(known.compare(await readObjectsOf(query, tables, options), tables));
    },
    apply: (step) => {
      known.apply(step);
    },
    revert: (step) => known.revert(step),
  };
}

function changesNoSchema(sql: string, tables: readonly string[] | undefined): boolean {
  const { kind } = classify(sql);
  return tables?.length === 0 && kind !== 'drop-index' && kind !== 'drop-trigger';
}

class KnownSchema {
  readonly parts = new Map<string, Part>();
  readonly #byTable = new Map<string, Map<string, SchemaObject>>();
  readonly #tableOf = new Map<string, string>();

  /**
   * The tables and views of which a statement can have changed something; undefined: any of them. A vector index and a
   * virtual table bring tables of their own.
   */
  tablesOf(sql: string): readonly string[] | undefined {
    const kind = classify(sql);
    switch (kind.kind) {
      case 'create-table':
      case 'drop-table':
        return [foldName(kind.table)];
      case 'create-index':
        return /libsql_vector_idx/i.test(sql) ? undefined : [foldName(kind.table)];
      case 'create-trigger':
        return [foldName(kind.table)];
      case 'create-view':
      case 'drop-view':
        return [foldName(kind.view)];
      case 'alter-table':
        return kind.action.kind === 'add-column' || kind.action.kind === 'drop-column'
          ? [foldName(kind.table)]
          : undefined;
      case 'drop-index':
        return this.#holderOf(`index ${foldName(kind.index)}`);
      case 'drop-trigger':
        return this.#holderOf(`trigger ${foldName(kind.trigger)}`);
      case 'insert':
      case 'update':
      case 'delete':
        return isCatalogue(kind.table) ? undefined : [];
      case 'select':
      case 'pragma':
      case 'transaction':
        return [];
      default:
        return undefined;
    }
  }

  /** What is not known is not there, or is no part of the schema. */
  #holderOf(key: string): readonly string[] {
    const table = this.#tableOf.get(key);
    return table === undefined ? [] : [table];
  }

  /** @param tables the ones that were read; absent: all */
  compare(objects: readonly SchemaObject[], tables?: readonly string[]): SchemaStep {
    const before = new Map(
      (tables ?? [...this.#byTable.keys()]).flatMap((table) => [...(this.#byTable.get(table) ?? [])]),
    );
    const after = new Map(objects.map((object) => [keyOf(object), object]));
    const changed = new Map<string, Change<SchemaObject>>();
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(key), after.get(key)];
      // Equal texts share one object.
      if (old !== now) changed.set(key, { before: old, after: now });
    }
    return { objects: changed, parts: partsChanged(changed) };
  }

  apply(step: SchemaStep): SchemaStep {
    for (const [key, { before, after }] of step.objects) this.#replace(key, before, after);
    for (const [key, { after }] of step.parts) setOrDelete(this.parts, key, after);
    return step;
  }

  revert(step: SchemaStep): void {
    for (const [key, { before, after }] of step.objects) this.#replace(key, after, before);
    for (const [key, { before }] of step.parts) setOrDelete(this.parts, key, before);
  }

  #replace(key: string, old: SchemaObject | undefined, now: SchemaObject | undefined): void {
    if (old) {
      this.#byTable.get(foldName(old.table))?.delete(key);
      this.#tableOf.delete(key);
    }
    if (!now) return;
    const table = foldName(now.table);
    const objects = this.#byTable.get(table) ?? new Map<string, SchemaObject>();
    this.#byTable.set(table, objects.set(key, now));
    this.#tableOf.set(key, table);
  }
}

/** With writable_schema anything can be written there. */
function isCatalogue(table: string): boolean {
  return /^sqlite_(?:temp_)?(?:master|schema)$/i.test(table);
}

function partsChanged(objects: SchemaStep['objects']): SchemaStep['parts'] {
  const before = new Map<string, Part>();
  const after = new Map<string, Part>();
  for (const change of objects.values()) {
    for (const part of change.before ? partsIn(change.before) : []) before.set(part.key, part);
    for (const part of change.after ? partsIn(change.after) : []) after.set(part.key, part);
  }
  const changed = new Map<string, Change<Part>>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key), after.get(key)];
    if (old?.value !== now?.value) changed.set(key, { before: old, after: now });
  }
  return changed;
}

function setOrDelete<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
