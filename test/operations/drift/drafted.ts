import { afterAll, beforeAll } from 'vitest';
import { draftPostgres } from '../../../src/operations/drift/draft-postgres/draft.ts';
import { compareSchemas } from '../../../src/schema/compare.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { Schema, SchemaDifference, SchemaObject } from '../../../src/schema/schema.ts';
import { openPostgres, type Opened } from '../../schema/postgres/opened.ts';

export interface Tried {
  readonly draft: readonly string[];
  /** What differs once the draft ran. */
  readonly left: readonly SchemaDifference[];
  /** Tables whose rows are not as they were, in the columns that are in both with one type. */
  readonly lost: readonly string[];
  /** The rows of every table at the end, by its name as SQL. */
  readonly after: Rows;
}

export interface Trial {
  readonly from: string;
  /** Statements that fill it. */
  readonly rows?: string;
  readonly to: string;
  /** Statements that are run once the draft was. */
  readonly check?: string;
}

export interface Drafts {
  between(trial: Trial): Promise<Tried>;
  /** Two schemas; of the first what may differ is in the second as well. */
  schemas(
    one: string,
    other: string,
    isAllowed: (object: SchemaObject) => boolean,
  ): Promise<readonly [Schema, Schema]>;
}

/** Drafts that are run in a database of the tests, which is empty again after each. */
export function draftsTried(): Drafts {
  let database: Opened;
  beforeAll(async () => {
    database = await openPostgres();
  });
  afterAll(async () => database[Symbol.asyncDispose]());
  return {
    between: (trial) => tried(database, trial),
    schemas: async (one, other, isAllowed) => {
      const from = await database.within([one], async () => readSchema(database.query));
      const to = await database.within([other], async () => readSchema(database.query));
      return [from, { objects: [...to.objects, ...from.objects.filter(isAllowed)] }];
    },
  };
}

async function tried(database: Opened, { from, rows = '', to, check = '' }: Trial): Promise<Tried> {
  const wanted = await database.within([to], async () => readSchema(database.query));
  // What is checked at the end of a transaction would be in the way of an ALTER TABLE in it.
  const checked = 'SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED';
  return database.within([from, rows, checked], async () => {
    const schema = await readSchema(database.query);
    const before = await rowsOf(database);
    const draft = draftPostgres(schema, wanted);
    for (const sql of draft) await ran(database, sql, draft);
    const after = await rowsOf(database);
    const left = compareSchemas(wanted, await readSchema(database.query));
    const lost = changedRows(before, after, typesKept(schema, wanted));
    await database.run(check);
    return { draft, left, lost, after: await rowsOf(database) };
  });
}

async function ran(database: Opened, sql: string, draft: readonly string[]): Promise<void> {
  try {
    await database.run(sql);
  } catch (error) {
    throw new Stopped(error, sql, draft);
  }
}

/** A statement of a draft that was refused. */
export class Stopped extends Error {
  /** By values that a row has, or lacks: classes 22 and 23 of SQLSTATE. */
  readonly isByRows: boolean;

  constructor(cause: unknown, sql: string, draft: readonly string[]) {
    super(`${String(cause)} of:\n${sql}\n\nin:\n${draft.join('\n')}`, { cause });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    this.isByRows = /^2[23]/.test(code);
  }
}

type Rows = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;

/** Every table's rows, by its name as SQL. What is NULL is left out: a composite type may have grown. */
async function rowsOf({ query }: Opened): Promise<Rows> {
  const tables = await query({
    sql: `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  });
  const found = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  for (const { name } of tables) {
    const [row] = await query({
      sql: `SELECT coalesce(json_agg(jsonb_strip_nulls(to_jsonb(t))), '[]')::text AS rows FROM ONLY ${String(name)} t`,
    });
    found.set(String(name), JSON.parse(String(row?.['rows'])));
  }
  // One that counts the other way, or becomes a column's identity, is another one.
  const sequences = await query({
    sql: `SELECT concat_ws(' ', format('%I.%I', schemaname, sequencename), increment_by > 0, (SELECT 'identity' FROM pg_depend d
        WHERE d.classid = 1259 AND d.objid = format('%I.%I', schemaname, sequencename)::regclass AND d.deptype = 'i')) AS name,
      last_value::text AS last FROM pg_sequences`,
  });
  for (const { name, last } of sequences) found.set(String(name), [{ last }]);
  return found;
}

/** `t.column` with its type, of the columns that are plain ones in both. */
function typesKept(one: Schema, other: Schema): ReadonlyMap<string, ReadonlySet<string>> {
  const [left, right] = [columnsOf(one), new Set(columnsOf(other).map(({ told }) => told))];
  const kept = Map.groupBy(
    left.filter(({ told }) => right.has(told)),
    ({ table }) => table,
  );
  return new Map([...kept].map(([table, columns]) => [table, new Set(columns.map(({ name }) => name))]));
}

function columnsOf({ objects }: Schema) {
  return objects
    .flatMap(({ units = [] }) => units)
    .flatMap(({ detail }) => {
      if (detail.kind !== 'column' || detail.row.generated !== '') return [];
      const { tableSql: table, row } = detail;
      return [{ table, name: row.name, told: `${table} ${row.sql} ${row.type}` }];
    });
}

function changedRows(
  before: Rows,
  after: Rows,
  kept: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  return [...before].flatMap(([table, rows]) => {
    const now = after.get(table);
    if (!now) return [];
    const columns =
      now.length === 1 && now[0]?.['last'] !== undefined ? new Set(['last']) : (kept.get(table) ?? new Set());
    const told = (all: typeof rows) =>
      all
        .map((row) => lineOf(row, columns))
        .toSorted()
        .join('\n');
    return told(rows) === told(now) ? [] : [`${table}: ${told(rows)} → ${told(now)}`];
  });
}

function lineOf(row: Readonly<Record<string, unknown>>, columns: ReadonlySet<string>): string {
  const kept = Object.entries(row).filter(([name]) => columns.has(name));
  return JSON.stringify(kept.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
