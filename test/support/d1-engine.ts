import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { miniflarePath } from '../../src/project/miniflare-path.ts';
import { asking, type Query, type Row } from '../../src/sql/statement.ts';

/** D1 databases in one real workerd. */
export interface D1Engine extends AsyncDisposable {
  readonly databases: readonly EngineDatabase[];
  /** One that was not given before. */
  next(): EngineDatabase;
}

/** A D1 database, by D1's own rules. */
export interface EngineDatabase {
  readonly id: string;
  /** The SQLite file that workerd has open, once something was asked of it. */
  readonly file: string;
  /** All statements or none. Throws `D1Refusal`. */
  batch(statements: readonly (string | D1Statement)[]): Promise<readonly D1Answer[]>;
  /** The rows of one statement, outside any batch. Throws `D1Refusal`. */
  readonly query: Query;
  /** Rows as lists, for statements that only read: each is its own call. */
  raw(statements: readonly D1Statement[]): Promise<readonly D1RawAnswer[]>;
  /** What `wrangler d1 export` makes of it: a statement a line. Throws `D1Refusal`. */
  dump(options: D1DumpOptions): Promise<string>;
}

export interface D1Statement {
  readonly sql: string;
  readonly params?: readonly unknown[];
}

export interface D1Answer {
  readonly success: true;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

export interface D1RawAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface D1DumpOptions {
  readonly schema: 'with' | 'without';
  readonly rows: 'with' | 'without';
  readonly tables: readonly string[];
}

/** A statement that D1 refused, in its own words. */
export class D1Refusal extends Error {
  override readonly name = 'D1Refusal';
}

/**
 * One workerd with several databases.
 *
 * @param folder what wrangler calls `.wrangler/state`; without it they are gone with workerd
 */
export async function startD1Engine({
  ids,
  folder,
}: {
  readonly ids: readonly string[];
  readonly folder?: string;
}): Promise<D1Engine> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script,
      compatibilityDate: '2026-01-01',
      d1Databases: Object.fromEntries(ids.map((id, at) => [`DB${at}`, id])),
      // workerd writes a stack for every batch that fails at its commit, which is what some tests are about.
      handleStructuredLogs: () => {},
      ...(folder === undefined ? {} : { resourcePersistencePath: join(folder, 'v3') }),
    }),
  );
  const ask = async <T>(body: unknown): Promise<T> => {
    const response = await miniflare.dispatchFetch('http://d1/', {
      method: 'POST',
      body: JSON.stringify(body),
    });
    // Written by the script below, a few lines away.
    const answer: { readonly ok: T } | { readonly error: string } = JSON.parse(await response.text());
    if ('error' in answer) throw new D1Refusal(answer.error);
    return answer.ok;
  };
  await miniflare.ready;
  const databases = ids.map((id, at) => database(id, `DB${at}`, miniflarePath(folder ?? '', id), ask));
  let used = 0;
  return {
    databases,
    next: () => {
      const unused = databases[used++];
      if (!unused) throw new Error(`Only ${databases.length} databases were asked for`);
      return unused;
    },
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}

/** One workerd with one database, whose file is there from the beginning: what `wrangler dev` is. */
export async function startD1Database(folder: string, id = 'DB'): Promise<EngineDatabase & AsyncDisposable> {
  const engine = await startD1Engine({ ids: [id], folder });
  const only = engine.next();
  await only.query({ sql: 'SELECT 1' });
  return { ...only, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

/** So many names for databases of which none is special. */
export function databaseIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `database-${at}`);
}

/** Runs in workerd. D1 puts its own mark before what SQLite said; the REST API does not. */
const script = `export default {
  async fetch(request, env) {
    const { db, how, statements } = await request.json();
    const prepared = statements.map(({ sql, params = [] }) => env[db].prepare(sql).bind(...params));
    try {
      if (how === 'batch') return Response.json({ ok: await env[db].batch(prepared) });
      if (how === 'all') return Response.json({ ok: (await prepared[0].all()).results });
      const lists = [];
      for (const one of prepared) lists.push(await one.raw({ columnNames: true }));
      return Response.json({ ok: lists });
    } catch (error) {
      return Response.json({ error: String(error.message).replace(/^(D1_\\w+: )+/, '') });
    }
  },
};`;

function database(
  id: string,
  db: string,
  file: string,
  ask: <T>(body: unknown) => Promise<T>,
): EngineDatabase {
  const lists = (statements: readonly D1Statement[]) =>
    ask<readonly (readonly (readonly unknown[])[])[]>({ db, how: 'raw', statements });
  return {
    id,
    file,
    batch: (given) => {
      const statements = given.map((one) => (typeof one === 'string' ? { sql: one } : one));
      return ask<readonly D1Answer[]>({ db, how: 'batch', statements });
    },
    query: asking('sqlite', ({ sql, args = [] }) =>
      ask<readonly Row[]>({ db, how: 'all', statements: [{ sql, params: args }] }),
    ),
    raw: async (statements) => {
      const answers = await lists(statements);
      return answers.map(([columns = [], ...rows]) => ({ columns: columns.map(String), rows }));
    },
    dump: async ({ schema, rows, tables }) => {
      const params = [schema === 'with' ? 0 : 1, rows === 'with' ? 0 : 1, ...tables];
      const [[, lines = []] = []] = await lists([{ sql: 'PRAGMA miniflare_d1_export(?,?,?);', params }]);
      return lines.join('\n');
    },
  };
}
