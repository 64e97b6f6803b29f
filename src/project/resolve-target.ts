import { basename, dirname } from 'node:path';
import type { Variables } from './dotenv.ts';
import { libsqlAddress } from './libsql-url.ts';
import { isReference, type ParsedTarget } from './parse-config.ts';
import type { Address } from './project.ts';
import { bad, type Place } from './shape.ts';

/**
 * Where a target of our configuration is, with the variables that its environment sees. One whose variable
 * is not set, or whose engine is not served, is `unavailable`, so that it stops no other.
 * Throws `config` for a URL in the file that cannot be meant.
 */
export function resolveTarget(
  target: ParsedTarget,
  at: Place,
  variables: Variables,
  environment: string,
): Address {
  if (target.kind === 'not-served') {
    return {
      kind: 'unavailable',
      shown: target.shown,
      why: `${at.key}: ${target.what} not served by this version; libSQL is.`,
    };
  }
  const url = valueOf(target.url, variables);
  const authToken = target.authToken === undefined ? undefined : valueOf(target.authToken, variables);
  for (const [reference, value] of [
    [target.url, url],
    [target.authToken, authToken],
  ] as const) {
    if (reference !== undefined && !value) return unset(reference, at, environment);
  }
  return addressOf(
    url ?? '',
    authToken,
    at,
    isReference(target.url) ? target.url.slice('env:'.length) : undefined,
  );
}

function valueOf(text: string, variables: Variables): string | undefined {
  return isReference(text) ? variables[text.slice('env:'.length)] : text;
}

function unset(reference: string, at: Place, environment: string): Address {
  const name = reference.slice('env:'.length);
  return {
    kind: 'unavailable',
    shown: `${name} is not set`,
    why: `${name} is not set, and ${at.key} in ${basename(at.file)} needs it. Set it in the environment, in .env.${environment} or in .env.`,
  };
}

function addressOf(
  url: string,
  authToken: string | undefined,
  at: Place,
  variable: string | undefined,
): Address {
  const found = libsqlAddress(url, { folder: dirname(at.file), authToken });
  if (found !== undefined && found.kind !== 'problem') return found;
  const what = variable === undefined ? 'The URL' : `The value of ${variable}`;
  const [, scheme] = /^(postgres(?:ql)?|pglite):/.exec(url) ?? [];
  if (scheme !== undefined) {
    return {
      kind: 'unavailable',
      shown: 'PostgreSQL',
      why: `${at.key}: PostgreSQL is not served by this version; libSQL is.`,
    };
  }
  const problem = found?.problem ?? 'it begins with none of file:, libsql:, https:, http:, wss:, ws:';
  if (variable === undefined) {
    throw bad(
      at,
      `cannot be used: ${problem}`,
      `Write a URL such as file:local.db or libsql://name.turso.io in ${at.file}.`,
    );
  }
  // A variable concerns this environment only; its value is never shown, because it may hold a token.
  return {
    kind: 'unavailable',
    shown: `${variable} is no URL`,
    why: `${what}, which ${at.key} uses, cannot be used: ${problem}.`,
  };
}
