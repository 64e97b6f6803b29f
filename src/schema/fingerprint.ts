import { sha256 } from '../lib/hash.ts';
import type { Schema } from './schema.ts';

/** SHA-256 (hex) of what a schema means: equal for equal schemas however they were typed. */
export function fingerprint(schema: Schema): string {
  const known = hashes.get(schema);
  if (known !== undefined) return known;
  // NUL ends each text: it can be in none of them.
  const hash = sha256(schema.objects.map(({ type, normal }) => `${type}\0${normal}\0`).join(''));
  hashes.set(schema, hash);
  return hash;
}

const hashes = new WeakMap<Schema, string>();
