import type { ItemState, StatusEnvironment } from '../../../src/operations/reports.ts';
import type { Context } from '../../../src/tui/screen.ts';
import { openingOf } from '../../support/status.ts';
import { context } from './screen.ts';

/** What is applied in one environment; each migration but a bare one has a rollback file of two statements. */
export function knowing(
  items: Readonly<Record<string, ItemState>>,
  {
    name = 'dev',
    readOnly = false,
    state = 'behind',
  }: {
    readonly name?: string;
    readonly readOnly?: boolean;
    readonly state?: 'behind' | 'half-finished';
  } = {},
): Context {
  const status: StatusEnvironment = {
    name,
    protected: false,
    readOnly,
    targets: [
      {
        database: 'app',
        engine: 'libsql-file',
        location: 'dev.db',
        state: [state],
        applied: 0,
        pending: 0,
        items: Object.entries(items).map(([tag, of]) => ({ tag, state: of })),
        says: [],
      },
    ],
  };
  const tags = [...new Set(['0001_a', '0002_b', '0003_c', '0004_d', '0005_bare', ...Object.keys(items)])];
  const opening = openingOf(tags, [name]);
  const databases = opening.databases.map((database) => ({
    ...database,
    migrations: database.migrations.map((migration) =>
      migration.tag.endsWith('bare') ? migration : { ...migration, rollback: 2 },
    ),
  }));
  const environment = {
    name,
    protected: false,
    readOnly,
    status,
    readAt: 0,
    asking: 'no',
    before: undefined,
  } as const;
  return {
    ...context(100, 30),
    opening: { ...opening, databases },
    database: 'app',
    environments: new Map([[name, environment]]),
  };
}
