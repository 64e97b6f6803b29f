import { stat } from 'node:fs/promises';
import { hashFile } from '../../engines/libsql/backup-file.ts';
import { openEngine } from '../../engines/open.ts';
import { MigrateError } from '../../lib/errors.ts';
import { foldName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';
import { isPlainTable } from '../measure/named-tables.ts';

/**
 * Leaves only some tables in a copy that nobody else has open, with the record of migrations, and gives back the room
 * of the others. The lines of `sqlite_schema` that remain are unchanged.
 */
export async function keepTables(
  file: string,
  { tables, bookkeeping }: { readonly tables: readonly string[]; readonly bookkeeping: string },
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  await dropOthers(file, new Set([...tables, bookkeeping].map(foldName)));
  return { bytes: (await stat(file)).size, sha256: await hashFile(file) };
}

async function dropOthers(file: string, kept: ReadonlySet<string>): Promise<void> {
  const opened = await openEngine(
    { kind: 'libsql-file', path: file },
    { purpose: 'change', ifMissing: 'refuse' },
  );
  if (opened.kind !== 'open') throw new MigrateError('backup-failed', `The copy ${file} is gone.`);
  await using copy = opened.engine;
  await copy.query({ sql: 'PRAGMA journal_mode = DELETE' });
  const objects = await copy.query({
    sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'table', 'index') AND sql IS NOT NULL",
  });
  const views = objects.filter(({ type }) => type === 'view');
  const plain = objects.filter(isPlainTable(objects));
  const virtual = objects.filter(({ sql }) => /^\s*CREATE\s+VIRTUAL\s/i.test(String(sql)));
  const dropped = [...views, ...virtual, ...plain.filter(({ name }) => !kept.has(foldName(String(name))))];
  const outcome = await copy.unit({
    foreignKeys: 'off',
    statements: dropped.map(({ type, name }) => ({
      sql: `DROP ${type === 'view' ? 'VIEW' : 'TABLE'} ${quoteName(String(name))}`,
      role: 'record',
    })),
  });
  if (outcome.kind !== 'committed') {
    const why = 'error' in outcome ? outcome.error.message : outcome.kind;
    throw new MigrateError(
      'backup-failed',
      `The copy cannot be reduced to the named tables: ${why}. The target was only read.`,
      {
        next: 'Take the whole backup: leave --tables away.',
      },
    );
  }
  await copy.query({ sql: 'VACUUM' });
}
