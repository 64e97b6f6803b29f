import type { Secret } from '../lib/secret.ts';

/** Where a database is, as data. */
export type Address =
  | { readonly kind: 'libsql-file'; /** Absolute path. */ readonly path: string }
  | { readonly kind: 'libsql-memory' }
  | { readonly kind: 'libsql-remote'; readonly url: string; readonly authToken: Secret | undefined }
  /** Understood but not served by this version, or not resolvable now; `why` says so with the fix. */
  | { readonly kind: 'unavailable'; readonly shown: string; readonly why: string };
