import { bad, inside, keys, oneOf, secret, text, url, wrong, type Place, type Read } from './shape.ts';

/** A PostgreSQL server as the configuration says it: texts may be `env:NAME`. */
export interface ParsedPostgres {
  readonly kind: 'postgres';
  readonly server: ParsedServer;
  /** URL of the server for scratch databases. */
  readonly scratch: string | undefined;
}

export type ParsedServer =
  | { readonly kind: 'url'; readonly url: string; readonly password: string | undefined }
  | {
      readonly kind: 'parts';
      readonly host: string | undefined;
      readonly port: string | undefined;
      readonly user: string | undefined;
      readonly password: string | undefined;
      readonly database: string;
      readonly ssl: Ssl | undefined;
    };

type Ssl = boolean | 'require' | 'prefer' | 'allow' | 'verify-full';

/** `{ postgres, scratch }`. Throws `config` with key and fix. */
export const parsePostgres: Read<ParsedPostgres> = (value, at) => {
  const { postgres, scratch } = keys({ postgres: server, scratch: url })(value, at);
  if (postgres === undefined)
    throw wrong(inside(at, 'postgres'), undefined, "a URL, env('NAME') or an object");
  return { kind: 'postgres', server: postgres, scratch };
};

const server: Read<ParsedServer> = (value, at) =>
  typeof value === 'string' ? { kind: 'url', url: url(value, at), password: undefined } : inObject(value, at);

function inObject(value: unknown, at: Place): ParsedServer {
  const { url: whole, password, ...parts } = serverKeys(value, at);
  if (whole !== undefined) {
    const [beside] = Object.keys(parts);
    if (beside === undefined) return { kind: 'url', url: whole, password };
    throw bad(
      inside(at, beside),
      'stands beside a url',
      `Write it into the URL, or leave url away, in ${at.file}.`,
    );
  }
  const { host, port, user, database, ssl } = parts;
  if (database === undefined) throw wrong(inside(at, 'database'), undefined, 'the name of a database');
  return { kind: 'parts', host, port, user, password, database, ssl };
}

const port: Read<string> = (value, at) => {
  if (typeof value === 'string') return text(value, at);
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536)
    return String(value);
  throw wrong(at, value, 'the number of a port');
};

const ssl: Read<Ssl> = (value, at) =>
  typeof value === 'boolean' ? value : oneOf('require', 'prefer', 'allow', 'verify-full')(value, at);

const serverKeys = keys({ url, host: text, port, user: text, password: secret, database: text, ssl });
