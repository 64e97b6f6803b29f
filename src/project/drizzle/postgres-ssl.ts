import type { Problem } from '../addresses/postgres-url.ts';

/**
 * How drizzle-kit's `ssl` is said in a URL, as it reads it for `pg`: `require`, `prefer` and `allow` want TLS and look at
 * no certificate. A problem for what no URL can carry.
 */
export function sslOptions(ssl: unknown): URLSearchParams | Problem {
  if (ssl === undefined || ssl === null) return new URLSearchParams();
  const mode = typeof ssl === 'object' ? modeOfObject(ssl) : modes.get(ssl);
  if (typeof mode === 'object') return mode;
  return mode === undefined ? notKnown : new URLSearchParams({ sslmode: mode });
}

const modes: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [true, 'verify-full'],
  [false, 'disable'],
  ['verify-full', 'verify-full'],
  ['require', 'no-verify'],
  ['prefer', 'no-verify'],
  ['allow', 'no-verify'],
]);

const notKnown: Problem = {
  kind: 'problem',
  problem: "its ssl is none of true, false, 'require', 'prefer', 'allow' and 'verify-full'",
};

/** Of TLS's own options only whether certificates are looked at has a name in a URL. */
function modeOfObject(ssl: object): string | Problem {
  const others = Object.keys(ssl).filter((key) => key !== 'rejectUnauthorized');
  if (others.length > 0) {
    return {
      kind: 'problem',
      problem: `its ssl gives ${others.join(', ')}, which no URL can carry; use a URL with sslmode=verify-full&sslrootcert=FILE, and sslcert and sslkey where the server asks for them`,
    };
  }
  return 'rejectUnauthorized' in ssl && ssl.rejectUnauthorized === false ? 'no-verify' : 'verify-full';
}
