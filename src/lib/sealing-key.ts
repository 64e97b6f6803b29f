import { hkdfSync } from 'node:crypto';
import { inspect } from 'node:util';

/** A key that files are sealed with. It prints as the name that it has for everybody, never as itself. */
export class SealingKey {
  /** Tells one key from another, and nothing else of it. */
  readonly fingerprint: string;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.fingerprint = derive(bytes, { salt: '', info: 'migrate-tui key fingerprint', length: 6 }).toString(
      'hex',
    );
  }

  /** The key of one file: 32 bytes that no other salt gives. */
  forFile(salt: Buffer, info: Buffer): Buffer {
    return derive(this.#bytes, { salt, info, length: 32 });
  }

  toString(): string {
    return this.fingerprint;
  }

  toJSON(): string {
    return this.fingerprint;
  }

  [inspect.custom](): string {
    return this.fingerprint;
  }
}

/**
 * Reads a key as `openssl rand -base64 32` writes one. A passphrase is none: what is sealed can be tried out by whoever
 * has the file, as often as they like.
 *
 * @returns why it is none, as a clause without the text
 */
export function readSealingKey(text: string): SealingKey | { readonly problem: string } {
  const bytes = decoded(text.trim());
  if (bytes === undefined) return { problem: 'is neither base64 nor hexadecimal digits' };
  if (bytes.length < 32) return { problem: `has ${bytes.length} bytes, and 32 are needed` };
  // Of 32 bytes that were drawn at random, so many are the same once in 10^15 times.
  if (new Set(bytes).size < 16) return { problem: 'is not random: too many of its bytes are the same' };
  return new SealingKey(bytes);
}

function decoded(text: string): Buffer | undefined {
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex');
  // Of both alphabets of https://datatracker.ietf.org/doc/html/rfc4648
  if (/^[\w+/-]+={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  return undefined;
}

function derive(
  key: Buffer,
  {
    salt,
    info,
    length,
  }: { readonly salt: Buffer | string; readonly info: Buffer | string; readonly length: number },
): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, length));
}
