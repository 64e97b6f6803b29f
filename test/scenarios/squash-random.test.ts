import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { squashFile } from '../../src/operations/squash-text.ts';
import { makeBaseline } from '../../src/runs/squash-baseline.ts';
import { splitMigration } from '../../src/sql/split.ts';
import { rivals } from '../support/against-drizzle.ts';
import { randomFolder } from '../support/random-folder.ts';

const options = {
  like: 'libsql-memory',
  bookkeeping: '__drizzle_migrations',
  signal: new AbortController().signal,
} as const;

test.each(['drizzle-0', 'drizzle-1'] as const)(
  'under drizzle-orm of %s any squashed history makes the same new database as the history itself',
  { timeout: 120_000 },
  async (format) => {
    await fc.assert(
      fc.asyncProperty(randomFolder, async ({ migrations, applied, rows }) => {
        // What an application wrote in between is here what a migration of its own inserts.
        const seed = { tag: 'seed', chunks: rows.length === 0 ? ['SELECT 1;'] : rows };
        const all = [...migrations.slice(0, applied), seed, ...migrations.slice(applied)].map(
          ({ chunks }, index) => ({
            tag:
              format === 'drizzle-0'
                ? `${String(index).padStart(4, '0')}_step`
                : `202501010000${String(index).padStart(2, '0')}_step`,
            chunks,
          }),
        );
        const last = all.at(-1)?.tag ?? '';
        await using both = await rivals(all, { format });
        await both.migrate('ours');
        const read = all.map(({ tag, chunks }) => {
          return {
            tag,
            hash: tag,
            when: 0,
            file: tag,
            statements: splitMigration(chunks.join('\n--> statement-breakpoint\n')),
          };
        });
        const { statements } = await makeBaseline(read, options);
        const text = squashFile(statements, {
          from: all[0]?.tag ?? '',
          to: last,
          count: all.length,
          archive: 'drizzle.squashed',
        });
        const before = await both.content('ours');
        await both.write([{ tag: last, chunks: [text] }]);
        await both.migrate('theirs');
        const { fingerprint, rows: made } = await both.content('theirs');
        expect(fingerprint).toBe(before.fingerprint);
        const own = (content: Readonly<Record<string, readonly string[]>>) =>
          Object.entries(content).filter(
            ([table]) => !table.startsWith('__drizzle') && !table.startsWith('sqlite_'),
          );
        expect(own(made)).toEqual(own(before.rows));
      }),
      { numRuns: 25 },
    );
  },
);
