import { MigrateError } from '../../../lib/errors.ts';
import { quantity } from '../../../lib/numbers.ts';
import type { Query, Statement } from '../../../sql/statement.ts';
import { SqlError } from '../../engine.ts';
import type { Dump, TableInDump } from './dump-reader.ts';
import { readSourceTables, type SourceTable } from './dumped-tables.ts';
import { holdLock } from '../fence.ts';
import { inTransaction, type TableSession, type TransactionOutcome } from './table-session.ts';

export interface ReplaceRowsOptions {
  /** By the names that people call them. */
  readonly tables: readonly string[];
  readonly fence: readonly Statement[];
  /** Run at the end of the transaction: what tells afterwards that it was committed. */
  readonly prepare: readonly Statement[];
}

/**
 * Puts the rows of some tables back as a copy has them, in one transaction: other tables stay as they are, triggers do
 * not fire, and rows that would be left without what they refer to undo it all.
 *
 * @returns `unknown` when the answer to the commit was lost
 * @throws MigrateError `refused`, `locked`, `busy`, `unreachable`, `interrupted`: everything was undone
 */
export async function replaceRows(
  session: TableSession,
  dump: Dump,
  { tables, fence, prepare }: ReplaceRowsOptions,
): Promise<TransactionOutcome<number>> {
  return inTransaction(session, 'BEGIN', async () => {
    await holdLock(session, fence);
    const pairs = await pairsOf(session, dump, tables);
    const around = await aroundOf(session.query, pairs);
    for (const sql of around.before) await session.run(sql);
    let rows = 0;
    for (const { from } of pairs) rows += await putRows(session, dump, from);
    for (const sql of around.after) await session.run(sql).catch((error: unknown) => torn(error, session));
    for (const statement of prepare) await session.query(statement);
    return rows;
  });
}

interface Pair {
  readonly from: TableInDump;
  readonly to: SourceTable;
}

async function pairsOf(
  { query, location }: TableSession,
  dump: Dump,
  names: readonly string[],
): Promise<readonly Pair[]> {
  const live = await readSourceTables(query);
  return names.map((name) => {
    const from = dump.tables.find((table) => table.name === name);
    const to = live.find((table) => table.name === name);
    if (!from) throw new Error(`The copy has no rows of ${name}.`);
    if (to?.into === from.into) return { from, to };
    throw new MigrateError(
      'refused',
      `${name} of ${location} ${to ? 'has other columns than when it was backed up' : 'is not there'}. Nothing was changed.`,
      { next: 'Restore the whole backup, or copy the rows by hand.' },
    );
  });
}

/** What is in the way of rows is dropped and made again word for word, or switched off and on as it was. */
async function aroundOf(
  query: Query,
  pairs: readonly Pair[],
): Promise<{ readonly before: readonly string[]; readonly after: readonly string[] }> {
  const oids = pairs.map(({ to }) => to.oid);
  const keys = await query({
    sql: `SELECT c.conrelid::regclass::text AS "table", quote_ident(c.conname) AS name,
        pg_catalog.pg_get_constraintdef(c.oid) AS definition
      FROM pg_catalog.pg_constraint c
      WHERE c.contype = 'f' AND c.conparentid = 0 AND (${within('c.conrelid', oids)} OR ${within('c.confrelid', oids)})
      ORDER BY c.oid`,
  });
  const triggers = await query({
    sql: `SELECT t.tgrelid::regclass::text AS "table", quote_ident(t.tgname) AS name, t.tgenabled::text AS state
      FROM pg_catalog.pg_trigger t
      WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND ${within('t.tgrelid', oids)} ORDER BY t.oid`,
  });
  return {
    before: [
      ...keys.map(({ table, name }) => `ALTER TABLE ${String(table)} DROP CONSTRAINT ${String(name)}`),
      ...triggers.map(({ table, name }) => `ALTER TABLE ${String(table)} DISABLE TRIGGER ${String(name)}`),
      `TRUNCATE ${pairs.map(({ to }) => to.all).join(', ')}`,
    ],
    after: [
      ...triggers.map(
        ({ table, name, state }) =>
          `ALTER TABLE ${String(table)} ${enabling[String(state)] ?? 'ENABLE TRIGGER'} ${String(name)}`,
      ),
      ...keys.map(
        ({ table, name, definition }) =>
          `ALTER TABLE ${String(table)} ADD CONSTRAINT ${String(name)} ${String(definition)}`,
      ),
    ],
  };
}

const enabling: Readonly<Record<string, string>> = {
  A: 'ENABLE ALWAYS TRIGGER',
  R: 'ENABLE REPLICA TRIGGER',
};

/** The tables and all their partitions. */
function within(column: string, oids: readonly number[]): string {
  return `${column} IN (SELECT p.relid FROM unnest(ARRAY[${oids.join(', ')}]::oid[]) AS of_table(oid)
    CROSS JOIN LATERAL (SELECT of_table.oid AS relid UNION SELECT relid FROM pg_catalog.pg_partition_tree(of_table.oid)) AS p)`;
}

async function putRows(session: TableSession, dump: Dump, table: TableInDump): Promise<number> {
  const rows = await session
    .copyIn(table.into, dump.rowsOf(table))
    .catch((error: unknown) => torn(error, session));
  if (rows === table.rows) return rows;
  throw new MigrateError(
    'refused',
    `${table.name} got ${quantity(rows, 'row')} instead of ${table.rows}. Everything was undone; it is as before.`,
  );
}

function torn(error: unknown, { location }: TableSession): never {
  if (!(error instanceof SqlError) || !error.code.startsWith('23')) throw error;
  const isReference = error.code === '23503';
  throw new MigrateError(
    'refused',
    `${location} would be left with rows that ${isReference ? 'refer to nothing' : 'it does not take'}: ${error.message}. Everything was undone; it is as before.`,
    {
      cause: error,
      next: isReference
        ? 'Name these tables in --tables as well, or restore the whole backup.'
        : 'Restore the whole backup.',
    },
  );
}
