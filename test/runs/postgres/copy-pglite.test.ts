import { expect, test } from 'vitest';
import { leaseTexts } from '../../../src/bookkeeping/lease-texts.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { copyPostgres, putBackPostgres } from '../../../src/runs/postgres/copy.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { signal } = new AbortController();
const taker = { run: 'r', by: 'me', host: 'here', backup: undefined };

test('a folder of PGlite is copied while it is open, and put back as it was', async () => {
  await using folder = await temporaryFolder();
  const address = { kind: 'pglite', folder: folder.file('local.pglite') } as const;
  const found = await openEngine(address, { purpose: 'change', ifMissing: 'create' });
  if (found.kind !== 'open') throw new Error('It is made.');
  await using engine = found.engine;
  const lease = leaseTexts('postgres');
  const run = (...statements: readonly string[]) =>
    engine.unit({ foreignKeys: 'on', statements: statements.map((sql) => ({ sql, role: 'record' })) });
  await run(
    ...lease.create.map(({ sql }) => sql),
    'CREATE TABLE teams (id serial PRIMARY KEY, name text, seen bytea)',
    // More than goes in at once.
    `INSERT INTO teams (name, seen) SELECT repeat(E'tab\\t, line\\n and back\\\\slash ', 80) || i, '\\x0aff' FROM generate_series(1, 5000) AS i`,
    // More than comes out at once, most of it kept beside the rows; some blocks of them are empty.
    'CREATE TABLE letters (id integer, body text)',
    'ALTER TABLE letters ALTER body SET STORAGE EXTERNAL',
    `INSERT INTO letters SELECT i, repeat('Dear ' || i, 3000) FROM generate_series(1, 1200) AS i`,
    'DELETE FROM letters WHERE id BETWEEN 300 AND 700',
    'CREATE TABLE visits (id integer, page text) PARTITION BY RANGE (id)',
    'CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM (0) TO (1000)',
    'CREATE TABLE visits_new PARTITION OF visits FOR VALUES FROM (1000) TO (1000000)',
    `INSERT INTO visits SELECT i, repeat('page ' || i, 20) FROM generate_series(1, 40000) AS i`,
  );
  const content = () =>
    Promise.all(
      ['teams', 'letters', 'visits'].map((table) =>
        engine.query({
          sql: `SELECT count(*)::int AS n, md5(string_agg(md5(t::text), ',' ORDER BY id)) AS hash FROM ${table} AS t`,
        }),
      ),
    );
  const before = await content();
  const file = folder.file('copy.pgdump');
  const look = () => Promise.resolve();
  const copied = copyPostgres(address, file, {
    look,
    permit: () => undefined,
    signal,
    onProgress: () => undefined,
  });
  // It waits until the copy is over.
  expect(await run('DELETE FROM teams WHERE id > 10')).toMatchObject({ kind: 'committed' });
  expect((await copied).tables).toEqual([
    { table: 'letters', rows: 799 },
    { table: 'teams', rows: 5000 },
    { table: 'visits', rows: 40_000 },
  ]);
  await putBackPostgres({ address, engine }, file, {
    rights: 'as-dumped',
    fence: [],
    prepare: lease.plant(taker, 3),
    landed: lease.planted(taker, 3),
    onRemark: (says) => expect(says).toBe(''),
    signal,
  });
  expect(await content()).toEqual(before);
  expect(await engine.query(lease.read)).toMatchObject([{ run: 'r', epoch: 3 }]);
});
