import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { MigrateError } from '../../lib/errors.ts';
import { isOnThisMachine, type Place } from './place.ts';

/** How one attempt to connect is encrypted: not at all, or with these options. */
export type Tls = false | ConnectionOptions;

/**
 * The ways to connect, the first that the server takes counts. `sslmode` means what it means to libpq, where `require`
 * encrypts but trusts any certificate: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS
 * Without one, a server elsewhere is asked for encryption first.
 *
 * @throws MigrateError `config` for a mode that does not exist or a certificate that cannot be read
 */
export async function tlsOf(place: Place): Promise<readonly Tls[]> {
  const mode = modeOf(place);
  if (mode === 'disable') return [false];
  const files = await filesOf(place);
  const trusting = { ...files, rejectUnauthorized: false };
  switch (mode) {
    case 'allow':
      return [false, trusting];
    case 'prefer':
      return [trusting, false];
    case 'require':
      return files.ca === undefined ? [trusting] : [{ ...files, ...anyName }];
    case 'no-verify':
      return [trusting];
    case 'verify-ca':
      return [{ ...files, ...anyName }];
    case 'verify-full':
      return [files];
    default:
      throw new MigrateError('config', `${place.shown} has sslmode=${mode}, which does not exist`, {
        next: 'Write disable, prefer, require, verify-ca or verify-full.',
      });
  }
}

/** What `node-postgres` knows as `ssl=true` checks the certificate. */
function modeOf(place: Place): string {
  const { parameters } = place;
  const mode = parameters.get('sslmode');
  if (mode !== null) return mode;
  switch (parameters.get('ssl')) {
    case null:
      return isOnThisMachine(place) ? 'disable' : 'prefer';
    case 'true':
    case '1':
      return 'verify-full';
    case 'no-verify':
      return 'no-verify';
    default:
      return 'disable';
  }
}

const anyName = { checkServerIdentity: () => undefined };

async function filesOf({
  parameters,
  shown,
}: Place): Promise<Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>> {
  const read = async (name: 'sslrootcert' | 'sslcert' | 'sslkey') => {
    const path = parameters.get(name);
    // `system` is what Node trusts anyway.
    if (path === null || path === 'system') return undefined;
    return readFile(path, 'utf8').catch((cause: unknown) => {
      throw new MigrateError('config', `${shown} names ${path} as ${name}, which cannot be read`, { cause });
    });
  };
  const [ca, cert, key] = await Promise.all([read('sslrootcert'), read('sslcert'), read('sslkey')]);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
