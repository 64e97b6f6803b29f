import { MigrateError } from '../../../lib/errors.ts';
import type { Rewind } from '../../engine.ts';
import type { D1Connection } from './connection.ts';
import { RestFailure } from './rest-failure.ts';
import { textField } from './shape.ts';

/** Cloudflare's Time Travel. Undefined for a database of the first generation, which has none. */
export function rewindOf(connection: D1Connection): Rewind | undefined {
  const { version } = connection.database;
  if (version === 'alpha') return undefined;
  return {
    of: connection.database.id,
    retention: '30 days, 7 on the free plan',
    position: () => positionOf(connection),
    to: (position) => takeBack(connection, position),
  };
}

/** Where the database is now: one request that reads and holds up nobody. */
export async function positionOf({ ask, path, location }: D1Connection): Promise<string> {
  const { result } = await ask((client) =>
    client.read({ method: 'GET', path: `${path}/time_travel/bookmark` }),
  );
  const bookmark = textField(result, 'bookmark');
  if (bookmark !== undefined) return bookmark;
  throw new MigrateError('backup-failed', `${location} did not say where in its history it is`, {
    next: 'Try again; the dashboard of Cloudflare shows whether Time Travel is there for this database.',
  });
}

async function takeBack(connection: D1Connection, position: string): Promise<{ readonly undo: string }> {
  const { client, path } = connection;
  // Known before anything is changed, in case the answer is lost.
  const before = await positionOf(connection);
  try {
    const { result } = await client.once({
      method: 'POST',
      path: `${path}/time_travel/restore?bookmark=${encodeURIComponent(position)}`,
      timeout: restoreTimeout,
    });
    return { undo: textField(result, 'previous_bookmark') ?? before };
  } catch (error) {
    throw error instanceof RestFailure ? notTaken(error, connection.location, before) : error;
  }
}

const restoreTimeout = 300_000;

function notTaken(failure: RestFailure, location: string, before: string): Error {
  const { kind, next } = failure.details;
  if (kind === 'lost') {
    return new MigrateError(
      'stopped-part-way',
      `${location} did not say whether it was taken back: ${failure.message}. Before, it was at ${before}`,
      { next: 'Ask for the status: the records say where it is now.', cause: failure },
    );
  }
  const code = failure.details.reason === 'busy' ? 'busy' : 'refused';
  return new MigrateError(code, `${location} was not taken back and is as before: ${failure.message}`, {
    next,
    cause: failure,
  });
}
