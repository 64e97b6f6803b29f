import { randomUUID } from 'node:crypto';
import type { Dialect } from '../sql/statement.ts';

/** What drizzle-kit says a first snapshot follows. */
export const noId = '00000000-0000-0000-0000-000000000000';

/** What drizzle-kit 0.x writes of a schema that has nothing, without its ids. */
export const emptySnapshot0 = {
  sqlite: {
    version: '6',
    dialect: 'sqlite',
    tables: {},
    views: {},
    enums: {},
    _meta: { tables: {}, columns: {} },
    internal: { indexes: {} },
  },
  postgres: {
    version: '7',
    dialect: 'postgresql',
    tables: {},
    enums: {},
    schemas: {},
    views: {},
    sequences: {},
    roles: {},
    policies: {},
    _meta: { columns: {}, schemas: {}, tables: {} },
  },
} as const satisfies Record<Dialect, unknown>;

/**
 * What drizzle-kit 1.0 writes for a migration that changes nothing of the schema.
 *
 * @param before the snapshot that it follows; undefined: it is the first
 */
export function emptySnapshot1After(
  before: Readonly<Record<string, unknown>> | undefined,
  dialect: Dialect,
): Readonly<Record<string, unknown>> {
  if (before === undefined) return { ...firstSnapshot1[dialect], id: randomUUID(), prevIds: [noId], ...nothing1[dialect] };
  const { id, prevIds: _, ...rest } = before;
  const { version, dialect: noted, ...content } = rest;
  // Since 1.0.0-rc.5 those of PostgreSQL say what changed, after a first that says everything.
  if ('type' in before) {
    return { type: 'diff', version, dialect: noted, id: randomUUID(), prevIds: [id], footprints: [], deltas: [] };
  }
  return { version, dialect: noted, id: randomUUID(), prevIds: [id], ...content };
}

const firstSnapshot1 = {
  sqlite: { version: '7', dialect: 'sqlite' },
  postgres: { type: 'base', version: '9', dialect: 'postgres' },
} as const;

const nothing1 = {
  sqlite: { ddl: [], renames: [] },
  postgres: { footprints: [], ddl: [] },
} as const;
