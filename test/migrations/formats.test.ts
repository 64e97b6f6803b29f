import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/lib/hash.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { formatContract } from '../contracts/format.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { folder0, folder1, numberedFolder } from '../support/drizzle-folders.ts';

const fixture = (path: string) => join(import.meta.dirname, '..', 'fixtures', path);
const two = (value: number) => String(value).padStart(2, '0');

const asDrizzle = (line: DrizzleLine) => (directory: string) =>
  drizzleLines[line].read(directory).map(({ hash, folderMillis }) => ({ hash, when: folderMillis }));
/** wrangler takes the text of each file: what is its own is only which files, and their order. */
const asWrangler = (pattern: string) => (directory: string) =>
  globSync(pattern, { cwd: directory })
    .toSorted()
    .map((name) => ({ hash: sha256(readFileSync(join(directory, name), 'utf8')) }));

const index = {
  path: fixture('drizzle-0/index'),
  statements: [3, 1, 0],
};
const byFolder = { path: fixture('drizzle-1/by-folder'), statements: [2, 1, 0] };
const tag0 = (number: number, name: string) => `${String(number).padStart(4, '0')}_${name}`;
const tag1 = (number: number, name: string) =>
  `20240101${two(Math.floor(number / 3600))}${two(Math.floor(number / 60) % 60)}${two(number % 60)}_${name}`;

formatContract({
  format: 'drizzle-0',
  original: asDrizzle('drizzle-0'),
  fixtures: [
    index,
    { path: fixture('drizzle-0/timestamp'), statements: [3, 1, 0] },
    { path: fixture('drizzle-0/unix'), statements: [3, 1, 0] },
    // Without a prefix drizzle-kit 0.31 does not find its snapshot again and writes everything anew.
    { path: fixture('drizzle-0/none'), statements: [3, 3, 0] },
  ],
  make: folder0,
  tag: tag0,
});

formatContract({
  format: 'drizzle-1',
  original: asDrizzle('drizzle-1'),
  fixtures: [byFolder],
  make: folder1,
  tag: tag1,
});

// Folders that drizzle-kit generates for it are read in postgres-folders.test.ts.
for (const [format, make, tag] of [
  ['drizzle-0', folder0, tag0],
  ['drizzle-1', folder1, tag1],
] as const)
  formatContract({
    format,
    reading: { dialect: 'postgres' },
    original: asDrizzle(format),
    fixtures: [],
    make,
    tag,
  });

formatContract({
  format: 'drizzle-0',
  reading: { recordedBy: 'd1' },
  original: asWrangler('*.sql'),
  fixtures: [index],
  make: folder0,
  tag: tag0,
});

formatContract({
  format: 'drizzle-1',
  reading: { recordedBy: 'd1', pattern: '*/migration.sql' },
  original: asWrangler('*/migration.sql'),
  fixtures: [byFolder],
  make: folder1,
  tag: tag1,
});

formatContract({
  format: 'wrangler',
  reading: { recordedBy: 'd1' },
  original: asWrangler('*.sql'),
  fixtures: [],
  make: (migrations) => Object.fromEntries(migrations.map(({ tag, sql }) => [`${tag}.sql`, sql])),
  tag: tag0,
});

/** A runner takes the text of each file, by the number before it. */
const asNumbered = (directory: string) =>
  globSync('*.sql', { cwd: directory })
    .filter((name) => !name.endsWith('.rollback.sql'))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => ({ hash: sha256(readFileSync(join(directory, name), 'utf8')) }));

for (const dialect of ['sqlite', 'postgres'] as const)
  formatContract({
    format: 'numbered',
    reading: { recordedBy: 'numbered', dialect },
    original: asNumbered,
    fixtures: [{ path: fixture('numbered'), statements: [2, 1, 1] }],
    make: numberedFolder,
    tag: (number, name) => `${number + 1}_${name}`,
  });
