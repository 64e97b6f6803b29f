import { MigrateError } from '../../lib/errors.ts';
import type { Row, Statement } from '../../sql/statement.ts';
import { inlined } from '../../sql/inline.ts';
import type { D1RemoteAddress } from '../address.ts';
import { readsOnly } from '../read-only.ts';
import { accountOf, tokenOf } from './credentials.ts';
import { findDatabase, type D1Database } from './remote-database.ts';
import { exactQuestion, fromExact, hasInexact, rawResults, toRows, type RawResult } from './remote-rows.ts';
import { patienceOf, restClient, type Patience, type RestClient } from './rest.ts';
import { RestFailure } from './rest-failure.ts';

export interface D1RemoteOptions {
  /** How long finding the database may take, and later how long a read is repeated, in milliseconds. */
  readonly connectTimeout: number;
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
  /** One statement, with exact numbers. */
  readonly query: (statement: Statement) => Promise<readonly Row[]>;
  /** Does something through the client, and throws its failures as `Engine.query` does. */
  readonly ask: <T>(work: (client: RestClient) => Promise<T>) => Promise<T>;
}

/**
 * Finds the database and learns whether the credentials reach it.
 *
 * @throws MigrateError `unreachable` or `not-found`, with what to check
 */
export async function connectD1(
  address: D1RemoteAddress,
  { connectTimeout, signal }: D1RemoteOptions,
): Promise<D1Connection> {
  const token = await tokenOf(address.credentials, signal);
  const patience = patienceOf(connectTimeout);
  const how = { api: address.api, token, patience, ...(signal ? { signal } : {}) };
  const client = restClient(how);
  const ask = <T>(work: (client: RestClient) => Promise<T>) => asErrors(() => work(client));
  const { database, path } = await asErrors(async () => {
    const opening = restClient({ ...how, timeout: connectTimeout });
    const databases = `/accounts/${encodeURIComponent(await accountOf(opening, address.account))}/d1/database`;
    const found = await findDatabase(opening, databases, address.database);
    return { database: found, path: `${databases}/${found.id}` };
  });
  const location = `D1 ${database.name}`;
  const request = (sql: string) => ({ method: 'POST', path: `${path}/raw`, body: { sql } }) as const;
  const raw: D1Connection['raw'] = async (questions, patient) => {
    const answer = await ask(() => client.read(request(questions.join(';\n')), patient));
    const results = rawResults(answer.result);
    if (results.length === questions.length) return results;
    throw new MigrateError(
      'unreachable',
      `${location} gave ${results.length} answers to ${questions.length} questions`,
      {
        next: 'Try again.',
      },
    );
  };
  const question = (statement: Statement) =>
    query(
      statement,
      async (sql) => {
        // What may write is not repeated, whoever sends it here.
        const answer = await ask(() =>
          readsOnly(sql) ? client.read(request(sql)) : client.once(request(sql)),
        );
        return rawResults(answer.result).at(-1) ?? { columns: [], rows: [] };
      },
      location,
    );
  return { client, location, database, path, raw, ask, query: question };
}

async function query(
  statement: Statement,
  ask: (sql: string) => Promise<RawResult>,
  location: string,
): Promise<readonly Row[]> {
  const sql = inlined(statement);
  const answer = await ask(sql);
  if (!hasInexact(answer)) return toRows(answer);
  const exact = exactQuestion(sql, answer.columns.length);
  if (exact !== undefined) return fromExact(answer.columns, await ask(exact));
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
