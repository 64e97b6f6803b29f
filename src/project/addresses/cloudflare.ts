import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Secret } from '../../lib/secret.ts';
import type { D1Credentials } from '../../engines/address.ts';
import { firstOf, type Variables } from '../dotenv.ts';
import type { Address } from '../project.ts';

/** A database at Cloudflare as a configuration knows it, before the environment adds what it does not say. */
export interface D1Wanted {
  /** Its name or id. */
  readonly database: string;
  /** Its name, where `database` is its id. */
  readonly name: string | undefined;
  /** From a configuration; it wins over the environment, as with wrangler. */
  readonly account: string | undefined;
  /** Said for this target; undefined: looked for. */
  readonly token: Secret | undefined;
  /** What a Drizzle configuration knows, where nothing else does. */
  readonly lent: D1Lent | undefined;
}

/** `dbCredentials` of a Drizzle configuration with the driver d1-http. */
export interface D1Lent {
  readonly account: string | undefined;
  readonly database: string | undefined;
  readonly token: Secret | undefined;
}

/** Where the REST API and the keys to it are looked for. */
export interface CloudflareAround {
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** The variables of the environment, the first to win. */
  readonly layers: readonly Variables[];
}

export const tokenNames = ['CLOUDFLARE_API_TOKEN', 'CF_API_TOKEN', 'CLOUDFLARE_D1_TOKEN'];
export const accountNames = ['CLOUDFLARE_ACCOUNT_ID', 'CF_ACCOUNT_ID'];

/** The address of a database at Cloudflare, with the credentials that are in reach; without any, `unavailable`. */
export function d1Remote(wanted: D1Wanted, around: CloudflareAround): Address {
  const credentials = credentialsOf(wanted, around);
  if (credentials === undefined) {
    return {
      kind: 'unavailable',
      like: 'd1-remote',
      shown: `D1 ${wanted.name ?? wanted.database}`,
      why: `No API token for Cloudflare was found. Set CLOUDFLARE_API_TOKEN in the environment, in .env or in .dev.vars, or install wrangler in the project and run "wrangler login".`,
    };
  }
  return {
    kind: 'd1-remote',
    database: wanted.database,
    ...(wanted.name === undefined ? {} : { name: wanted.name }),
    account: wanted.account || firstOf(around.layers, accountNames) || wanted.lent?.account,
    credentials,
    api: apiBase(around.layers),
  };
}

function credentialsOf(
  { token, lent }: D1Wanted,
  { root, layers }: CloudflareAround,
): D1Credentials | undefined {
  if (token !== undefined) return { kind: 'token', token };
  const found = firstOf(layers, tokenNames);
  if (found !== undefined) return { kind: 'token', token: new Secret(found) };
  if (lent?.token !== undefined) return { kind: 'token', token: lent.token };
  return hasWrangler(root) ? { kind: 'wrangler', root } : undefined;
}

function apiBase(layers: readonly Variables[]): string {
  const base = firstOf(layers, ['CLOUDFLARE_API_BASE_URL']) ?? 'https://api.cloudflare.com/client/v4';
  return base.replace(/\/+$/, '');
}

/** Whether the project has a wrangler of its own, whose login can be used. */
function hasWrangler(folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', 'wrangler', 'package.json'))) return true;
  return dirname(folder) !== folder && hasWrangler(dirname(folder));
}
