import { expect, test } from 'vitest';
import { refuseServerWide } from '../../../src/runs/perform/refuse-server-wide.ts';

const migration = (tag: string, ...sql: readonly string[]) => ({
  tag,
  file: `${tag}.sql`,
  hash: '',
  when: 0,
  statements: sql.map((text, at) => ({ sql: text, line: at + 1 })),
});

const selected = [
  migration('0000_a', 'CREATE TABLE t (a int)', 'GRANT SELECT ON t TO public'),
  migration('0001_b', 'CREATE TABLE u (a int)', 'CREATE ROLE reporter'),
];

test('a migration that makes a role is not rehearsed on the server, which a dry-run must leave as it is', () => {
  expect(() => refuseServerWide({ selected }, { name: 'postgres' }, 'staging')).toThrow(
    '0001_b cannot be rehearsed: statement 2, CREATE ROLE reporter, changes the whole server',
  );
});

test('in PGlite, which has no server, it is, and so is one that only grants', () => {
  refuseServerWide({ selected }, { name: 'pglite' }, 'staging');
  refuseServerWide({ selected: selected.slice(0, 1) }, { name: 'postgres' }, 'staging');
});
