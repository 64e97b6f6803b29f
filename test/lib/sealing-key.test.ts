import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readSealingKey, SealingKey } from '../../src/lib/sealing-key.ts';

const bytes = randomBytes(32);

test.each([
  ['base64', bytes.toString('base64')],
  ['base64 for URLs', bytes.toString('base64url')],
  ['hexadecimal digits', bytes.toString('hex')],
  ['capital hexadecimal digits, and a new line', `${bytes.toString('hex').toUpperCase()}\n`],
])('a key is the same in %s', (_form, text) => {
  expect(keyFrom(text).fingerprint).toBe(keyFrom(bytes.toString('base64')).fingerprint);
});

test.each([
  ['a passphrase', 'correct horse battery staple', 'is neither base64 nor hexadecimal digits'],
  ['a word', 'secret', 'has 4 bytes, and 32 are needed'],
  ['half of a key', randomBytes(16).toString('base64'), 'has 16 bytes, and 32 are needed'],
  ['one byte again and again', Buffer.alloc(32, 7).toString('base64'), 'is not random'],
  ['a pattern of digits', '0123456789abcdef'.repeat(4), 'is not random'],
])('%s is no key, and the refusal does not repeat it', (_what, text, why) => {
  const read = readSealingKey(text);
  expect(read).toEqual({ problem: expect.stringContaining(why) });
  expect(JSON.stringify(read)).not.toContain(text);
});

test('a key is told from another by its fingerprint, and shows nothing else of itself', () => {
  const key = keyFrom(bytes.toString('hex'));
  expect(key.fingerprint).toMatch(/^[0-9a-f]{12}$/);
  expect(key.fingerprint).not.toBe(keyFrom(randomBytes(32).toString('hex')).fingerprint);
  const shown = `${String(key)} ${JSON.stringify({ key })} ${inspect({ key }, { showHidden: true })}`;
  for (const form of ['hex', 'base64'] as const) expect(shown).not.toContain(bytes.toString(form));
  expect(shown.replaceAll(key.fingerprint, '')).not.toMatch(/[0-9a-f]{8}/);
});

function keyFrom(text: string): SealingKey {
  const read = readSealingKey(text);
  if (read instanceof SealingKey) return read;
  throw new Error(read.problem);
}
