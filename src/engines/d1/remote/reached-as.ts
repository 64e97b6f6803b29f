import type { Secret } from '../../../lib/secret.ts';
import type { D1RemoteAddress } from '../../address.ts';
import { tokenOf } from './credentials.ts';
import { connectD1, type D1RemoteOptions } from './connection.ts';

/** What another program needs to reach a database: ids instead of names, and the token of the moment. */
export interface D1ReachedAs {
  readonly account: string;
  readonly database: string;
  readonly token: Secret;
}

/**
 * Asks the API for the ids that names stand for, and wrangler for its login where there is no token.
 *
 * @throws MigrateError `unreachable` or `not-found`, with what to check
 */
export async function reachedAs(address: D1RemoteAddress, options: D1RemoteOptions): Promise<D1ReachedAs> {
  const token = await tokenOf(address.credentials, options.signal);
  const { path, database } = await connectD1(address, options);
  const [, account = ''] = /^\/accounts\/([^/]+)\//.exec(path) ?? [];
  return { account: decodeURIComponent(account), database: database.id, token };
}
