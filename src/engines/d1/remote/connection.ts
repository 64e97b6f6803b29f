import { MigrateError } from '../../../lib/errors.ts';
import type { Query, Row, Statement } from '../../../sql/statement.ts';
import { inlined } from '../../../sql/inline.ts';
import type { D1RemoteAddress } from '../../address.ts';
import { readsOnly } from '../../read-only.ts';
import { together } from '../../together.ts';
import { accountOf, tokenOf } from './credentials.ts';
import { findDatabase, untoldDatabase, type D1Database } from './database.ts';
import { bare, exactQuestion, fromExact, hasInexact, rawResults, toRows, type RawResult } from './rows.ts';
import type { RestAnswer } from './rest-answer.ts';
import { patienceOf, restClient, type Patience, type RestClient } from './rest.ts';
import { RestFailure } from './rest-failure.ts';

export interface D1RemoteOptions {
  /** How long finding the database may take, and later how long a read is repeated, in milliseconds. */
  readonly connectTimeout: number;
  /** `with-first-answer`: a database whose id is known is not looked up, so that nothing but that is known of it. */
  readonly reach?: 'now' | 'with-first-answer';
  readonly signal?: AbortSignal;
}

/** A database at Cloudflare, found, with the ways to ask it. */
export interface D1Connection {
  readonly client: RestClient;
  /** `D1 shop-production` */
  readonly location: string;
  readonly database: D1Database;
  /** Of this database, after the API's base: `/accounts/…/d1/database/…`. */
  readonly path: string;
  /** Asks statements that only read, as one request, with one answer to each. Throws what `Engine.query` throws. */
  readonly raw: (questions: readonly string[], patience?: Patience) => Promise<readonly RawResult[]>;
  /** One statement, with exact numbers; those that are asked at once are one request. */
  readonly query: Query;
  /** Does something through the client, and throws its failures as `Engine.query` does. */
  readonly ask: <T>(work: (client: RestClient) => Promise<T>) => Promise<T>;
}

/**
 * Finds the database and learns whether the credentials reach it, unless that is left to the first question.
 *
 * @throws MigrateError `unreachable` or `not-found`, with what to check
 */
export async function connectD1(
  address: D1RemoteAddress,
  { connectTimeout, reach = 'now', signal }: D1RemoteOptions,
): Promise<D1Connection> {
  const token = await tokenOf(address.credentials, signal);
  const patience = patienceOf(connectTimeout);
  const how = { api: address.api, token, patience, ...(signal ? { signal } : {}) };
  const client = restClient(how);
  const opening = restClient({ ...how, timeout: connectTimeout });
  const { database, path } = await asErrors(async () => {
    const databases = `/accounts/${encodeURIComponent(await accountOf(opening, address.account))}/d1/database`;
    const told = reach === 'with-first-answer' ? untoldDatabase(address) : undefined;
    const found = told ?? (await findDatabase(opening, databases, address.database));
    return { database: found, path: `${databases}/${found.id}` };
  });
  const location = `D1 ${database.name}`;
  const asked = reach === 'now' ? 'before' : 'never';
  const { raw, single } = questionsTo({ client, opening, location, path, asked });
  return {
    client,
    location,
    database,
    path,
    raw,
    ask: (work) => asErrors(() => work(client)),
    query: exactQuery({ raw, single, location }),
  };
}

interface Questions extends Pick<D1Connection, 'raw'> {
  /** One statement, whatever it does; gives its last answer. */
  readonly single: (sql: string) => Promise<RawResult>;
}

/** Asks the database by its path; the first question waits no longer than connecting may take. */
function questionsTo({
  client,
  opening,
  location,
  path,
  asked,
}: Pick<D1Connection, 'client' | 'location' | 'path'> & {
  readonly opening: RestClient;
  readonly asked: 'before' | 'never';
}): Questions {
  let reader = asked === 'before' ? client : opening;
  const request = (sql: string) => ({ method: 'POST', path: `${path}/raw`, body: { sql } }) as const;
  const answered = async (work: () => Promise<RestAnswer>) => {
    const { result } = await asErrors(work);
    reader = client;
    return rawResults(result);
  };
  return {
    raw: async (questions, patience) => {
      const results = await answered(() => reader.read(request(questions.join(';\n')), patience));
      if (results.length === questions.length) return results;
      throw new MigrateError(
        'unreachable',
        `${location} gave ${results.length} answers to ${questions.length} questions`,
        { next: 'Try again.' },
      );
    },
    single: async (sql) => {
      // What may write is not repeated, whoever sends it here.
      const results = await answered(() =>
        readsOnly(sql) ? reader.read(request(sql)) : client.once(request(sql)),
      );
      return results.at(-1) ?? noAnswer;
    },
  };
}

const noAnswer: RawResult = { columns: [], rows: [] };

function exactQuery({ raw, single, location }: Questions & Pick<D1Connection, 'location'>): Query {
  const alone = async (statement: Statement) => {
    const sql = inlined(statement);
    return rowsOf(sql, await single(sql), { single, location });
  };
  const atOnce = async (statements: readonly Statement[]) => {
    const asked = statements.map((statement) => bare(inlined(statement)));
    const answers = await raw(asked);
    return Promise.all(asked.map((sql, at) => rowsOf(sql, answers[at] ?? noAnswer, { single, location })));
  };
  return together({ alone, atOnce });
}

/** An answer with numbers that JSON does not hold is asked for again, in text. */
async function rowsOf(
  sql: string,
  answer: RawResult,
  { single, location }: { readonly single: (sql: string) => Promise<RawResult>; readonly location: string },
): Promise<readonly Row[]> {
  if (!hasInexact(answer)) return toRows(answer);
  const exact = exactQuestion(sql, answer.columns.length);
  if (exact !== undefined) return fromExact(answer.columns, await single(exact));
  throw new MigrateError('refused', `${location} cannot answer this with exact numbers`, {
    next: 'Ask with a SELECT of fewer than 100 columns, or CAST the large numbers AS TEXT.',
  });
}

async function asErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof RestFailure ? error.toError() : error;
  }
}
