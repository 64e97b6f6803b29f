import { expect, test } from 'vitest';
import { textOf } from '../../../src/tui/present/line.ts';
import { placeLine, shortLocation } from '../../../src/tui/screens/environments/words.ts';

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

test('half of the name of a server is not shown', () => {
  const environment = {
    name: 'local',
    protected: false,
    readOnly: false,
    status: undefined,
    readAt: undefined,
    asking: 'no',
    before: undefined,
  } as const;
  const location = 'postgres://me@127.0.0.1:5432/shop';
  const shown = (room: 'wide' | 'narrow') =>
    textOf(placeLine({ environment, target: undefined, before: undefined, location }, { now: 0, room }));
  expect(shown('wide')).toBe('shop on 127.0.0.1:5432');
  expect(shown('narrow')).toBe('shop');
});
