import { basename, dirname } from 'node:path';
import { unreachable } from '../lib/unreachable.ts';
import type { Variables } from './dotenv.ts';
import { libsqlAddress } from './libsql-url.ts';
import { isReference, type ParsedTarget } from './parse-config.ts';
import type { Address } from './project.ts';
import { resolveD1, resolveD1Local, textsOf, type D1Around, type ValueOf } from './resolve-d1.ts';
import { bad, type Place } from './shape.ts';

/**
 * Where a target of our configuration is, with the variables that its environment sees. One whose variable
 * is not set, or whose engine is not served, is `unavailable`, so that it stops no other.
 * Throws `config` for a URL, a binding or a block of wrangler in the file that cannot be meant.
 */
export function resolveTarget(target: ParsedTarget, at: Place, around: D1Around): Address {
  const variables: Variables = Object.assign({}, ...around.layers.toReversed());
  const valueOf: ValueOf = (text) =>
    text !== undefined && isReference(text) ? variables[text.slice('env:'.length)] : text;
  const missing = referencesOf(target).find((reference) => !valueOf(reference));
  if (missing !== undefined) return unset(missing, at, around.environment);
  switch (target.kind) {
    case 'url':
      return addressOf(
        valueOf(target.url) ?? '',
        valueOf(target.authToken),
        at,
        isReference(target.url) ? target.url.slice('env:'.length) : undefined,
      );
    case 'd1':
      return resolveD1(target, at, around, valueOf);
    case 'd1-local':
      return resolveD1Local(target, at, around, valueOf);
    case 'not-served':
      return {
        kind: 'unavailable',
        shown: target.shown,
        why: `${at.key}: ${target.what} not served by this version; libSQL and Cloudflare D1 are.`,
      };
    default:
      return unreachable(target);
  }
}

function referencesOf(target: ParsedTarget): readonly string[] {
  switch (target.kind) {
    case 'url':
      return [target.url, target.authToken].flatMap((text) =>
        text !== undefined && isReference(text) ? [text] : [],
      );
    case 'd1':
    case 'd1-local':
      return textsOf(target);
    case 'not-served':
      return [];
    default:
      return unreachable(target);
  }
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
      why: `${at.key}: PostgreSQL is not served by this version; libSQL and Cloudflare D1 are.`,
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
