import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '../../../src/engines/engine.ts';
import { openPglite } from '../../../src/engines/postgres/pglite/pglite.ts';
import { lockContract, write } from '../../contracts/lock.ts';

let engine: Engine;
beforeAll(async () => {
  const opened = await openPglite({ kind: 'pglite', folder: undefined }, { purpose: 'change' });
  if (opened.kind !== 'open') throw new Error('PGlite in memory is always there.');
  engine = opened.engine;
});
afterAll(() => engine[Symbol.asyncDispose]());

// One start for all tests, as it takes seconds.
lockContract('PGlite', async () => {
  await write(engine, [{ sql: 'DROP SCHEMA IF EXISTS __migrate_tui CASCADE' }]);
  return { engine, [Symbol.asyncDispose]: () => Promise.resolve() };
});
