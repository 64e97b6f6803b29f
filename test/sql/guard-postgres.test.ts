import { expect, test } from 'vitest';
import { guardIn, raisedGuard } from '../../src/sql/guard.ts';
import { postgresServer } from '../support/postgres.ts';

const guard = guardIn('postgres');

test('a guard raises with its name and detail where its condition does not hold, and only there', async () => {
  await using server = await postgresServer();
  await using database = await server.connect();
  await database.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)');
  const raised = (sql: string) =>
    database.query(sql).then(
      () => 'holds',
      (error: unknown) => raisedGuard(String(error)) ?? error,
    );
  const count = '(SELECT count(*) FROM t)';
  // Known texts, known conditions and a mixture: whatever the planner can compute beforehand.
  const details = ["''", "'seven'", `${count} || ' rows'`, "1 || ' row'", 'NULL'];
  for (const detail of details) {
    for (const condition of [
      `${count} = 2`,
      `SELECT count(*) - 1 FROM t`,
      '1',
      'true',
      'EXISTS (SELECT FROM t)',
    ])
      expect(await raised(guard('rows', condition, detail)), `${condition} ${detail}`).toBe('holds');
    for (const condition of [`${count} = 3`, count, '0', 'false', 'NULL::int', 'NOT EXISTS (SELECT FROM t)'])
      expect(await raised(guard('rows', condition, detail)), `${condition} ${detail}`).toMatchObject({
        name: 'rows',
      });
  }
  expect(await raised(guard('rows', '0', `${count} || ' rows instead of 3'`))).toEqual({
    name: 'rows',
    detail: '2 rows instead of 3',
  });
  expect(await raised(guard('rows', '0', `'it"s ' || ${count}`))).toEqual({
    name: 'rows',
    detail: 'it"s 2',
  });
  // As a prepared statement, whose plan may be made once for all parameters.
  await database.query(`PREPARE kept (int) AS ${guard('rows', `${count} = $1`, "'known'")}`);
  for (let time = 0; time < 8; time += 1) expect(await raised('EXECUTE kept (2)')).toBe('holds');
  expect(await raised('EXECUTE kept (3)')).toEqual({ name: 'rows', detail: 'known' });
});
