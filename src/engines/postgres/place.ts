import { MigrateError } from '../../lib/errors.ts';

/** Where a database is, as its URL says it. */
export interface Place {
  /** A name, an address, or the folder of a socket, which begins with a slash. */
  readonly host: string;
  readonly port: number;
  /** Undefined: `PGUSER`, or the user that runs this program. */
  readonly user: string | undefined;
  /** Undefined: the one with the user's name. */
  readonly database: string | undefined;
  /** What stands after the question mark. */
  readonly parameters: URLSearchParams;
  /** `postgres://user@host:5432/name`: for people, without a password and without parameters. */
  readonly shown: string;
}

/**
 * Reads a connection URI as libpq does, where `host`, `port`, `user` and `dbname` may stand among the parameters:
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 *
 * @throws MigrateError `config` for a text that is none; it is not quoted, as it may hold a password
 */
export function placeOf(url: string): Place {
  const parsed = parse(url);
  const { searchParams: parameters } = parsed;
  const given = (name: string, part: string) =>
    parameters.get(name) ?? (decodeURIComponent(part) || undefined);
  const host = given('host', parsed.hostname.replace(/^\[(.*)\]$/, '$1')) ?? 'localhost';
  const port = Number(parameters.get('port') ?? (parsed.port || 5432));
  const user = given('user', parsed.username);
  const database = given('dbname', parsed.pathname.slice(1));
  const at = host.includes(':') ? `[${host}]` : host;
  const shown = `postgres://${user === undefined ? '' : `${user}@`}${at}:${port}/${database ?? ''}`;
  return { host, port, user, database, parameters, shown };
}

function parse(url: string): URL {
  // With a user and no host, as for a socket, it is an URI to libpq but not to the URL standard.
  const standard = url.replace(/^(postgres(?:ql)?:\/\/[^/@]*@)(?=[/?]|$)/, '$1localhost');
  const parsed = URL.canParse(standard) ? new URL(standard) : undefined;
  if (parsed && /^postgres(?:ql)?:$/.test(parsed.protocol)) return parsed;
  throw new MigrateError('config', 'The URL of a PostgreSQL database cannot be read: it is not a URL', {
    next: 'Write it as postgres://user@host:5432/database; characters such as @ or / in a name are written as %40, %2F.',
  });
}

/** Whether the server is on this machine, where nobody listens in between. */
export function isOnThisMachine({ host }: Place): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.');
}
