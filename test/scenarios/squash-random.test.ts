import { createClient } from '@libsql/client';
import * as fc from 'fast-check';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { squashFile } from '../../src/operations/squash/text.ts';
import { makeBaseline } from '../../src/runs/replay/squash-baseline.ts';
import { splitMigration } from '../../src/sql/split.ts';
import { rivals } from '../support/against-drizzle.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { randomFolder } from '../support/random-folder.ts';
import { withSeed, wordForWord } from '../support/random-history.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { squashRequest } from '../support/squashing.ts';

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
      fc.asyncProperty(randomFolder, async (random) => {
        const all = withSeed(random, (index) =>
          format === 'drizzle-0' ? numbered(index) : `202501010000${String(index).padStart(2, '0')}_step`,
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

test(
  'a database anywhere in the middle of any squashed history ends as one that ran all of it',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(randomFolder, fc.nat(20), async (random, place) => {
        const migrations = withSeed(random, numbered);
        fc.pre(migrations.length > 2);
        using project = smallProject('empty');
        for (const { tag, chunks } of migrations) project.add(tag, chunks);
        // What a trigger changes without a statement that asks for it is refused: another matter.
        fc.pre(await applied(project, 'local', undefined));
        expect(await applied(project, 'staging', migrations[place % (migrations.length - 1)]?.tag)).toBe(
          true,
        );
        await using session = await sessionOn(project);
        const report = await session.squash(squashRequest({ leaveOut: ['staging'], consent: 'given' }));
        expect(report).toMatchObject({ state: 'written' });
        expect((await statusIn(project, 'staging')).state).toEqual(['behind']);
        expect(await applied(project, 'staging', undefined)).toBe(true);
        expect((await statusIn(project, 'staging')).state).toEqual(['current']);
        expect(contentOf(project, 'staging')).toEqual(contentOf(project, 'local'));
        for (const name of ['local', 'staging']) {
          const before = contentOf(project, name);
          const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
          await drizzleLines['drizzle-0'].migrate(client, join(project.root, 'drizzle'));
          client.close();
          expect(contentOf(project, name)).toEqual(before);
        }
      }),
      { numRuns: 20 },
    );
  },
);

const numbered = (index: number) => `${String(index).padStart(4, '0')}_step`;

async function applied(project: SmallProject, environment: string, to: string | undefined): Promise<boolean> {
  const events = await carryOut(project, {
    kind: 'apply',
    environment,
    selection: { ...selection, to },
    consent,
  });
  return events.at(-1)?.kind === 'done';
}

function contentOf({ root }: SmallProject, name: string): unknown {
  return wordForWord(join(root, `${name}.db`));
}
