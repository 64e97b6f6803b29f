import { codeOf } from '../../lib/error-code.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Query } from '../../sql/statement.ts';
import type { CatalogueRows } from './catalogue-rows.ts';
import { objectTexts } from './object-texts.ts';
import { tableTexts } from './table-texts.ts';

/**
 * Asks the catalogues in one statement, which sees one moment. PostgreSQL writes definitions as the session's settings
 * say, so these are set for the statement and put back at its end: inside a unit, the migration goes on with its own.
 */
export async function readCatalogue(query: Query): Promise<CatalogueRows> {
  for (let left = mostTries; left > 0; left -= 1) {
    const found = await wholeOrNothing(query);
    if (found) return found;
  }
  throw new MigrateError('busy', 'The schema is being changed by somebody else while it is read.', {
    next: 'Once that is over, the same command reads it.',
  });
}

async function wholeOrNothing(query: Query): Promise<CatalogueRows | undefined> {
  try {
    const found: CatalogueRows = JSON.parse(await askCatalogue(query, texts));
    return isWhole(found) ? found : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** `could not open relation with OID 1234`, which PostgreSQL has no code of its own for. */
function isGone(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === 'XX000' && / OID \d+/.test(error.message);
}

const mostTries = 20;

/** Definitions are looked up as they are then, not at the statement's moment: of what was dropped meanwhile there is none. */
function isWhole(rows: CatalogueRows): boolean {
  const { constraints, indexes, views, triggers, rules, statistics, functions } = rows;
  const defined = [constraints, indexes, views, triggers, rules, statistics].flat();
  const isThere = ({ definition }: { readonly definition: string | null }) => definition !== null;
  return defined.every(isThere) && functions.every((row) => row.kind === 'a' || isThere(row));
}

/**
 * Asks several texts for rows; `spaces`, `relations` and `members` are there for them to select from.
 *
 * @returns JSON: the rows by the names of the texts
 */
export async function askCatalogue(query: Query, asked: Readonly<Record<string, string>>): Promise<string> {
  const [row] = await query({ sql: catalogueOf(asked) });
  return String(row?.['found']);
}

/**
 * Of the session, under which PostgreSQL writes the same texts everywhere.
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG: what is in the search path is
 * written without its schema. A time in a default is written in the session's time zone and style.
 */
export const asWritten = {
  search_path: 'public',
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  quote_all_identifiers: 'off',
} as const;

const names = Object.keys(asWritten);

const texts = { ...objectTexts, ...tableTexts };

function catalogueOf(asked: Readonly<Record<string, string>>): string {
  return `WITH
  before AS MATERIALIZED (SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')}),
  setting AS MATERIALIZED (SELECT ${Object.entries(asWritten)
    .map(([name, value]) => `set_config('${name}', '${value}', true)`)
    .join(', ')} FROM before),
  members AS MATERIALIZED (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'),
  spaces AS MATERIALIZED (SELECT oid, nspname FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
  relations AS MATERIALIZED (SELECT c.*, s.nspname FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 1259 AND m.objid = c.oid)),
  asked AS MATERIALIZED (SELECT json_build_object(${Object.entries(asked)
    .map(([name, sql]) => `'${name}', (SELECT coalesce(json_agg(x), '[]') FROM (${sql}) x)`)
    .join(',\n    ')})::text AS found FROM setting),
  after AS MATERIALIZED (SELECT ${names.map((name) => `set_config('${name}', "${name}", true)`).join(', ')}
    FROM before, asked WHERE found <> '')
SELECT found FROM asked, after`;
}
