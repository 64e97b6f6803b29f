import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import type { Query, Row } from '../../src/sql/statement.ts';

/** A database in real workerd, with D1's own rules. */
export interface RealD1 {
  /** All statements or none, as D1's batch has it. */
  batch(statements: readonly string[]): Promise<void>;
  readonly query: Query;
}

/** Empty databases in one workerd, in memory; each call gives the next. */
export async function startD1({
  databases,
}: {
  readonly databases: number;
}): Promise<AsyncDisposable & { next(): Promise<RealD1> }> {
  const names = Array.from({ length: databases }, (_, at) => `DB${at}`);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default {}',
      compatibilityDate: '2026-01-01',
      d1Databases: names,
      // workerd writes a stack for every batch that fails at its commit, which is what some tests are about.
      handleStructuredLogs: () => {},
    }),
  );
  let used = 0;
  return {
    next: async () => {
      const name = names[used++];
      if (name === undefined) throw new Error(`Only ${databases} databases were asked for`);
      const database = await miniflare.getD1Database(name);
      return {
        batch: async (statements) => {
          await database.batch(statements.map((sql) => database.prepare(sql)));
        },
        query: async ({ sql, args = [] }) => {
          const { results } = await database
            .prepare(sql)
            .bind(...args)
            .all<Row>();
          return results;
        },
      };
    },
    [Symbol.asyncDispose]: () => miniflare.dispose(),
  };
}
