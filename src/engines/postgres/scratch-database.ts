import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { isAlive } from '../../lib/is-alive.ts';
import { MigrateError } from '../../lib/errors.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import type { PostgresAddress } from '../address.ts';
import { openServerSession } from './server-session.ts';
import type { TableSession } from './copy/table-session.ts';

/** An empty database of our own on a server, dropped at the end whoever is connected. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly address: PostgresAddress;
}

/**
 * Makes a database like another one: with its encoding, its order of texts, and what is set for everybody who
 * connects to it. It is on the same server, unless the address names another one for this. What processes of this
 * machine left there that are no longer alive is dropped first.
 *
 * @param called part of its name, for people
 * @throws MigrateError `refused` where the server does not let us make one; `unreachable`
 */
export async function createScratchDatabase(
  like: PostgresAddress,
  called: string,
  signal?: AbortSignal,
): Promise<ScratchDatabase> {
  const traits = await traitsOf(like, signal);
  const server = like.scratch ?? like;
  await using session = await openServerSession(server, { signal });
  await dropLeftovers(session);
  made += 1;
  const name = `${prefix}${process.pid}_${made}_${called
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, 16)}`;
  await drop(session, name);
  await create(session, name, like.scratch ? undefined : traits);
  try {
    for (const setting of traits.settings) await session.run(setting.replace('%s', quoteName(name)));
  } catch (error) {
    await drop(session, name);
    throw error;
  }
  return {
    address: { kind: 'postgres', url: inDatabase(server.url, name), password: server.password },
    async [Symbol.asyncDispose]() {
      // Also after the run was stopped.
      await using last = await openServerSession(server);
      await drop(last, name);
    },
  };
}

/** In this process. */
let made = 0;

/** Of this machine: another one's processes cannot be looked for here. */
const prefix = `migrate_tui_scratch_${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}_`;

interface Traits {
  /** What follows CREATE DATABASE. */
  readonly options: string;
  /** `ALTER DATABASE %s SET …` */
  readonly settings: readonly string[];
}

async function traitsOf(like: PostgresAddress, signal: AbortSignal | undefined): Promise<Traits> {
  await using session = await openServerSession(like, { signal });
  const [row] = await session.query({
    sql: `SELECT pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, to_json(d)::text AS known,
        (SELECT coalesce(json_agg(setting), '[]') FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS setting
          WHERE s.setdatabase = d.oid AND s.setrole = 0)::text AS settings
      FROM pg_catalog.pg_database d WHERE d.datname = current_database()`,
  });
  const known: Readonly<Record<string, string | null>> = JSON.parse(String(row?.['known']));
  const settings: readonly string[] = JSON.parse(String(row?.['settings']));
  return { options: optionsOf(String(row?.['encoding']), known), settings: settings.map(settingOf) };
}

/** The columns of `pg_database` differ between versions: the provider came with 15, its one name for all with 17. */
function optionsOf(encoding: string, known: Readonly<Record<string, string | null>>): string {
  const { datcollate, datctype, datlocprovider } = known;
  const locale = known['datlocale'] ?? known['daticulocale'] ?? undefined;
  const rules = known['daticurules'];
  return [
    `ENCODING ${quoteText(encoding)}`,
    `LC_COLLATE ${quoteText(datcollate ?? 'C')}`,
    `LC_CTYPE ${quoteText(datctype ?? 'C')}`,
    ...(datlocprovider === 'i' ? ['LOCALE_PROVIDER icu', `ICU_LOCALE ${quoteText(locale ?? 'und')}`] : []),
    ...(datlocprovider === 'i' && rules ? [`ICU_RULES ${quoteText(rules)}`] : []),
    ...(datlocprovider === 'b'
      ? ['LOCALE_PROVIDER builtin', `BUILTIN_LOCALE ${quoteText(locale ?? 'C')}`]
      : []),
    ...(datlocprovider === 'c' ? ['LOCALE_PROVIDER libc'] : []),
  ].join(' ');
}

/** `search_path="$user", public` is a list, which is not quoted once more. */
function settingOf(setting: string): string {
  const [name = '', ...rest] = setting.split('=');
  const value = rest.join('=');
  const isList = lists.has(name.toLowerCase());
  return `ALTER DATABASE %s SET ${quoteName(name)} TO ${isList ? value : quoteText(value)}`;
}

const lists = new Set([
  'search_path',
  'datestyle',
  'temp_tablespaces',
  'session_preload_libraries',
  'local_preload_libraries',
]);

/** @param traits undefined on another server, which need not have them: it is UTF-8 in its own order then */
async function create(session: TableSession, name: string, traits: Traits | undefined): Promise<void> {
  const options = traits?.options ?? "ENCODING 'UTF8'";
  await session.run(`CREATE DATABASE ${name} TEMPLATE template0 ${options}`).catch((error: unknown) => {
    throw error instanceof MigrateError && error.code === 'refused' ? mayNot(session.location, error) : error;
  });
}

async function dropLeftovers(session: TableSession): Promise<void> {
  const rows = await session.query({
    sql: 'SELECT datname AS name FROM pg_catalog.pg_database WHERE starts_with(datname, $1)',
    args: [prefix],
  });
  for (const { name } of rows) {
    const pid = Number(/^\d+/.exec(String(name).slice(prefix.length))?.[0]);
    // One that somebody else made cannot be dropped, and is in nobody's way.
    if (!isAlive(pid)) await drop(session, String(name)).catch(() => undefined);
  }
}

async function drop(session: TableSession, name: string): Promise<void> {
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)`);
}

function mayNot(location: string, cause: MigrateError): MigrateError {
  const why = cause.cause instanceof Error ? ` (${cause.cause.message})` : '';
  return new MigrateError(
    'refused',
    `${location} does not let this user make the scratch database that a dry-run needs${why}. Nothing was changed.`,
    {
      cause,
      next: "Name another server with scratch in the target, give the user the right (ALTER ROLE … CREATEDB), or set rehearse: 'structure' to rehearse without rows in PGlite.",
    },
  );
}

/** The same server, another database; the parameters may name one, too. */
function inDatabase(url: string, name: string): string {
  const [before = '', parameters] = url.split(/\?(.*)/s);
  const rest = new URLSearchParams(parameters ?? '');
  rest.delete('dbname');
  const [, server = before] = /^([^/]*\/\/[^/]*)/.exec(before) ?? [];
  return `${server}/${name}${rest.size > 0 ? `?${rest.toString()}` : ''}`;
}
