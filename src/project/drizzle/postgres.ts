import { basename, dirname } from 'node:path';
import type { Variables } from '../dotenv.ts';
import { isLocalServer } from '../addresses/is-local.ts';
import { sslOptions } from './postgres-ssl.ts';
import {
  addressOf,
  notPostgres,
  pgliteAddress,
  serverAddress,
  type Problem,
} from '../addresses/postgres-url.ts';
import type { Address } from '../project.ts';

/** Reads a text of `dbCredentials`; undefined for one that is not there or empty. Throws `config`. */
export type Credential = (key: string) => string | undefined;

interface Given {
  /** Absolute path of the Drizzle configuration. */
  readonly file: string;
  readonly driver: string | undefined;
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly value: Credential;
  /** What the configuration sees. */
  readonly variables: Variables;
}

/** Where a Drizzle configuration with the dialect `postgresql` leads. */
export function drizzlePostgres(given: Given): Address {
  const { file, driver } = given;
  if (driver === 'pglite') return pgliteOf(given);
  if (driver !== undefined) {
    const why = `The driver ${driver} of ${basename(file)} is not served by this version: it needs a server that speaks PostgreSQL's own protocol, or pglite.`;
    return { kind: 'unavailable', shown: driver, why };
  }
  return usable(file, serverOf(given) ?? nothingGiven(file, given.value));
}

function pgliteOf({ file, credentials, value }: Given): Address {
  if ('client' in credentials) {
    const why = `${basename(file)} makes a PGlite of its own, which no other program can open. Give dbCredentials.url, its folder.`;
    return { kind: 'unavailable', shown: 'PGlite', why };
  }
  const url = value('url');
  return url === undefined
    ? missing(file, 'dbCredentials.url')
    : usable(file, pgliteAddress(url, dirname(file)));
}

/** drizzle-kit takes a URL before parts. */
function serverOf({ credentials, value, variables }: Given): Address | Problem | undefined {
  const url = value('url');
  if (url !== undefined) return serverAddress(url, { variables }) ?? notPostgres;
  const [host, database] = [value('host'), value('database')];
  if (host === undefined || database === undefined) return undefined;
  const options = sslOptions(credentials['ssl']);
  if ('problem' in options) return options;
  const port = credentials['port'];
  const found = addressOf(
    {
      host,
      port: typeof port === 'number' ? String(port) : value('port'),
      user: value('user'),
      password: value('password'),
      database,
    },
    { variables, options },
  );
  return found.kind === 'problem' || isLocalServer(found) || options.size > 0 ? found : verified(found);
}

/** Where nothing is said, drizzle-kit asks any server for TLS and looks at its certificate. */
function verified(address: Extract<Address, { readonly kind: 'postgres' }>): Address {
  const url = new URL(address.url);
  url.searchParams.set('sslmode', 'verify-full');
  return { ...address, url: url.href };
}

function usable(file: string, found: Address | Problem): Address {
  if (found.kind !== 'problem') return found;
  const why = `dbCredentials of ${basename(file)} cannot be used: ${found.problem}.`;
  return { kind: 'unavailable', shown: 'no usable address', why };
}

function nothingGiven(file: string, value: Credential): Address {
  const key = value('host') === undefined ? 'dbCredentials.url' : 'dbCredentials.database';
  return missing(file, key);
}

function missing(file: string, key: string): Address {
  const why = `${basename(file)} gives no ${key}. Set the variable that it reads, in the environment or in .env, or write the value there.`;
  return { kind: 'unavailable', lacks: 'address', shown: 'postgresql', why };
}
