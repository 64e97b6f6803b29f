import { MigrateError } from '../../lib/errors.ts';
import type { Manifest } from '../../runs/backups/manifest.ts';
import { nameTables } from '../../runs/measure/named-tables.ts';
import { foldName } from '../../sql/cursor.ts';
import type { Prepared } from './prepare.ts';

/** A partial backup is no state of a database. @throws MigrateError `refused` */
export function refusePartial({ id, environment, partial }: Manifest): void {
  if (partial === undefined) return;
  throw new MigrateError(
    'refused',
    `${id} is partial: it holds only ${partial.join(', ')}, so nothing can be restored whole from it. Nothing was changed.`,
    { next: `migrate-tui restore ${environment} ${id} --tables ${partial.join(',')}` },
  );
}

/**
 * @param manifest the backup that the rows come from
 * @throws MigrateError `not-found` with the names that there are
 */
export async function refuseUnknownTables(
  tables: readonly string[],
  prepared: readonly Prepared[],
  manifest: Manifest | undefined,
): Promise<void> {
  const names: string[] = [];
  for (const { run } of prepared) {
    if (run.engine) names.push(...(await nameTables(run.engine.query, run.database.table)));
  }
  refuseMissing(
    tables,
    names,
    prepared.map(({ run }) => run.engine?.location ?? run.database.name).join(' and '),
  );
  if (!manifest) return;
  const asked = new Set(prepared.map(({ run }) => run.database.name));
  const kept = manifest.databases
    .filter(({ database }) => asked.has(database))
    .flatMap((database) => database.tables.map(({ table }) => table));
  refuseMissing(
    tables,
    kept.filter((table) => isAmong(table, names)),
    manifest.id,
  );
}

function refuseMissing(tables: readonly string[], names: readonly string[], where: string): void {
  const missing = tables.find((table) => !isAmong(table, names));
  if (missing === undefined) return;
  throw new MigrateError('not-found', `There is no table ${missing} in ${where}. Nothing was changed.`, {
    next: names.length === 0 ? 'It has no tables yet.' : `The tables are ${names.join(', ')}.`,
  });
}

function isAmong(table: string, names: readonly string[]): boolean {
  return names.some((name) => foldName(name) === foldName(table));
}
