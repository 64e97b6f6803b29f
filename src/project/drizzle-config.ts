import { basename, dirname, resolve } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { isLocal, libsqlAddress } from './libsql-url.ts';
import type { Address } from './project.ts';

/** What a Drizzle configuration says that matters here. */
export interface DrizzleConfig {
  readonly file: string;
  readonly dialect: string;
  /** Absolute path of the migration folder. */
  readonly directory: string;
  /** Name of the tracking table, when it is not the default. */
  readonly table: string | undefined;
  readonly address: Address;
  /** `local` for a file or loopback URL, else `remote`. */
  readonly place: 'local' | 'remote';
}

/** Reads what a Drizzle configuration exported. Throws `config`, naming file, key and fix. */
export function drizzleConfigOf(file: string, exported: unknown): DrizzleConfig {
  const config = record(exported, file, 'The default export');
  const dialect = text(config['dialect'], file, 'dialect');
  if (dialect === undefined) {
    throw new MigrateError('config', `${basename(file)} has no dialect.`, {
      next: `Add dialect: 'sqlite' or 'turso' to ${file}.`,
    });
  }
  const migrations =
    config['migrations'] === undefined ? {} : record(config['migrations'], file, 'migrations');
  const address = addressOf(file, dialect, config);
  return {
    file,
    dialect,
    directory: resolve(dirname(file), text(config['out'], file, 'out') ?? 'drizzle'),
    table: text(migrations['table'], file, 'migrations.table'),
    address,
    place: isLocal(address) ? 'local' : 'remote',
  };
}

function addressOf(file: string, dialect: string, config: Readonly<Record<string, unknown>>): Address {
  const driver = text(config['driver'], file, 'driver');
  if (driver !== undefined) {
    const why =
      driver === 'd1-http'
        ? 'Cloudflare D1 is not served by this version; "wrangler d1 migrations apply" serves it.'
        : `The driver ${driver} keeps its database inside the app, where no tool reaches it.`;
    return { kind: 'unavailable', shown: driver, why };
  }
  if (dialect !== 'sqlite' && dialect !== 'turso') {
    return {
      kind: 'unavailable',
      shown: dialect,
      why: `${dialect} is not served by this version; sqlite and turso are.`,
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
    shown: dialect,
    why: `${name} gives no ${key}. Set the variable that it reads, in the environment or in .env, or write the URL there.`,
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
