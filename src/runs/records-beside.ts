import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import { d1Bookkeeping } from '../bookkeeping/d1.ts';
import { drizzleBookkeeping } from '../bookkeeping/drizzle.ts';
import { drizzlePostgres } from '../bookkeeping/drizzle-postgres.ts';
import { numberedBookkeeping } from '../bookkeeping/numbered.ts';
import type { Engine } from '../engines/engine.ts';
import { MigrateError } from '../lib/errors.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { OtherTable } from '../operations/history/two-tables.ts';
import type { Dialect } from '../sql/statement.ts';

/**
 * The records of other runners in a target that a table without hashes speaks for; those without any are left out.
 * Somebody who changed from one runner to another has both, and neither sees the other's records.
 */
export async function recordsBeside(
  engine: Pick<Engine, 'query'>,
  own: Pick<Bookkeeping, 'kind' | 'table'>,
): Promise<readonly OtherTable[]> {
  // At the same time: a server answers all of them in one request.
  const found = await Promise.all(
    othersOf(own.kind, engine.query.dialect).map(async ({ by, bookkeeping }): Promise<OtherTable> => {
      const { table } = bookkeeping;
      return { table, by, entries: table === own.table ? [] : await entriesIn(engine, bookkeeping) };
    }),
  );
  return found.filter(({ entries }) => entries.length > 0);
}

interface Other {
  readonly by: OtherTable['by'];
  readonly bookkeeping: Bookkeeping;
}

/** Under the names that nobody changed. */
function othersOf(kind: Bookkeeping['kind'], dialect: Dialect): readonly Other[] {
  switch (kind) {
    case 'drizzle-0':
    case 'drizzle-1':
      return [];
    case 'd1':
      return [drizzleIn(dialect), numbersIn(dialect)];
    case 'numbered':
      return [drizzleIn(dialect), ...(dialect === 'sqlite' ? [wranglers] : [])];
    default:
      return unreachable(kind);
  }
}

const wranglers: Other = {
  by: 'wrangler',
  bookkeeping: d1Bookkeeping({ directory: '/', table: 'd1_migrations' }),
};

const numbersIn = (dialect: Dialect): Other => ({
  by: 'numbers',
  bookkeeping: numberedBookkeeping({ dialect, table: '_migrations' }),
});

function drizzleIn(dialect: Dialect): Other {
  const named = { format: 'drizzle-0', table: '__drizzle_migrations' } as const;
  const bookkeeping =
    dialect === 'sqlite' ? drizzleBookkeeping(named) : drizzlePostgres({ ...named, schema: 'drizzle' });
  return { by: 'drizzle', bookkeeping };
}

/** A table of that name which is no tracking table is somebody else's. */
async function entriesIn({ query }: Pick<Engine, 'query'>, unshaped: Bookkeeping): Promise<readonly Entry[]> {
  const columns = await query(unshaped.shape);
  try {
    const shaped = unshaped.withShape(columns);
    return shaped.exists ? shaped.parse(await query(shaped.read)) : [];
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'migrations') return [];
    throw error;
  }
}
