import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { openLibsqlRemote } from '../../src/engines/libsql/remote.ts';
import { startHranaServer } from '../support/hrana-server.ts';

// What the server for our tests must do itself, or tests on it would prove nothing.

test('the test server undoes a write transaction that was left open too long', async () => {
  await using server = await startHranaServer({ writeLimit: 20 });
  const client = createClient({ url: server.url });
  await client.execute('CREATE TABLE t (a)');
  const transaction = await client.transaction('write');
  await transaction.execute('INSERT INTO t VALUES (1)');
  // Another writer gets in only once the first one's transaction is undone.
  await expect
    .poll(() =>
      client.execute('INSERT INTO t VALUES (2)').then(
        () => 'in',
        () => 'busy',
      ),
    )
    .toBe('in');
  await expect(transaction.execute('INSERT INTO t VALUES (3)')).rejects.toMatchObject({
    code: 'TRANSACTION_TIMEOUT',
  });
  transaction.close();
  expect((await client.execute('SELECT a FROM t')).rows.map(({ a }) => a)).toEqual([2]);
  client.close();
});

test('the test server forgets a stream that nobody uses', async () => {
  await using server = await startHranaServer({ idleLimit: 5 });
  const client = createClient({ url: server.url });
  const transaction = await client.transaction('read');
  await transaction.execute('SELECT 1');
  await expect
    .poll(
      () =>
        transaction.execute('SELECT 1').then(
          () => 'alive',
          (error: unknown) => String(error),
        ),
      { interval: 50 },
    )
    .toMatch(/expired|closed/i);
  client.close();
});

test('the test server answers cursors and both versions of the protocol', async () => {
  await using server = await startHranaServer();
  for (const version of ['v2', 'v3']) expect((await fetch(`${server.url}/${version}`)).status).toBe(200);
  expect((await fetch(`${server.url}/v3-protobuf`)).status).toBe(404);
  const batch = { steps: [{ stmt: { sql: 'SELECT 1 AS one', want_rows: true } }] };
  const answer = await fetch(`${server.url}/v3/cursor`, { method: 'POST', body: JSON.stringify({ batch }) });
  const lines = (await answer.text())
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines.slice(1)).toEqual([
    { type: 'step_begin', step: 0, cols: [{ name: 'one', decltype: null }] },
    { type: 'row', row: [{ type: 'integer', value: '1' }] },
    { type: 'step_end', affected_row_count: 0, last_insert_rowid: null },
  ]);
});

test('the test server runs both shapes of a batch that the client sends', async () => {
  await using server = await startHranaServer();
  await using engine = await openLibsqlRemote({
    url: server.url,
    authToken: undefined,
    connectTimeout: 5000,
  });
  for (const foreignKeys of ['on', 'off'] as const) {
    const statements = [{ sql: `CREATE TABLE t_${foreignKeys} (a)`, role: 'record' as const }];
    expect(await engine.unit({ foreignKeys, statements })).toMatchObject({ kind: 'committed' });
    const control = server.requests.at(-1)?.sql.filter((sql) => /^(BEGIN|COMMIT|ROLLBACK|PRAGMA)/.test(sql));
    const inside = foreignKeys === 'on' ? ['BEGIN IMMEDIATE'] : ['PRAGMA foreign_keys=off', 'BEGIN DEFERRED'];
    const after = foreignKeys === 'on' ? [] : ['PRAGMA foreign_keys=on'];
    expect(control).toEqual([...inside, 'COMMIT', 'ROLLBACK', ...after]);
  }
});
