import { MigrateError } from '../../lib/errors.ts';
import { Secret } from '../../lib/secret.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { reachedAs } from '../../engines/d1/remote/reached-as.ts';
import type { Environment, Target } from '../../project/project.ts';

/** How drizzle-kit reaches a target, instead of what the project's own file says. */
export interface KitAddress {
  readonly credentials: Readonly<Record<string, string | Secret>>;
  readonly instead: Readonly<Record<string, unknown>>;
}

/**
 * The target's own address, so that the environment that was named is the one that is reached, whatever variables the
 * configuration reads.
 *
 * @throws MigrateError `unreachable`, `config`
 */
export async function kitAddress(
  { environment, database, address }: Target,
  { timeouts: { connect: connectTimeout } }: Pick<Environment, 'timeouts'>,
  signal: AbortSignal = new AbortController().signal,
): Promise<KitAddress> {
  const name = `${environment}/${database}`;
  switch (address.kind) {
    case 'libsql-file':
    case 'd1-local':
      return {
        credentials: { url: `file:${address.path}` },
        instead: { dialect: 'sqlite', driver: undefined },
      };
    case 'libsql-remote': {
      const { url, authToken } = address;
      return {
        credentials: authToken === undefined ? { url } : { url, authToken },
        instead: { dialect: 'turso', driver: undefined },
      };
    }
    case 'd1-remote': {
      // drizzle-kit knows ids only, and no login of wrangler's.
      const { account, database: id, token } = await reachedAs(address, { connectTimeout, signal });
      return {
        credentials: { accountId: account, databaseId: id, token },
        instead: { dialect: 'sqlite', driver: 'd1-http' },
      };
    }
    case 'postgres': {
      const url = new URL(address.url);
      if (address.password !== undefined) url.password = encodeURIComponent(address.password.reveal());
      return {
        credentials: { url: new Secret(url.href) },
        instead: { dialect: 'postgresql', driver: undefined },
      };
    }
    case 'pglite':
      if (address.folder === undefined) throw inMemory(name);
      return {
        credentials: { url: address.folder },
        instead: { dialect: 'postgresql', driver: 'pglite' },
      };
    case 'libsql-memory':
      throw inMemory(name);
    case 'unavailable':
      throw new MigrateError('unreachable', `${name} cannot be reached: ${address.why}`);
    default:
      return unreachable(address);
  }
}

function inMemory(name: string): MigrateError {
  return new MigrateError('config', `${name} is in memory: another program cannot reach it.`, {
    next: 'Give it a file.',
  });
}
