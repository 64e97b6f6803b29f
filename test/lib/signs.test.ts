import { expect, test } from 'vitest';
import { asciiSigns, signsFor, unicodeSigns } from '../../src/lib/signs.ts';

test('ASCII signs are taken where the terminal cannot draw the others', () => {
  const fits = { ascii: 'as-fits' } as const;
  expect(signsFor({ TERM: 'xterm-256color', LANG: 'en_GB.UTF-8' }, fits)).toBe(unicodeSigns);
  expect(signsFor({ TERM: 'xterm' }, fits)).toBe(unicodeSigns);
  expect(signsFor({ TERM: 'linux', LANG: 'en_GB.UTF-8' }, fits)).toBe(asciiSigns);
  expect(signsFor({ TERM: 'xterm', LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, fits)).toBe(asciiSigns);
  expect(signsFor({ LANG: 'en_GB.utf8' }, { ascii: 'asked' })).toBe(asciiSigns);
});

test('every sign is one cell, and its other form is ASCII', () => {
  for (const sign of Object.values(unicodeSigns)) expect(sign).toMatch(/^.$/u);
  for (const sign of Object.values(asciiSigns)) expect(sign).toMatch(/^[\x20-\x7e]$/);
});
