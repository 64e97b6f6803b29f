import { bytes, quantity } from '../../lib/numbers.ts';
import type { CopiedRows } from '../../operations/reports.ts';
import { isLocal } from '../../project/addresses/is-local.ts';
import type { Address, Environment } from '../../project/project.ts';
import { shownServer } from '../../project/addresses/postgres-url.ts';
import { rehearsalOf } from '../../runs/rehearsal-of.ts';
import { SqlError, type Engine } from '../../engines/engine.ts';
import { agreedBefore } from './agreed-before.ts';
import type { Prepared } from './prepare.ts';
import type { Workspace } from '../workspace.ts';

/**
 * What a rehearsal of a protected environment would bring to this machine from elsewhere. Only reads.
 *
 * @returns undefined when nothing of it comes from elsewhere, or no rows come at all
 */
export async function copiedRows(
  workspace: Workspace,
  environment: Environment,
  prepared: readonly Prepared[],
): Promise<CopiedRows | undefined> {
  if (!environment.protected) return undefined;
  const away = prepared.filter(
    ({ selected, run: { target } }) =>
      selected.length > 0 && isRemote(target.address) && rehearsalOf(environment, target.address) === 'full',
  );
  const engines = away.flatMap(({ run }) => run.engine ?? []);
  const tables = away.reduce((sum, { schema }) => sum + tablesOf(schema), 0);
  if (engines.length === 0 || tables === 0) return undefined;
  const databases = away.map(({ run }) => run.database.name);
  const first = !(await agreedBefore(workspace, environment, databases));
  // D1 allows no pragma that tells a size.
  const tells = away.every(({ run }) => run.target.address.kind !== 'd1-remote');
  const size = tells ? await sizeOf(engines) : undefined;
  return {
    first,
    tables,
    ...(size === undefined ? {} : { bytes: size }),
    says: sentence(environment.name, {
      tables,
      size,
      also: scratchServers(away),
      kept: keptWords(engines, workspace.project.backups.keepDays),
    }),
  };
}

function isRemote(address: Address): boolean {
  const { kind } = address;
  return kind === 'libsql-remote' || kind === 'd1-remote' || (kind === 'postgres' && !isLocal(address));
}

/** Where the configuration names another server for scratch databases, rows go there, too. */
function scratchServers(away: readonly Prepared[]): readonly string[] {
  const named = away.flatMap(({ run: { target } }) =>
    target.address.kind === 'postgres' && target.address.scratch ? [shownServer(target.address.scratch)] : [],
  );
  return [...new Set(named)];
}

function tablesOf({ objects }: Prepared['schema']): number {
  return objects.filter(({ type }) => type === 'table').length;
}

/** Bytes of all of them together; undefined as soon as one server does not say. */
async function sizeOf(engines: readonly Engine[]): Promise<number | undefined> {
  let sum = 0;
  for (const engine of engines) {
    const size = await sizeAt(engine);
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}

async function sizeAt({ query }: Engine): Promise<number | undefined> {
  if (query.dialect === 'postgres') {
    const [row] = await query({
      sql: 'SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS size',
    });
    return Number(row?.['size']);
  }
  try {
    const [pages] = await query({ sql: 'PRAGMA page_count' });
    const [page] = await query({ sql: 'PRAGMA page_size' });
    const size = Number(pages?.['page_count']) * Number(page?.['page_size']);
    return Number.isNaN(size) ? undefined : size;
  } catch (error) {
    // Not every host allows the two pragmas.
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

function keptWords(engines: readonly Engine[], days: number): string {
  return engines.every(({ rewind }) => rewind !== undefined)
    ? 'the backup stays with the server'
    : `the backup is kept for ${quantity(days, 'day')}, the newest one until the next`;
}

function sentence(
  environment: string,
  {
    tables,
    size,
    also,
    kept,
  }: {
    readonly tables: number;
    readonly size: number | undefined;
    readonly also: readonly string[];
    readonly kept: string;
  },
): string {
  const amount = size === undefined ? 'size not known' : `about ${bytes(size)}`;
  return `The rehearsal copies the rows of ${environment} (${quantity(tables, 'table')}, ${amount}) to ${['this machine', ...also].join(' and ')}. They are removed at the run's end; ${kept}.`;
}
