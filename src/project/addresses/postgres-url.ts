import { resolve } from 'node:path';
import type { PostgresAddress } from '../../engines/address.ts';
import { Secret } from '../../lib/secret.ts';
import type { Variables } from '../dotenv.ts';
import type { Address } from '../project.ts';

/** An address that cannot be meant; `problem` is a clause such as `it names no database`, and never quotes a value. */
export interface Problem {
  readonly kind: 'problem';
  readonly problem: string;
}

interface Around {
  /** Where paths of PGlite begin. */
  readonly folder: string;
  /** Given beside the URL; wins over one inside it. */
  readonly password?: string | undefined;
  /** libpq's `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD` and `PGDATABASE` among them say what the URL does not. */
  readonly variables: Variables;
}

/** Where a URL points, as `pg` and PGlite read it; undefined for a URL of another kind. */
export function postgresAddress(url: string, around: Around): Address | Problem | undefined {
  const [, pglite] = /^pglite:(.*)$/is.exec(url) ?? [];
  if (pglite !== undefined) return pgliteAddress(pglite, around.folder);
  return serverAddress(url, around);
}

/**
 * The same for a server alone: `postgres://user@host:5432/database` without a password, which moves out of the URL with
 * what else in its query is secret.
 */
export function serverAddress(
  url: string,
  { password, variables }: Omit<Around, 'folder'>,
): PostgresAddress | Problem | undefined {
  if (!/^postgres(?:ql)?:/i.test(url)) return undefined;
  const parsed = parse(url);
  if (parsed === undefined || parsed.hash !== '') return unreadable;
  const { searchParams: query } = parsed;
  const inQuery = (name: string) => query.get(name) || undefined;
  const host = inQuery('host') ?? (parsed.hostname === noHost ? '' : decoded(parsed.hostname));
  const database = inQuery('dbname') ?? decoded(parsed.pathname.slice(1));
  const user = inQuery('user') ?? decoded(parsed.username);
  const inUrl = inQuery('password') ?? decoded(parsed.password);
  if ([host, database, user, inUrl].includes(undefined)) return unreadable;
  return addressOf(
    { host, port: inQuery('port') ?? parsed.port, user, password: password || inUrl, database },
    { variables, options: optionsOf(query) },
  );
}

/** The same for an address in parts, as drizzle-kit and our configuration take it. */
export interface PostgresParts {
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
}

/** @param how the parameters of the URL, such as `sslmode` */
export function addressOf(
  parts: PostgresParts,
  { variables, options }: { readonly variables: Variables; readonly options: URLSearchParams },
): PostgresAddress | Problem {
  const host = parts.host || variables['PGHOST'] || 'localhost';
  const port = parts.port || variables['PGPORT'] || '5432';
  const user = parts.user || variables['PGUSER'];
  const password = parts.password || variables['PGPASSWORD'];
  const database = parts.database || variables['PGDATABASE'];
  if (database === undefined) return { kind: 'problem', problem: 'it names no database' };
  if (host.includes(','))
    return { kind: 'problem', problem: 'it names several hosts; name the one that can be written to' };
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return { kind: 'problem', problem: 'its port is no number up to 65535' };
  const who = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  const query = options.size === 0 ? '' : `?${options.toString()}`;
  const url = `postgres://${who}${hostInUrl(host)}:${port}/${encodeURIComponent(database)}${query}`;
  if (!URL.canParse(url)) return { kind: 'problem', problem: 'its host is no name of a host' };
  return { kind: 'postgres', url, password: password === undefined ? undefined : new Secret(password) };
}

/** A folder of PGlite, in one of its own spellings. */
export function pgliteAddress(given: string, folder: string): Address | Problem {
  if (given === ':memory:' || given.startsWith('memory://')) return { kind: 'pglite', folder: undefined };
  const [, scheme] = /^(\w{2,}):\/\//.exec(given) ?? [];
  if (scheme !== undefined && scheme !== 'file') {
    return { kind: 'problem', problem: `PGlite keeps ${scheme}: in a browser, where no tool reaches it` };
  }
  const path = given.replace(/^file:/, '').replace(/^\/\//, '');
  if (path === '') return { kind: 'problem', problem: 'it names no folder' };
  return { kind: 'pglite', folder: resolve(folder, path) };
}

/** For people: `postgres://user@host:5432/database`. */
export function shownServer({ url }: Pick<PostgresAddress, 'url'>): string {
  const { username, host, pathname } = new URL(url);
  const who = username === '' ? '' : `${decoded(username) ?? username}@`;
  return `postgres://${who}${decoded(host) ?? host}${decoded(pathname) ?? pathname}`;
}

export const notPostgres: Problem = {
  kind: 'problem',
  problem: 'it begins with neither postgres:// nor postgresql://',
};

const unreadable: Problem = {
  kind: 'problem',
  problem:
    'it is no URL; in a user or password, signs such as # / ? : @ and % are written as %23 %2F %3F %3A %40 and %25',
};

/** One with a user and without a host, for a socket that the query names, is a URL to PostgreSQL only. */
function parse(url: string): URL | undefined {
  if (!/^\w+:\/\//.test(url)) return undefined;
  if (URL.canParse(url)) return new URL(url);
  const withHost = url.replace(/^(\w+:\/\/[^/]*@)(?=\/)/, `$1${noHost}`);
  return URL.canParse(withHost) ? new URL(withHost) : undefined;
}

const noHost = 'no-host.invalid';

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What is no part of the address itself, and not secret. */
function optionsOf(query: URLSearchParams): URLSearchParams {
  const kept = Array.from(query).filter(
    ([name]) => !/^(?:user|host|port|dbname)$|passw|secret|token/i.test(name),
  );
  return new URLSearchParams(kept);
}

/** The folder of a socket stands percent-encoded in the place of the host. */
function hostInUrl(host: string): string {
  if (host.startsWith('/')) return encodeURIComponent(host);
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare.includes(':') ? `[${bare}]` : bare;
}
