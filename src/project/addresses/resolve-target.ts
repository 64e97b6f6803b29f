import { basename, dirname } from 'node:path';
import { unreachable } from '../../lib/unreachable.ts';
import type { Variables } from '../dotenv.ts';
import { libsqlAddress } from './libsql-url.ts';
import type { ParsedTarget } from '../config/parse.ts';
import { postgresAddress } from './postgres-url.ts';
import type { Address } from '../project.ts';
import { isReference } from '../evaluation/references.ts';
import { resolveD1, resolveD1Local, textsOf, type D1Around, type ValueOf } from './resolve-d1.ts';
import { resolvePostgres, textsOfPostgres } from './resolve-postgres.ts';
import type { Place } from '../config/shape.ts';
import { unusable } from './unusable.ts';

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
  if (missing !== undefined) return { ...unset(missing, at, around.environment), ...likeOf(target) };
  switch (target.kind) {
    case 'url':
      return addressOf(target, at, valueOf, variables);
    case 'd1':
      return resolveD1(target, at, around, valueOf);
    case 'd1-local':
      return resolveD1Local(target, at, around, valueOf);
    case 'postgres':
      return resolvePostgres(target, at, valueOf, variables);
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
    case 'postgres':
      return textsOfPostgres(target);
    default:
      return unreachable(target);
  }
}

/** What the target would be; a URL that nobody gave says it only by what stands beside it. */
function likeOf(target: ParsedTarget): Pick<Unavailable, 'like'> {
  switch (target.kind) {
    case 'url':
      return target.authToken === undefined ? {} : { like: 'libsql-remote' };
    case 'd1':
      return { like: 'd1-remote' };
    case 'd1-local':
      return { like: 'd1-local' };
    case 'postgres':
      return { like: 'postgres' };
    default:
      return unreachable(target);
  }
}

type Unavailable = Extract<Address, { readonly kind: 'unavailable' }>;

function unset(reference: string, at: Place, environment: string): Unavailable {
  const name = reference.slice('env:'.length);
  return {
    kind: 'unavailable',
    shown: `${name} is not set`,
    why: `${name} is not set, and ${at.key} in ${basename(at.file)} needs it. Set it in the environment, in .env.${environment} or in .env.`,
  };
}

function addressOf(
  target: Extract<ParsedTarget, { readonly kind: 'url' }>,
  at: Place,
  valueOf: ValueOf,
  variables: Variables,
): Address {
  const url = valueOf(target.url) ?? '';
  const [folder, authToken] = [dirname(at.file), valueOf(target.authToken)];
  const found = libsqlAddress(url, { folder, authToken }) ?? postgresAddress(url, { folder, variables });
  const problem = problemOf(found, authToken);
  if (problem === undefined && found !== undefined && found.kind !== 'problem') return found;
  const variable = isReference(target.url) ? target.url.slice('env:'.length) : undefined;
  return unusable(problem ?? '', at, variable);
}

function problemOf(
  found: Address | { readonly kind: 'problem'; readonly problem: string } | undefined,
  authToken: string | undefined,
): string | undefined {
  if (found === undefined)
    return 'it begins with none of file:, libsql:, https:, http:, wss:, ws:, postgres: and pglite:';
  if (found.kind === 'problem') return found.problem;
  if (authToken === undefined || (found.kind !== 'postgres' && found.kind !== 'pglite')) return undefined;
  return "it leads to PostgreSQL, which knows no authToken: { postgres: { url, password: env('NAME') } } gives a password";
}
