import { classify } from '../../../sql/classify.ts';
import { known, type Suspect } from '../failure.ts';
import { quotedNames } from './said.ts';

/** The extension that types, functions, operator classes or index methods of this name come with; undefined: none known. */
export function extensionOf(name: string): string | undefined {
  return comesWith.find(([, names]) => names.test(name))?.[0];
}

/** An extension that the server has no files of, or that this role may not make. */
export const extension: Suspect = (failure) => {
  const { code, sql = '', environment } = failure;
  if (classify(sql).kind !== 'create-extension' || !notInstalled.has(code)) return undefined;
  const name = quotedNames(failure.message)[0] ?? 'it';
  return known(
    `The server of ${environment} has no files of the extension ${name}: it is a package of the server, or something that its provider switches on`,
    `Install it on that server, or take it out of ${failure.migration.tag}.`,
  );
};

/** feature_not_supported; undefined_file up to PostgreSQL 15. */
const notInstalled = new Set(['0A000', '58P01']);

const comesWith: readonly (readonly [extension: string, names: RegExp])[] = [
  ['citext', /\bcitext\b/],
  ['hstore', /\bhstore\b/],
  ['ltree', /\b(?:ltree|lquery|ltxtquery)\b/],
  ['vector', /\b(?:vector|halfvec|sparsevec|hnsw|ivfflat|vector_\w+_ops)\b/],
  ['postgis', /\b(?:geometry|geography|st_\w+)\b/],
  ['pg_trgm', /\b(?:g(?:in|ist)_trgm_ops|(?:word_|strict_word_)?similarity)\b/],
  ['uuid-ossp', /\buuid_generate_v\w+/],
  ['pgcrypto', /\b(?:gen_random_bytes|gen_salt|crypt|digest|hmac|pgp_\w+)\b/],
  ['unaccent', /\bunaccent\b/],
  ['btree_gist', /\bgist_\w+_ops\b|default operator class .*"gist"/],
  ['btree_gin', /default operator class .*"gin"/],
];
