import { MigrateError } from '../../../lib/errors.ts';
import { sha256 } from '../../../lib/hash.ts';
import type { D1RemoteAddress } from '../../address.ts';
import { tokenOf } from './credentials.ts';
import { connectD1, type D1RemoteOptions } from './connection.ts';
import { patienceOf, restClient, type RestClient } from './rest.ts';
import { RestFailure } from './rest-failure.ts';
import { rewindOf } from './rewind.ts';
import { listOf, textField } from './shape.ts';

/** One thing that was found out about the credentials of a target, for `doctor`. */
export interface TokenFinding {
  readonly state: 'ok' | 'warning' | 'problem';
  /** A phrase about the token: `is active, until 2027-01-01`. */
  readonly says: string;
  readonly next?: string;
}

/**
 * What a token may do, as far as asking tells; nothing is written. Whether it may change the databases, only a change
 * would show.
 *
 * @param addresses of databases that are reached with the same token in the same account
 */
export async function checkToken(
  addresses: readonly D1RemoteAddress[],
  options: D1RemoteOptions,
): Promise<readonly TokenFinding[]> {
  const reached = await Promise.all(addresses.map((address) => reach(address, options)));
  const found = reached.find(({ kind }) => kind === 'reached');
  const reads = new Map(reached.map(({ finding }) => [finding.says, finding])).values();
  if (found?.kind !== 'reached') return [...reads];
  const { address, account } = found;
  const { signal, connectTimeout } = options;
  const token = await tokenOf(address.credentials, signal);
  const patience = patienceOf(connectTimeout);
  const client = restClient({ api: address.api, token, patience, ...(signal ? { signal } : {}) });
  return [await validity(client, address, account), ...reads, ...(await surplus(client, address, account))];
}

/** Equal for addresses that are reached with the same token in the same account. */
export function accessOf({ api, account, credentials }: D1RemoteAddress): string {
  const whose = credentials.kind === 'token' ? sha256(credentials.token.reveal()) : credentials.root;
  return JSON.stringify([api, account ?? null, credentials.kind, whose]);
}

type Reached =
  | {
      readonly kind: 'reached';
      readonly finding: TokenFinding;
      readonly address: D1RemoteAddress;
      readonly account: string;
    }
  | { readonly kind: 'not-reached'; readonly finding: TokenFinding };

async function reach(address: D1RemoteAddress, options: D1RemoteOptions): Promise<Reached> {
  try {
    const connection = await connectD1(address, options);
    const { location, path } = connection;
    const retention = rewindOf(connection)?.retention;
    const history =
      retention === undefined ? 'which keeps no history' : `whose history goes back ${retention}`;
    return {
      kind: 'reached',
      finding: {
        state: retention === undefined ? 'warning' : 'ok',
        says: `reads ${location}, ${history}; to change it, it needs the permission D1 Edit, which only a change shows`,
      },
      address,
      account: path.split('/d1/')[0] ?? '',
    };
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    const { message, next } = error;
    const finding = { state: 'problem', says: message, ...(next === undefined ? {} : { next }) } as const;
    return { kind: 'not-reached', finding };
  }
}

/** A token belongs to a user or to an account, and each knows its own. */
async function validity(
  client: RestClient,
  { credentials }: D1RemoteAddress,
  account: string,
): Promise<TokenFinding> {
  if (credentials.kind === 'wrangler') return { state: 'ok', says: 'is the login of wrangler' };
  for (const path of ['/user/tokens/verify', `${account}/tokens/verify`]) {
    const result = await resultOf(client, path);
    const status = textField(result, 'status');
    if (status === undefined) continue;
    const end = textField(result, 'expires_on');
    const until = end === undefined ? 'without an end' : `until ${end.slice(0, 10)}`;
    return { state: status === 'active' ? 'ok' : 'problem', says: `is ${status}, ${until}` };
  }
  return { state: 'warning', says: 'works, but Cloudflare does not say how long' };
}

/** Reads that a deploy has no use for: each that is answered is a permission too many. */
async function surplus(
  client: RestClient,
  { credentials }: D1RemoteAddress,
  account: string,
): Promise<readonly TokenFinding[]> {
  const found = await Promise.all(
    Object.entries(elsewhere(account)).map(async ([what, path]) =>
      (await resultOf(client, path)) === undefined ? [] : [what],
    ),
  );
  const accounts = listOf(await resultOf(client, '/accounts?per_page=2'));
  const may = [...found.flat(), ...(accounts.length > 1 ? ['more than one account'] : [])];
  if (may.length === 0) return [{ state: 'ok', says: 'reaches nothing else that was asked for' }];
  const says = `also reaches ${may.join(', ')}: more than a deploy needs`;
  const next =
    credentials.kind === 'wrangler'
      ? 'A login may do all that wrangler can. For CI, make an API token with the one permission D1 Edit.'
      : 'Make an API token with the one permission D1 Edit, for this account alone; D1 Read is enough to look.';
  return [{ state: 'warning', says, next }];
}

function elsewhere(account: string): Readonly<Record<string, string>> {
  return {
    'Workers scripts': `${account}/workers/scripts`,
    'KV namespaces': `${account}/storage/kv/namespaces?per_page=5`,
    'R2 buckets': `${account}/r2/buckets?per_page=1`,
    'API tokens': '/user/tokens?per_page=5',
  };
}

/** Asked once: what is refused, or not answered now, counts as not reached. */
async function resultOf(client: RestClient, path: string): Promise<unknown> {
  try {
    const { result } = await client.once({ method: 'GET', path, timeout: 10_000 });
    return result ?? undefined;
  } catch (error) {
    if (error instanceof RestFailure) return undefined;
    throw error;
  }
}
