import { MigrateError } from '../lib/errors.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Address } from './address.ts';
import type { Engine } from './engine.ts';
import { lookAtFile } from './file-check.ts';
import { refuseWrite } from './read-only.ts';
import { openSqliteReader, readOnly } from './sqlite-reader.ts';
import { asking } from '../sql/statement.ts';

export interface OpenOptions {
  /** For a question the engine refuses writes and nothing is created, not even a file beside the database. */
  readonly purpose: 'question' | 'change';
  /** For a change: what to do about a database file that is not there. `refuse` gives `missing`. */
  readonly ifMissing?: 'refuse' | 'create';
  /**
   * For a server. `now`: opening asks it something, which a long first question needs. `with-first-answer`: a short
   * question finds out by itself, within the time to connect.
   */
  readonly reach?: 'now' | 'with-first-answer';
  /** For a question about a file: where a copy may be made of one that was left in the middle of a write. */
  readonly scratch?: string;
  /** Milliseconds. */
  readonly timeouts?: { readonly connect: number; readonly busy: number };
  readonly signal?: AbortSignal;
}

export type Opened =
  | { readonly kind: 'open'; readonly engine: Engine }
  /** A file that does not exist: an empty database, as far as questions go. */
  | { readonly kind: 'missing' };

/**
 * Opens a database by its address. Each client is loaded only when it is needed: a look at local files needs none.
 *
 * @throws MigrateError mostly `unreachable`, with the reason and what to do
 */
export async function openEngine(address: Address, options: OpenOptions): Promise<Opened> {
  const { timeouts = defaultTimeouts, reach = 'now', signal } = options;
  const passed = signal ? { signal } : {};
  const server = { connectTimeout: timeouts.connect, reach, ...passed };
  switch (address.kind) {
    case 'libsql-file':
      return openFile(address.path, options);
    case 'libsql-memory': {
      const { openLibsqlMemory } = await import('./libsql/memory.ts');
      return { kind: 'open', engine: openLibsqlMemory(passed) };
    }
    case 'libsql-remote': {
      const { url, authToken } = address;
      const { openLibsqlRemote } = await import('./libsql/remote.ts');
      const remote = await openLibsqlRemote({ url, authToken, ...server });
      return { kind: 'open', engine: options.purpose === 'question' ? readingOnly(remote) : remote };
    }
    case 'd1-local':
      return openD1File(address.path, options);
    case 'd1-remote': {
      const { openD1Remote } = await import('./d1/remote/remote.ts');
      const remote = await openD1Remote(address, server);
      return { kind: 'open', engine: options.purpose === 'question' ? readingOnly(remote) : remote };
    }
    case 'postgres': {
      const { purpose } = options;
      const { openPostgres } = await import('./postgres/postgres.ts');
      return {
        kind: 'open',
        engine: await openPostgres(address, { purpose, busyTimeout: timeouts.busy, ...server }),
      };
    }
    case 'pglite': {
      const { openPglite } = await import('./postgres/pglite/pglite.ts');
      return openPglite(address, options);
    }
    case 'unavailable':
      throw new MigrateError('config', address.why);
    default:
      return unreachable(address);
  }
}

const defaultTimeouts = { connect: 10_000, busy: 5000 };

async function openFile(path: string, options: OpenOptions): Promise<Opened> {
  const { purpose, ifMissing = 'refuse', timeouts = defaultTimeouts, scratch, signal } = options;
  const passed = { path, busyTimeout: timeouts.busy, ...(signal ? { signal } : {}) };
  const mayCreate = purpose === 'change' && ifMissing === 'create';
  if (!mayCreate && (await lookAtFile(path)).kind === 'missing') return { kind: 'missing' };
  if (purpose === 'question')
    return { kind: 'open', engine: await openSqliteReader({ ...passed, ...asideIn(scratch) }) };
  const { openLibsqlFile } = await import('./libsql/file.ts');
  return { kind: 'open', engine: await openLibsqlFile({ ...passed, ifMissing }) };
}

async function openD1File(path: string, options: OpenOptions): Promise<Opened> {
  const { purpose, ifMissing = 'refuse', timeouts = defaultTimeouts, scratch, signal } = options;
  const passed = { path, busyTimeout: timeouts.busy, ...(signal ? { signal } : {}) };
  const mayCreate = purpose === 'change' && ifMissing === 'create';
  if (!mayCreate && (await lookAtFile(path)).kind === 'missing') return { kind: 'missing' };
  if (purpose === 'question') {
    const reader = await openSqliteReader({
      ...passed,
      ...asideIn(scratch),
      doubleQuotes: 'names-and-strings',
    });
    return { kind: 'open', engine: { ...reader, foreignKeys: 'always-on' } };
  }
  const { openD1Local } = await import('./d1/local.ts');
  return { kind: 'open', engine: await openD1Local({ ...passed, ifMissing }) };
}

const asideIn = (scratch: string | undefined) => (scratch === undefined ? {} : { scratch });

function readingOnly(engine: Engine): Engine {
  return {
    ...engine,
    query: asking(engine.query, async (statement) => {
      refuseWrite(statement.sql, engine.location);
      return engine.query(statement);
    }),
    unit: () => Promise.resolve(readOnly(engine.location)),
    ...(engine.rewind ? { rewind: { ...engine.rewind, to: () => refuseRewind(engine.location) } } : {}),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

function refuseRewind(location: string): Promise<never> {
  return Promise.reject(new MigrateError('refused', `${location} is open for reading only`));
}
