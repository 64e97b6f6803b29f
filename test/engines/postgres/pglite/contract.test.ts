import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../../src/engines/engine.ts';
import { openPglite } from '../../../../src/engines/postgres/pglite/pglite.ts';
import { engineContract } from '../../../contracts/engine.ts';
import { postgresDifferences } from '../../../contracts/postgres-differences.ts';

// It takes seconds to start, so that one is emptied again and again.
let engine: Engine;
beforeAll(async () => {
  const opened = await openPglite({ kind: 'pglite', folder: undefined }, { purpose: 'change' });
  if (opened.kind === 'open') ({ engine } = opened);
});
afterAll(() => engine[Symbol.asyncDispose]());

describe('PGlite', () =>
  engineContract(() => Promise.resolve({ engine, [Symbol.asyncDispose]: emptied }), postgresDifferences));

test('PGlite has the extensions that come with it', async () => {
  const statements = [
    'CREATE EXTENSION pg_trgm',
    'CREATE EXTENSION citext',
    'CREATE TABLE a (x citext)',
    'CREATE INDEX ON a USING gin ((x::text) gin_trgm_ops)',
  ].map((sql) => ({ sql, role: 'record' as const }));
  expect(await engine.unit({ foreignKeys: 'on', statements })).toMatchObject({ kind: 'committed' });
  await emptied();
});

async function emptied(): Promise<void> {
  const statements = ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public'];
  await engine.unit({
    foreignKeys: 'on',
    statements: statements.map((sql) => ({ sql, role: 'record' as const })),
  });
}
