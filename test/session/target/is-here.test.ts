import { expect, test } from 'vitest';
import type { Address } from '../../../src/project/project.ts';
import { isHere } from '../../../src/session/target/is-here.ts';

const postgres = (url: string): Address => ({ kind: 'postgres', url, password: undefined });

test.each<[string, Address]>([
  ['a file', { kind: 'libsql-file', path: '/srv/app.db' }],
  ['PostgreSQL on loopback', postgres('postgres://me@127.0.0.1:5432/app')],
  ['PostgreSQL behind a socket', postgres('postgres://me@%2Frun%2Fpostgresql/app')],
])('%s is of this machine', (_, address) => {
  expect(isHere(address)).toBe(true);
});

test.each<[string, Address]>([
  ['PostgreSQL on another host', postgres('postgres://me@db.example.com/app')],
  [
    'a libSQL server, also on loopback',
    { kind: 'libsql-remote', url: 'http://127.0.0.1:8080', authToken: undefined },
  ],
])('%s may be the work of somebody else', (_, address) => {
  expect(isHere(address)).toBe(false);
});
