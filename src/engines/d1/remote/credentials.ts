import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MigrateError } from '../../../lib/errors.ts';
import { parseJson } from '../../../lib/json.ts';
import { Secret } from '../../../lib/secret.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { D1Credentials } from '../../address.ts';
import type { RestClient } from './rest.ts';
import { field, listOf, textField } from './shape.ts';

/**
 * The token to be sent: the one given, or that of the login which the project's own wrangler keeps. wrangler takes
 * about a second to start, so its answer is kept as long as this process lives.
 *
 * @throws MigrateError `unreachable` when there is no wrangler in the project, or nobody is logged in
 */
export function tokenOf(credentials: D1Credentials, signal?: AbortSignal): Promise<Secret> {
  switch (credentials.kind) {
    case 'token':
      return Promise.resolve(credentials.token);
    case 'wrangler':
      return keptLogin(credentials.root, signal);
    default:
      return unreachable(credentials);
  }
}

/**
 * The account to ask in: the one given, or the only one that the token reaches.
 *
 * @throws MigrateError `unreachable` when there is none or more than one, naming them
 */
export async function accountOf(client: RestClient, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const { result } = await client.read({ method: 'GET', path: '/accounts?per_page=50' });
  const accounts = listOf(result).map((one) => ({
    id: textField(one, 'id') ?? '',
    name: textField(one, 'name') ?? '',
  }));
  const [first, second] = accounts;
  if (first && !second) return first.id;
  const found = accounts.map(({ id, name }) => `${name} (${id})`).join(', ');
  throw new MigrateError(
    'unreachable',
    first ? `The credentials reach more than one account: ${found}` : 'The credentials reach no account',
    {
      next: first
        ? 'Set CLOUDFLARE_ACCOUNT_ID to the one that has the database, or account_id in the wrangler config.'
        : 'Set CLOUDFLARE_ACCOUNT_ID; a token for a single service often cannot list its account.',
    },
  );
}

const logins = new Map<string, Promise<Secret>>();

function keptLogin(root: string, signal: AbortSignal | undefined): Promise<Secret> {
  const kept = logins.get(root);
  if (kept) return kept;
  const asked = askWrangler(root, signal);
  logins.set(root, asked);
  // A login may come between two questions of one session.
  asked.catch(() => logins.delete(root));
  return asked;
}

async function askWrangler(root: string, signal: AbortSignal | undefined): Promise<Secret> {
  const { code, out } = await run([wranglerOf(root), 'auth', 'token', '--json'], root, signal);
  const printed = parseJson(out.slice(Math.max(0, out.indexOf('{'))));
  const answer = printed.kind === 'read' ? printed.value : undefined;
  const token = textField(answer, 'token');
  if (code === 0 && token) return new Secret(token);
  if (field(answer, 'type') === 'api_key') {
    throw noLogin(
      'wrangler is set up with a global API key (CLOUDFLARE_API_KEY), which is not sent from here',
    );
  }
  throw noLogin(code === 0 ? 'wrangler gave no token' : 'Nobody is logged in: wrangler has no token to give');
}

function wranglerOf(root: string): string {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('wrangler/package.json');
    const described = parseJson(readFileSync(manifest, 'utf8'));
    const bin = described.kind === 'read' ? textField(field(described.value, 'bin'), 'wrangler') : undefined;
    return join(dirname(manifest), bin ?? 'bin/wrangler.js');
  } catch (cause) {
    throw noLogin('No API token is set, and the project has no wrangler that could be logged in', cause);
  }
}

function noLogin(what: string, cause?: unknown): MigrateError {
  return new MigrateError('unreachable', what, {
    next: 'Set CLOUDFLARE_API_TOKEN to a token with the permission D1 Edit (D1 Read is enough to look), or run npx wrangler login.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What it prints may hold the token, so none of it goes into an error. */
function run(
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly code: number; readonly out: string }> {
  const env = { ...process.env, NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd, env, timeout: 30_000, ...(signal ? { signal } : {}) },
      (error, stdout) => {
        resolve({ code: error ? 1 : 0, out: stdout });
      },
    );
  });
}
