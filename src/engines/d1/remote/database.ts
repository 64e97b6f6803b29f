import { MigrateError } from '../../../lib/errors.ts';
import type { D1RemoteAddress } from '../../address.ts';
import type { RestClient } from './rest.ts';
import { listOf, numberField, textField } from './shape.ts';

/** A database as the API describes it. */
export interface D1Database {
  readonly id: string;
  readonly name: string;
  /** `production`, or the name of an older generation, which keeps no history; empty: not asked. */
  readonly version: string;
  /** Bytes, where the API tells. */
  readonly size: number | undefined;
}

/**
 * Finds a database by its id or its name.
 *
 * @param path of the account's databases: `/accounts/…/d1/database`
 * @throws MigrateError `not-found`, naming what the account has
 */
export async function findDatabase(client: RestClient, path: string, wanted: string): Promise<D1Database> {
  if (uuid.test(wanted)) {
    const { result } = await client.read({ method: 'GET', path: `${path}/${wanted}` });
    return describe(result);
  }
  const found = (await listed(client, path, wanted)).find(({ name }) => name === wanted);
  if (found) return found;
  const others = (await listed(client, path, undefined)).map(({ name }) => name);
  throw new MigrateError('not-found', `The account has no D1 database named ${wanted}`, {
    next: others.length === 0 ? 'It has none at all: check the account.' : `It has ${some(others)}.`,
  });
}

/** What a configuration alone tells: enough to ask a database by its id. Undefined for one that is known by name. */
export function untoldDatabase({ database, name = database }: D1RemoteAddress): D1Database | undefined {
  return uuid.test(database) ? { id: database, name, version: '', size: undefined } : undefined;
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const pageSize = 100;

/** All pages; the filter by name may let more than the exact one through. */
async function listed(
  client: RestClient,
  path: string,
  name: string | undefined,
): Promise<readonly D1Database[]> {
  const all: D1Database[] = [];
  for (let page = 1; ; page += 1) {
    const query = new URLSearchParams({
      page: String(page),
      per_page: String(pageSize),
      ...(name === undefined ? {} : { name }),
    });
    const { result, info } = await client.read({ method: 'GET', path: `${path}?${query.toString()}` });
    const databases = listOf(result).map(describe);
    all.push(...databases);
    if (databases.length === 0 || all.length >= (numberField(info, 'total_count') ?? 0)) return all;
  }
}

function describe(result: unknown): D1Database {
  return {
    id: textField(result, 'uuid') ?? '',
    name: textField(result, 'name') ?? '',
    version: textField(result, 'version') ?? '',
    size: numberField(result, 'file_size'),
  };
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
