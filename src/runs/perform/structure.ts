import type { Engine, UnitStatement } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { isOurs, shadowTablesOf } from '../../schema/left-out.ts';
import { foldName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Row } from '../../sql/statement.ts';

/**
 * Gives an empty database the structure and the records of another one, and none of its rows:
 * what `rehearse: 'structure'` rehearses on. It proves nothing about rows.
 */
export async function copyStructure(
  from: Pick<Engine, 'query'>,
  to: Engine,
  { bookkeeping }: { readonly bookkeeping: string },
): Promise<void> {
  const objects = await from.query({
    sql: `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid`,
  });
  const made = objects.filter(belongsIn(objects, bookkeeping)).map(({ sql }) => statement(String(sql), []));
  const records = await recordsOf(from, objects, bookkeeping);
  const outcome = await to.unit({
    foreignKeys: to.foreignKeys === 'switchable' ? 'off' : 'on',
    statements: [...made, ...records],
  });
  if (outcome.kind === 'committed') return;
  const why = 'error' in outcome ? outcome.error.message : outcome.kind;
  throw new MigrateError(
    'rehearsal-failed',
    `The structure cannot be made a second time: ${why}. The target itself was not changed.`,
    {
      next: "Rehearse on the rows: rehearse: 'full' in the config.",
    },
  );
}

/** Tables that a virtual table makes by itself, and those of the engine and of ours, are not made by hand. */
function belongsIn(objects: readonly Row[], bookkeeping: string): (row: Row) => boolean {
  const shadows = new Set(objects.flatMap(({ name, sql }) => shadowTablesOf(String(name), String(sql))));
  return ({ name, tbl_name: table }) => {
    if (foldName(String(table)) === foldName(bookkeeping)) return true;
    return !isOurs(String(name)) && !isOurs(String(table)) && !shadows.has(foldName(String(name)));
  };
}

async function recordsOf(
  from: Pick<Engine, 'query'>,
  objects: readonly Row[],
  bookkeeping: string,
): Promise<readonly UnitStatement[]> {
  if (!objects.some(({ name }) => foldName(String(name)) === foldName(bookkeeping))) return [];
  const rows = await from.query({ sql: `SELECT * FROM ${quoteName(bookkeeping)} ORDER BY rowid` });
  return rows.map((row) => {
    const columns = Object.keys(row).map(quoteName).join(', ');
    const places = Object.keys(row)
      .map(() => '?')
      .join(', ');
    return statement(
      `INSERT INTO ${quoteName(bookkeeping)} (${columns}) VALUES (${places})`,
      Object.values(row),
    );
  });
}

function statement(sql: string, args: NonNullable<UnitStatement['args']>): UnitStatement {
  return { sql, args, role: 'record' };
}
