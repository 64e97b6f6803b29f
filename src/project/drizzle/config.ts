import { basename, dirname, resolve } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { Secret } from '../../lib/secret.ts';
import { d1Remote, type CloudflareAround, type D1Lent } from '../addresses/cloudflare.ts';
import type { Variables } from '../dotenv.ts';
import { drizzlePostgres } from './postgres.ts';
import { isLocal } from '../addresses/is-local.ts';
import { libsqlAddress } from '../addresses/libsql-url.ts';
import type { Address } from '../project.ts';

/** What a Drizzle configuration says that matters here. */
export interface DrizzleConfig {
  readonly file: string;
  readonly dialect: string;
  /** Absolute path of the migration folder. */
  readonly directory: string;
  /** Name of the tracking table, when it is not the default. */
  readonly table: string | undefined;
  /** Schema of the tracking table in PostgreSQL, when it is not the default. */
  readonly tableSchema: string | undefined;
  readonly address: Address;
  /** What it knows of a D1 database: with the driver d1-http only. */
  readonly d1: D1Lent | undefined;
  /** `local` for a file or loopback URL, else `remote`. */
  readonly place: 'local' | 'remote';
}

/** Reads what a Drizzle configuration exported. Throws `config`, naming file, key and fix. */
export function drizzleConfigOf(file: string, exported: unknown, around: CloudflareAround): DrizzleConfig {
  const config = record(exported, file, 'The default export');
  const dialect = text(config['dialect'], file, 'dialect');
  if (dialect === undefined) {
    throw new MigrateError('config', `${basename(file)} has no dialect.`, {
      next: `Add dialect: 'sqlite', 'turso' or 'postgresql' to ${file}.`,
    });
  }
  const migrations =
    config['migrations'] === undefined ? {} : record(config['migrations'], file, 'migrations');
  const d1 = text(config['driver'], file, 'driver') === 'd1-http' ? d1Of(file, config) : undefined;
  const address = d1 === undefined ? addressOf(file, dialect, config, around) : d1Address(file, d1, around);
  return {
    file,
    dialect,
    directory: resolve(dirname(file), text(config['out'], file, 'out') ?? 'drizzle'),
    table: text(migrations['table'], file, 'migrations.table'),
    tableSchema: text(migrations['schema'], file, 'migrations.schema'),
    address,
    d1,
    place: isLocal(address) ? 'local' : 'remote',
  };
}

function d1Of(file: string, config: Readonly<Record<string, unknown>>): D1Lent {
  const given = config['dbCredentials'];
  const credentials = given === undefined ? {} : record(given, file, 'dbCredentials');
  const value = (key: string) => text(credentials[key], file, `dbCredentials.${key}`) || undefined;
  const token = value('token');
  return {
    account: value('accountId'),
    database: value('databaseId'),
    token: token === undefined ? undefined : new Secret(token),
  };
}

function d1Address(file: string, d1: D1Lent, around: CloudflareAround): Address {
  return d1.database === undefined
    ? noUrl(file, 'Cloudflare D1', 'dbCredentials.databaseId')
    : d1Remote(
        { database: d1.database, name: undefined, account: d1.account, token: d1.token, lent: undefined },
        around,
      );
}

function addressOf(
  file: string,
  dialect: string,
  config: Readonly<Record<string, unknown>>,
  { layers }: CloudflareAround,
): Address {
  const driver = text(config['driver'], file, 'driver');
  if (dialect === 'postgresql') {
    const given = config['dbCredentials'];
    const credentials = given === undefined ? {} : record(given, file, 'dbCredentials');
    const value = (key: string) => text(credentials[key], file, `dbCredentials.${key}`) || undefined;
    const variables: Variables = Object.assign({}, ...layers.toReversed());
    return drizzlePostgres({ file, driver, credentials, value, variables });
  }
  if (driver !== undefined) {
    const why = `The driver ${driver} keeps its database inside the app, where no tool reaches it.`;
    return { kind: 'unavailable', shown: driver, why };
  }
  if (dialect !== 'sqlite' && dialect !== 'turso') {
    return {
      kind: 'unavailable',
      shown: dialect,
      why: `${dialect} is not served by this version; sqlite, turso and postgresql are.`,
    };
  }
  if (config['dbCredentials'] === undefined) return noUrl(file, dialect, 'dbCredentials');
  const credentials = record(config['dbCredentials'], file, 'dbCredentials');
  const url = text(credentials['url'], file, 'dbCredentials.url');
  if (url === undefined || url === '') return noUrl(file, dialect, 'dbCredentials.url');
  const authToken = text(credentials['authToken'], file, 'dbCredentials.authToken');
  return libsqlAt(file, url, authToken);
}

/** drizzle-kit also takes a bare path; then it is a file. */
function libsqlAt(file: string, url: string, authToken: string | undefined): Address {
  const folder = dirname(file);
  const found =
    libsqlAddress(url, { folder, authToken }) ??
    (url.includes('://') ? undefined : ({ kind: 'libsql-file', path: resolve(folder, url) } as const));
  if (found === undefined) {
    const scheme = url.slice(0, url.indexOf(':'));
    return {
      kind: 'unavailable',
      shown: `${scheme}:`,
      why: `dbCredentials.url of ${basename(file)} begins with ${scheme}:, which is not served by this version.`,
    };
  }
  if (found.kind !== 'problem') return found;
  return {
    kind: 'unavailable',
    shown: 'no usable URL',
    why: `dbCredentials.url of ${basename(file)} cannot be used: ${found.problem}.`,
  };
}

function noUrl(file: string, dialect: string, key: string): Address {
  const name = basename(file);
  return {
    kind: 'unavailable',
    lacks: 'address',
    like: dialect === 'turso' ? 'libsql-remote' : 'libsql-file',
    shown: dialect,
    why: `${name} gives no ${key}. Set the variable that it reads, in the environment or in .env, or write the value there.`,
  };
}

function record(value: unknown, file: string, key: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !('$found' in value))
    return { ...value };
  throw new MigrateError('config', `${basename(file)}: ${key} must be an object.`, {
    next: `Correct ${file}.`,
  });
}

function text(value: unknown, file: string, key: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new MigrateError('config', `${basename(file)}: ${key} must be a text.`, { next: `Correct ${file}.` });
}
