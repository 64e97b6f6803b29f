import { expect, test } from 'vitest';
import { openLibsqlMemory } from '../../src/engines/libsql/memory.ts';
import { openLibsqlRemote } from '../../src/engines/libsql/remote.ts';
import { traced, type Traced } from '../../src/engines/traced.ts';
import type { Unit } from '../../src/engines/engine.ts';
import { MigrateError } from '../../src/lib/errors.ts';
import { startHranaServer } from '../support/hrana-server.ts';

const unit: Unit = {
  foreignKeys: 'off',
  statements: [
    { sql: "SELECT json_extract('{}', '$.own')", role: 'guard' },
    { sql: "CREATE TABLE t (a DEFAULT 'from the file')", role: 'migration', number: 1 },
    { sql: "INSERT INTO t VALUES ('ours'), (?), (x'ff'), (42)", args: ['given'], role: 'record' },
  ],
};

test('the command log has every statement of a unit, with literals from the migration alone', async () => {
  const log: Traced[] = [];
  await using memory = openLibsqlMemory();
  const engine = traced(memory, (entry) => log.push(entry), { environment: 'staging' });
  await engine.unit(unit);
  expect(log.map(({ what }) => what)).toEqual([
    'PRAGMA foreign_keys = off',
    'BEGIN IMMEDIATE',
    'SELECT json_extract(?, ?)',
    "CREATE TABLE t (a DEFAULT 'from the file')",
    'INSERT INTO t VALUES (?), (?), (?), (?)',
    'COMMIT',
    'PRAGMA foreign_keys = on',
  ]);
  expect(
    log.every(
      ({ environment, access, outcome }) =>
        environment === 'staging' && access === 'write' && outcome.kind === 'ok',
    ),
  ).toBe(true);
});

test('the command log has every question, answered or refused, without its values', async () => {
  const log: Traced[] = [];
  await using memory = openLibsqlMemory();
  const engine = traced(memory, (entry) => log.push(entry), { environment: undefined });
  await engine.query({ sql: "SELECT 'ada' WHERE 1 = ?", args: [1] });
  await expect(engine.query({ sql: "SELECT x FROM nowhere WHERE y = 'ada'" })).rejects.toThrow(
    'no such table',
  );
  expect(log).toMatchObject([
    { what: 'SELECT ? WHERE ? = ?', access: 'read', kind: 'sql', outcome: { kind: 'ok', says: '1 row' } },
    { what: 'SELECT x FROM nowhere WHERE y = ?', outcome: { kind: 'failed', says: 'SQLITE_ERROR' } },
  ]);
});

test('the command log shows a remote unit as one request and what was in it', async () => {
  const log: Traced[] = [];
  await using server = await startHranaServer();
  await using remote = await openLibsqlRemote({
    url: server.url,
    authToken: undefined,
    connectTimeout: 5000,
  });
  const engine = traced(remote, (entry) => log.push(entry), { environment: 'production' });
  server.fault({ kind: 'cut-after-commit', times: 1 });
  await engine.unit(unit);
  expect(log.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
    `http POST ${server.url} one batch of 3 statements, foreign keys off`,
    'sql SELECT json_extract(?, ?)',
    "sql CREATE TABLE t (a DEFAULT 'from the file')",
    'sql INSERT INTO t VALUES (?), (?), (?), (?)',
  ]);
  expect(log[0]?.outcome).toEqual({ kind: 'failed', says: 'unknown' });
});

test('the command log has every look into the history of a server, and every way back in it', async () => {
  const log: Traced[] = [];
  await using memory = openLibsqlMemory();
  const rewind = {
    of: 'app-id',
    retention: '30 days',
    position: () => Promise.resolve('p1'),
    to: () => Promise.reject(new MigrateError('refused', 'no')),
  };
  const engine = traced({ ...memory, rewind }, (entry) => log.push(entry), { environment: 'production' });
  expect(await engine.rewind?.position()).toBe('p1');
  await expect(engine.rewind?.to('p0')).rejects.toThrow('no');
  expect(log).toMatchObject([
    { kind: 'http', access: 'read', what: 'position in the history of :memory:', outcome: { kind: 'ok' } },
    {
      kind: 'http',
      access: 'write',
      what: 'taking back to p0 of :memory:',
      outcome: { kind: 'failed', says: 'refused' },
    },
  ]);
});
