import type { PostgresAddress } from '../../engines/address.ts';
import type { Variables } from '../dotenv.ts';
import type { ParsedPostgres, ParsedServer } from '../config/parse-postgres.ts';
import { sslOptions } from '../drizzle/postgres-ssl.ts';
import { addressOf, notPostgres, serverAddress, type Problem } from './postgres-url.ts';
import type { Address } from '../project.ts';
import { isReference } from '../evaluation/references.ts';
import type { ValueOf } from './resolve-d1.ts';
import { inside, type Place } from '../config/shape.ts';
import { unusable } from './unusable.ts';

/**
 * `{ postgres, scratch }`: a server, and the one for scratch databases. Throws `config` for an address in the file that
 * cannot be meant; one that comes from a variable is `unavailable` then.
 */
export function resolvePostgres(
  { server, scratch }: ParsedPostgres,
  at: Place,
  valueOf: ValueOf,
  variables: Variables,
): Address {
  const found = serverOf(server, valueOf, variables);
  if (found.kind === 'problem') return unusable(found.problem, inside(at, 'postgres'), referenceIn(server));
  if (scratch === undefined) return found;
  const other = scratchOf(valueOf(scratch) ?? '');
  if (other.kind !== 'problem') return { ...found, scratch: { url: other.url, password: other.password } };
  return unusable(other.problem, inside(at, 'scratch'), nameOf(scratch));
}

/** Every text of the target that refers to a variable. */
export function textsOfPostgres({ server, scratch }: ParsedPostgres): readonly string[] {
  return [...textsOf(server), scratch].flatMap((text) => (nameOf(text) === undefined ? [] : [text ?? '']));
}

function textsOf(server: ParsedServer): readonly (string | undefined)[] {
  if (server.kind === 'url') return [server.url, server.password];
  const { host, port, user, password, database } = server;
  return [host, port, user, password, database];
}

function serverOf(server: ParsedServer, valueOf: ValueOf, variables: Variables): PostgresAddress | Problem {
  const password = valueOf(server.password);
  if (server.kind === 'url') {
    return serverAddress(valueOf(server.url) ?? '', { password, variables }) ?? notPostgres;
  }
  const { host, port, user, database, ssl } = server;
  const options = sslOptions(ssl);
  if ('problem' in options) return options;
  const parts = { host: valueOf(host), port: valueOf(port), user: valueOf(user), password };
  return addressOf({ ...parts, database: valueOf(database) }, { variables, options });
}

/** Another server, which the variables for the target's own say nothing about. */
function scratchOf(url: string): PostgresAddress | Problem {
  return serverAddress(url, { variables: { PGDATABASE: 'postgres' } }) ?? notPostgres;
}

/** The first variable that may be to blame; no password is. */
function referenceIn(server: ParsedServer): string | undefined {
  if (server.kind === 'url') return nameOf(server.url);
  const { host, port, user, database } = server;
  return [host, port, user, database].map(nameOf).find((name) => name !== undefined);
}

function nameOf(text: string | undefined): string | undefined {
  return text !== undefined && isReference(text) ? text.slice('env:'.length) : undefined;
}
