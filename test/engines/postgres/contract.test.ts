import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgres } from '../../../src/engines/postgres/postgres.ts';
import { traced } from '../../../src/engines/traced.ts';
import { engineContract } from '../../contracts/engine.ts';
import { postgresDifferences } from '../../contracts/postgres-differences.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe('PostgreSQL', () => engineContract(open, postgresDifferences));

describe('PostgreSQL, traced', () =>
  engineContract(async () => {
    const opened = await open();
    return { ...opened, engine: traced(opened.engine, () => undefined, { environment: 'local' }) };
  }, postgresDifferences));

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
