import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { miniflarePath } from '../../src/project/miniflare-path.ts';

/** A D1 database in real workerd, kept in a persistence folder as `wrangler dev` keeps one. */
export interface LiveD1 extends AsyncDisposable {
  /** The SQLite file that workerd has open. */
  readonly file: string;
  /** Runs statements as one batch. */
  batch(statements: readonly string[]): Promise<void>;
  all(sql: string, args?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

/** @param state the folder that wrangler calls `.wrangler/state` */
export async function startMiniflare(state: string, id = 'DB'): Promise<LiveD1> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default { fetch: () => new Response() }',
      d1Databases: { DB: id },
      resourcePersistencePath: join(state, 'v3'),
    }),
  );
  const database = await miniflare.getD1Database('DB');
  const all: LiveD1['all'] = async (sql, args = []) => {
    const { results } = await database
      .prepare(sql)
      .bind(...args)
      .all<Record<string, unknown>>();
    return results;
  };
  await all('SELECT 1');
  return {
    file: miniflarePath(state, id),
    all,
    batch: async (statements) => {
      await database.batch(statements.map((sql) => database.prepare(sql)));
    },
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}
