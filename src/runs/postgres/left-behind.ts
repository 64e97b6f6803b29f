import {
  readSequences,
  readSourceTables,
  type SourceTable,
} from '../../engines/postgres/copy/dumped-tables.ts';
import { uncopiedIn } from '../../engines/postgres/copy/uncopied.ts';
import { MigrateError } from '../../lib/errors.ts';
import { some } from '../../migrations/some.ts';
import type { KeptPostgresTable, LeftInPostgres } from '../../operations/squash/postgres-text.ts';
import { asWritten } from '../../schema/postgres/catalogue.ts';
import { readRights } from '../../schema/postgres/rights.ts';
import { readScript } from '../../schema/postgres/script.ts';
import type { Schema } from '../../schema/schema.ts';
import { quoteName } from '../../sql/quote.ts';
import { postgresLiteral } from '../../sql/postgres/literal.ts';
import type { Query } from '../../sql/statement.ts';
import type { ReplayBase } from '../replay/replay-points.ts';

/** What was found out about the statements of a history. */
export interface RolesOfHistory {
  /** The role that replayed it. */
  readonly runner: string;
  /** What its statements name, as they spell it. */
  readonly named: ReadonlySet<string>;
  readonly serverWide: readonly string[];
}

/**
 * Everything that a scratch database holds, as statements and literals that give the same again.
 *
 * @throws MigrateError `refused` for what no statement of ours makes again
 */
export async function leftInPostgres(
  { query, schema: readSchema }: Pick<ReplayBase, 'query' | 'schema'>,
  { runner, named, serverWide }: RolesOfHistory,
): Promise<LeftInPostgres> {
  await refuseLeftOut(query);
  const isNamed = (role: string) => named.has(role);
  const schema = await readSchema();
  await query({ sql: valuesAsWritten });
  return {
    dialect: 'postgres',
    schema: isNamed(runner) ? schema : withCurrentUser(schema, runner),
    tables: [...(await tablesIn(query)), ...(await materializedIn(query))],
    sequences: await sequencesIn(query),
    rights: await readRights(query, { role: runner, isNamed }),
    serverWide,
    names: [runner, await databaseOf(query)],
  };
}

async function databaseOf(query: Query): Promise<string> {
  const [row] = await query({ sql: 'SELECT current_database() AS name' });
  return String(row?.['name']);
}

async function refuseLeftOut(query: Query): Promise<void> {
  const { leftOut } = await readScript(query);
  const lost = [...leftOut, ...(await uncopiedIn(query))];
  if (lost.length === 0) return;
  throw new MigrateError(
    'refused',
    `What the history makes cannot all be written as one file: ${some(lost)}. Nothing was written.`,
    { next: 'Squash up to before the migration that makes it: migrate-tui squash --to TAG' },
  );
}

/** The scratch database goes with its session, so nobody needs what was set before. */
const valuesAsWritten = `SELECT ${Object.entries(asWritten)
  .map(([name, value]) => `set_config('${name}', '${value}', false)`)
  .join(', ')}`;

/** A policy TO CURRENT_USER is kept under the name of whoever made it. */
function withCurrentUser({ objects }: Schema, runner: string): Schema {
  const isRunner = (role: string) => role === runner || role === quoteName(runner);
  const inClause = (clause: string) =>
    clause
      .split(', ')
      .map((role) => (isRunner(role) ? 'CURRENT_USER' : role))
      .join(', ');
  const changed = (sql: string) =>
    sql.replace(/\n {2}TO (.+)$/m, (_, roles: string) => `\n  TO ${inClause(roles)}`);
  return {
    objects: objects.map((object) =>
      object.type === 'policy' && object.making
        ? { ...object, making: object.making.map((step) => ({ ...step, sql: changed(step.sql) })) }
        : object,
    ),
  };
}

async function tablesIn(query: Query): Promise<readonly KeptPostgresTable[]> {
  const traits = await traitsOf(query);
  const kept: KeptPostgresTable[] = [];
  for (const table of await readSourceTables(query)) {
    const { key = [], computed: names = [], identity = 'other' } = traits.get(table.oid) ?? {};
    const rows = await rowsOf(query, table, key);
    const columns = table.columns.map(({ name }) => name);
    const results = { columns: names.map((name) => ({ name, type: 'text' })), all: table.all };
    const computed = names.length === 0 ? [] : await rowsOf(query, results, key);
    kept.push({ name: table.name, into: table.into, columns, rows, computed, how: 'inserted', identity });
  }
  return kept;
}

interface Traits {
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  /** Columns that are computed and stored. */
  readonly computed: readonly string[];
  readonly identity: KeptPostgresTable['identity'];
}

async function traitsOf(query: Query): Promise<ReadonlyMap<number, Traits>> {
  const rows = await query({
    sql: `SELECT c.oid::int8 AS oid,
        EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity = 'a')::int AS always,
        (SELECT coalesce(json_agg(a.attname ORDER BY k.at), '[]')::text
          FROM pg_catalog.pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, at), pg_catalog.pg_attribute a
          WHERE i.indrelid = c.oid AND i.indisprimary AND k.at <= i.indnkeyatts AND a.attrelid = c.oid AND a.attnum = k.attnum) AS key,
        (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]')::text FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = 's') AS computed
      FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p')`,
  });
  return new Map(
    rows.map((row) => {
      const key: readonly string[] = JSON.parse(String(row['key']));
      const computed: readonly string[] = JSON.parse(String(row['computed']));
      const identity = row['always'] === 1 ? 'always' : 'other';
      return [Number(row['oid']), { key, computed, identity }] as const;
    }),
  );
}

interface RowSource {
  readonly columns: readonly Pick<SourceTable['columns'][number], 'name' | 'type'>[];
  readonly all: string;
}

/** In the order of the primary key; where there is none, of their texts: such rows have no order of their own. */
async function rowsOf(
  query: Query,
  { columns, all }: RowSource,
  key: readonly string[],
): Promise<KeptPostgresTable['rows']> {
  // What a type writes, where it is not NULL: `IS NULL` says so of a row value that only holds NULLs, too.
  const read = columns.map(({ name, type }, index) => {
    // Every server writes money in the way of its own place, and reads it so.
    const column = `t.${quoteName(name)}${type === 'money' ? '::numeric' : ''}`;
    return `CASE num_nulls(${column}) WHEN 0 THEN format('%s', ${column}) END AS c${index}`;
  });
  const order = key.length === 0 ? '' : ` ORDER BY ${key.map((name) => `t.${quoteName(name)}`).join(', ')}`;
  const rows = await query({ sql: `SELECT ${['1 AS one', ...read].join(', ')} FROM ${all} AS t${order}` });
  const found = rows.map((row) =>
    columns.map(({ type }, index) => {
      const value = row[`c${index}`];
      return typeof value === 'string' ? postgresLiteral(value, type === 'money' ? 'numeric' : type) : 'NULL';
    }),
  );
  return key.length === 0 ? found.toSorted(byText) : found;
}

function byText(left: readonly string[], right: readonly string[]): number {
  const [one, other] = [left.join(), right.join()];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Rows of materialized views are made again from those of tables: they have to be the same then. */
async function materializedIn(query: Query): Promise<readonly KeptPostgresTable[]> {
  const views = await query({
    sql: `SELECT format('%I.%I', n.nspname, c.relname) AS quoted,
        CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name, c.relispopulated::int AS filled
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'm' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1`,
  });
  const kept: KeptPostgresTable[] = [];
  for (const { quoted, name, filled } of views) {
    const into = String(quoted);
    const rows =
      filled === 1 ? await query({ sql: `SELECT format('%s', t) AS line FROM ${into} AS t` }) : undefined;
    const lines = rows?.map(({ line }) => [String(line)]).toSorted(byText) ?? [['it is not filled']];
    const told = { name: String(name), into, columns: ['row'], rows: lines, computed: [] };
    kept.push({ ...told, how: 'rebuilt', identity: 'other' });
  }
  return kept;
}

/** Those that do not stand where a new one does. */
async function sequencesIn(query: Query): Promise<ReadonlyMap<string, string>> {
  const starts = await query({
    sql: `SELECT format('%I.%I', n.nspname, c.relname) AS name, q.seqstart::text AS start
      FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
  });
  const startOf = new Map(starts.map(({ name, start }) => [String(name), String(start)]));
  const moved = (await readSequences(query)).filter(
    ({ sequence, value, isCalled }) => isCalled || value !== startOf.get(sequence),
  );
  return new Map(
    moved.map(({ sequence, value, isCalled }) => [sequence, `${value}, ${String(isCalled)}`] as const),
  );
}
