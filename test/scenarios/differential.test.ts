import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { rivals, type Rivals } from '../support/against-drizzle.ts';
import { randomFolder, type RandomFolder } from '../support/random-folder.ts';

const markers = [
  '\n--> statement-breakpoint\n',
  '--> statement-breakpoint\n',
  '\r\n--> statement-breakpoint\r\n',
];

test(
  'whatever is in a folder, apply gives the schema, the rows and the records that drizzle-orm 0.45 gives',
  () => agree({ numRuns: 170, format: 'drizzle-0', change: 'apply' }),
  240_000,
);

test(
  'a deploy through backup and dry-run gives the same as drizzle-orm 0.45, and its own verify agrees',
  () => agree({ numRuns: 40, format: 'drizzle-0', change: 'deploy' }),
  240_000,
);

test(
  'whatever is in a folder of Drizzle 1.0, apply gives what drizzle-orm 1.0 gives',
  () => agree({ numRuns: 40, format: 'drizzle-1', change: 'apply' }),
  240_000,
);

async function agree({
  numRuns,
  format,
  change,
}: {
  readonly numRuns: number;
  readonly format: DrizzleLine;
  readonly change: 'apply' | 'deploy';
}): Promise<void> {
  await fc.assert(
    fc.asyncProperty(randomFolder, fc.constantFrom(...markers), async (folder, marker) => {
      await using both = await rivals(folder.migrations, { format, marker });
      await begin(both, folder);
      await both.migrate('theirs');
      const last = await both.change(change);
      expect(last).toMatchObject({ kind: 'done' });
      const ours = await both.content('ours');
      expect(ours).toEqual(await both.content('theirs'));
      await both.migrate('ours');
      expect(await both.content('ours')).toEqual(ours);
    }),
    { numRuns, seed: 20260101, endOnFailure: false },
  );
}

/** The first migrations through drizzle in both databases, then the application's rows. */
async function begin(both: Rivals, { migrations, applied, rows }: RandomFolder): Promise<void> {
  if (applied === 0) return;
  await both.write(migrations.slice(0, applied));
  await both.migrate('ours');
  await both.migrate('theirs');
  if (rows.length > 0) await both.both(rows);
  await both.write(migrations);
}
