import type { D1RemoteAddress } from '../../address.ts';
import type { Engine } from '../../engine.ts';
import { connectD1, type D1RemoteOptions } from './connection.ts';
import { sendUnit } from './unit.ts';
import { rewindOf } from './rewind.ts';

/**
 * Opens a database at Cloudflare through the REST API. Reads are repeated while they fail for now; a unit is sent once,
 * and when its answer is lost the outcome is `unknown`.
 *
 * @throws MigrateError `unreachable`, `not-found` or `config`, with what to check; no token is ever in it
 */
export async function openD1Remote(address: D1RemoteAddress, options: D1RemoteOptions): Promise<Engine> {
  const connection = await connectD1(address, options);
  const rewind = rewindOf(connection);
  return {
    name: 'd1-remote',
    location: connection.location,
    delivery: 'one-request',
    foreignKeys: 'always-on',
    query: connection.query,
    unit: (unit, unitOptions = {}) => sendUnit(connection, unit, unitOptions),
    ...(rewind ? { rewind } : {}),
    // Requests stand for themselves: nothing stays open.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
