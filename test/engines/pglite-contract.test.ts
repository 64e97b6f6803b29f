import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine } from '../../src/engines/engine.ts';
import { openPglite } from '../../src/engines/postgres/pglite.ts';
import { engineContract } from '../contracts/engine.ts';
import { postgresDifferences } from '../contracts/postgres-differences.ts';

// It takes seconds to start, so that one is emptied again and again.
let engine: Engine;
beforeAll(async () => {
  const opened = await openPglite({ kind: 'pglite', folder: undefined }, { purpose: 'change' });
  if (opened.kind === 'open') ({ engine } = opened);
});
afterAll(() => engine[Symbol.asyncDispose]());

describe('PGlite', () =>
  engineContract(() => Promise.resolve({ engine, [Symbol.asyncDispose]: emptied }), postgresDifferences));

async function emptied(): Promise<void> {
  const statements = ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public'];
  await engine.unit({
    foreignKeys: 'on',
    statements: statements.map((sql) => ({ sql, role: 'record' as const })),
  });
}
