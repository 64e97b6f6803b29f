import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgres } from '../../src/engines/postgres/postgres.ts';
import { traced } from '../../src/engines/traced.ts';
import { engineContract, type KnownDifference } from '../contracts/engine.ts';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const noSwitch = 'foreign keys are always on, and a table that others refer to cannot be dropped';
const differences: readonly KnownDifference[] = [
  {
    test: 'with foreign keys off rebuilds a table without touching the rows that cascade from it',
    reason: noSwitch,
  },
  { test: 'with foreign keys on loses them in the same rebuild, as the engine says', reason: noSwitch },
  { test: 'leaves foreign keys as they were, whether it succeeds or fails', reason: noSwitch },
];

describe('PostgreSQL', () => engineContract(open, differences));

describe('PostgreSQL, traced', () =>
  engineContract(async () => {
    const opened = await open();
    return { ...opened, engine: traced(opened.engine, () => undefined, { environment: 'local' }) };
  }, differences));

async function open() {
  const database = await server.createDatabase();
  const options = { purpose: 'change', connectTimeout: 5000, busyTimeout: 5000 } as const;
  const engine = await openPostgres(database.address, options);
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
