import { expect, test } from 'vitest';
import { shortLocation } from '../../../src/tui/screens/environments/words.ts';

test.each([
  ['file:./data/dev.db', 'dev.db'],
  ['libsql://x.turso.io', 'x.turso.io'],
  ['postgres://me@db.example.org:5432/shop', 'shop on db.example.org:5432'],
  ['postgresql://db.example.org/shop?sslmode=require', 'shop on db.example.org'],
  ['postgres:///shop?host=/run/postgresql', 'shop'],
  ['pglite:./data/local', 'local'],
])('%s is called %s where there is little room', (location, short) => {
  expect(shortLocation(location)).toBe(short);
});
