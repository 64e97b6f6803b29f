import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresServer, type PostgresServer } from '../support/postgres.ts';
import { randomPostgresFolder } from '../support/random-postgres-folder.ts';
import { contentOf, inPglite, migrate, squashed, textOf } from '../support/squashing-postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const seed = Number(process.env['SEED'] ?? 20260102);
const numRuns = Number(process.env['RUNS'] ?? 4);

test.each(['drizzle-0', 'drizzle-1'] as const)(
  'under drizzle-orm of %s any squashed history makes the same new PostgreSQL database as the history itself',
  { timeout: 600_000 },
  async (line) => {
    await fc.assert(
      fc.asyncProperty(randomPostgresFolder, async ({ migrations }) => {
        const texts = migrations.map(({ statements }) => statements.join('\n--> statement-breakpoint\n'));
        await using history = await server.createDatabase();
        await using single = await server.createDatabase();
        await migrate(history, texts, line);
        const { baseline, proof } = await squashed(texts, {
          ...inPglite,
          scratch: server.address('postgres'),
        });
        expect(proof).toEqual({ kind: 'same' });
        expect(baseline.changing).toEqual([]);
        await migrate(single, [textOf(baseline)], line);
        expect(await contentOf(single)).toEqual(await contentOf(history));
        // What comes next is the same in both.
        const next = 'CREATE TABLE "after" (id serial PRIMARY KEY); INSERT INTO "after" DEFAULT VALUES';
        await migrate(history, [...texts, next], line);
        await migrate(single, [textOf(baseline), next], line);
        expect(await contentOf(single)).toEqual(await contentOf(history));
      }),
      { numRuns, seed, endOnFailure: true },
    );
  },
);
