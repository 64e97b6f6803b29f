import type { Secret } from '../lib/secret.ts';

/** Where a database is, as data. */
export type Address =
  | { readonly kind: 'libsql-file'; /** Absolute path. */ readonly path: string }
  | { readonly kind: 'libsql-memory' }
  | { readonly kind: 'libsql-remote'; readonly url: string; readonly authToken: Secret | undefined }
  | D1LocalAddress
  | D1RemoteAddress
  | PostgresAddress
  | PgliteAddress
  /** Understood but not served by this version, or not resolvable now; `why` says so with the fix. */
  | {
      readonly kind: 'unavailable';
      readonly shown: string;
      readonly why: string;
      /** Said where the configuration leads nowhere, rather than to what cannot be used. */
      readonly lacks?: 'address';
      /** What it would be, where the configuration says so much. */
      readonly like?: ServedKind;
    };

/** The kinds of address that lead somewhere. */
export type ServedKind =
  'libsql-file' | 'libsql-memory' | 'libsql-remote' | 'd1-local' | 'd1-remote' | 'postgres' | 'pglite';

/** The SQLite file in which miniflare keeps a D1 database: what `wrangler dev` runs on. */
export interface D1LocalAddress {
  readonly kind: 'd1-local';
  /** Absolute path of the file; miniflare derives its name from `id`. */
  readonly path: string;
  /** What miniflare tells the database by: its preview id, else its id, else its binding. */
  readonly id: string;
  /** What people call it, where a configuration says it. */
  readonly name?: string;
  /** Absolute path of the project's folder, where its own miniflare is looked for. */
  readonly root: string;
}

/** A database at Cloudflare, reached through the REST API. */
export interface D1RemoteAddress {
  readonly kind: 'd1-remote';
  /** Its name or its id, as the project's configuration has it. */
  readonly database: string;
  /** What people call it, where `database` is its id and a configuration says its name, too. */
  readonly name?: string;
  /** Undefined: the only account that the credentials reach. */
  readonly account: string | undefined;
  readonly credentials: D1Credentials;
  /** Base of the REST API, without a slash at its end, such as `https://api.cloudflare.com/client/v4`. */
  readonly api: string;
}

/** A database on a PostgreSQL server. */
export interface PostgresAddress {
  readonly kind: 'postgres';
  /** `postgres://user@host:5432/name?sslmode=require`, without a password. */
  readonly url: string;
  readonly password: Secret | undefined;
  /** Another server, for the scratch databases of rehearsals; undefined: the same. */
  readonly scratch?: Pick<PostgresAddress, 'url' | 'password'>;
}

/** PostgreSQL inside this process, over a folder. */
export interface PgliteAddress {
  readonly kind: 'pglite';
  /** Absolute path of the folder; undefined: in memory. */
  readonly folder: string | undefined;
}

export type D1Credentials =
  | { readonly kind: 'token'; readonly token: Secret }
  /** The login that the project's own wrangler keeps: `wrangler auth token`, run in this folder when it is needed. */
  | { readonly kind: 'wrangler'; readonly root: string };
