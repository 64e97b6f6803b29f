import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkToken } from '../../../src/engines/d1/remote/check-token.ts';
import { openD1Remote } from '../../../src/engines/d1/remote/remote.ts';
import {
  describedDatabase,
  done,
  refused,
  scriptedAddress,
  scriptedApi,
} from '../../support/scripted-api.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const patience = { connectTimeout: 2000 };

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the login of wrangler', () => {
  test('is used where no token is set, and asked for only once', async () => {
    await using home = await temporaryFolder();
    await logIn(home.path);
    await using api = await scriptedApi(() => done(describedDatabase));
    const address = scriptedAddress(api.url, { credentials: { kind: 'wrangler', root: project } });
    await using engine = await openD1Remote(address, patience);
    expect(engine.location).toBe('D1 shop-production');
    expect(api.requests[0]?.authorization).toBe('Bearer s3cret-login');
    // Nobody is logged in any more, but this process knows the token.
    vi.stubEnv('XDG_CONFIG_HOME', home.file('nowhere'));
    await using again = await openD1Remote(address, patience);
    expect(again.location).toBe('D1 shop-production');
  }, 30_000);

  test('that is not there is named with what to do', async () => {
    await using home = await temporaryFolder();
    vi.stubEnv('XDG_CONFIG_HOME', home.path);
    vi.stubEnv('CLOUDFLARE_API_TOKEN', undefined);
    // Another folder of the same project, for which no login is kept yet.
    const root = fileURLToPath(new URL('../', import.meta.url));
    const address = scriptedAddress('http://127.0.0.1:9', { credentials: { kind: 'wrangler', root } });
    await expect(openD1Remote(address, patience)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('Nobody is logged in'),
      next: expect.stringContaining('wrangler login'),
    });
  }, 30_000);

  test('cannot be asked for in a project without wrangler', async () => {
    await using folder = await temporaryFolder();
    const address = scriptedAddress('http://127.0.0.1:9', {
      credentials: { kind: 'wrangler', root: folder.path },
    });
    await expect(openD1Remote(address, patience)).rejects.toMatchObject({
      message: expect.stringContaining('no wrangler'),
      next: expect.stringContaining('CLOUDFLARE_API_TOKEN'),
    });
  });
});

describe('what a token may do', () => {
  test('is said as far as asking tells', async () => {
    await using api = await scriptedApi(({ path }) => {
      if (path === '/user/tokens/verify')
        return done({ status: 'active', expires_on: '2027-01-31T00:00:00Z' });
      return path.includes('/d1/database/')
        ? done(describedDatabase)
        : refused(403, 10_000, 'Authentication error');
    });
    expect(await checkToken([scriptedAddress(api.url)], patience)).toEqual([
      { state: 'ok', says: 'is active, until 2027-01-31' },
      {
        state: 'ok',
        says: 'reads D1 shop-production, whose history goes back 30 days, 7 on the free plan; to change it, it needs the permission D1 Edit, which only a change shows',
      },
      { state: 'ok', says: 'reaches nothing else that was asked for' },
    ]);
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('is a warning when it is more than a deploy needs', async () => {
    await using api = await scriptedApi(({ path }) => {
      if (path.startsWith('/accounts?')) return done([{ id: 'acc' }, { id: 'other' }]);
      if (path === '/accounts/acc/tokens/verify') return done({ status: 'active' });
      if (path === '/accounts/acc/workers/scripts') return done([]);
      return path.includes('/d1/database/')
        ? done(describedDatabase)
        : refused(403, 10_000, 'Authentication error');
    });
    const findings = await checkToken([scriptedAddress(api.url)], patience);
    expect(findings).toContainEqual({ state: 'ok', says: 'is active, without an end' });
    expect(findings.at(-1)).toMatchObject({
      state: 'warning',
      says: 'also reaches Workers scripts, more than one account: more than a deploy needs',
    });
  });

  test('is a problem when Cloudflare refuses it', async () => {
    await using api = await scriptedApi(() => refused(401, 10_000, 'Authentication error'));
    const findings = await checkToken([scriptedAddress(api.url)], patience);
    expect(findings).toMatchObject([
      { state: 'problem', says: expect.stringContaining('refuses the token') },
    ]);
    expect(inspect(findings)).not.toContain('s3cret');
  });
});

/** As `wrangler login` leaves it. */
async function logIn(config: string): Promise<void> {
  vi.stubEnv('XDG_CONFIG_HOME', config);
  vi.stubEnv('CLOUDFLARE_API_TOKEN', undefined);
  const file = `${config}/.wrangler/config/default.toml`;
  await mkdir(dirname(file), { recursive: true });
  const text =
    'oauth_token = "s3cret-login"\nrefresh_token = "r"\nexpiration_time = "2099-01-01T00:00:00.000Z"\nscopes = ["account:read"]\n';
  await writeFile(file, text, { mode: 0o600 });
}
