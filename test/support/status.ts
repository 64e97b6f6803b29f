import type { ItemState, StatusOpening, StatusReport, StatusTarget } from '../../src/operations/reports.ts';
import { withOpening, withStatus } from '../../src/tui/app/status.ts';
import type { Context } from '../../src/tui/screen.ts';

export const noon = Date.parse('2026-11-20T14:00:00Z');

/** What the screen knows before anything was read. */
export const emptyContext: Context = {
  columns: 120,
  rows: 33,
  now: noon,
  motion: 'full',
  place: '',
  opening: undefined,
  failure: undefined,
  environments: new Map(),
  database: undefined,
  running: [],
};

export function openingOf(tags: readonly string[], names: readonly string[]): StatusOpening {
  return {
    schemaVersion: 1,
    kind: 'status-opening',
    project: 'ledgerly',
    root: '/project',
    branch: 'main',
    configFile: 'migrate-tui.config.ts',
    sources: [],
    notes: [],
    databases: [
      {
        name: 'app',
        format: 'drizzle-0',
        bookkeeping: '__drizzle_migrations',
        directory: 'drizzle',
        migrations: tags.map((tag) => ({ tag, hash: tag, statements: 1 })),
        notes: [],
      },
    ],
    environments: names.map((name) => ({
      name,
      protected: name === 'production',
      readOnly: false,
      targets: [{ database: 'app', location: `file:${name}.db` }],
    })),
    unfinished: [],
  };
}

/** One environment's answer; items are applied unless `but` says otherwise. */
export function statusOf(
  tags: readonly string[],
  name: string,
  but: Readonly<Record<string, ItemState>> = {},
  target: Partial<StatusTarget> = {},
): StatusReport {
  const items = tags.map((tag) => ({ tag, state: but[tag] ?? ('applied' as const) }));
  const pending = items.filter(({ state }) => state === 'pending').length;
  return {
    schemaVersion: 1,
    kind: 'status',
    databases: [],
    environments: [
      {
        name,
        protected: name === 'production',
        readOnly: false,
        targets: [
          {
            database: 'app',
            engine: 'libsql',
            location: `file:${name}.db`,
            state: [pending > 0 ? 'behind' : 'current'],
            applied: items.length - pending,
            pending,
            items,
            says: [],
            ...target,
          },
        ],
      },
    ],
  };
}

export function contextWith(opening: StatusOpening, answers: readonly StatusReport[], at = noon): Context {
  const opened = withOpening(emptyContext, opening, at);
  return answers.reduce((context, answer) => withStatus(context, answer, at), opened);
}
