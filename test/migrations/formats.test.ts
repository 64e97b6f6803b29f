import { join } from 'node:path';
import { formatContract } from '../contracts/format.ts';
import { folder0, folder1 } from '../support/drizzle-folders.ts';

const fixture = (path: string) => join(import.meta.dirname, '..', 'fixtures', path);
const two = (value: number) => String(value).padStart(2, '0');

formatContract({
  format: 'drizzle-0',
  fixtures: [
    { path: fixture('drizzle-0/index'), statements: [3, 1, 0] },
    { path: fixture('drizzle-0/timestamp'), statements: [3, 1, 0] },
    { path: fixture('drizzle-0/unix'), statements: [3, 1, 0] },
    // Without a prefix drizzle-kit 0.31 does not find its snapshot again and writes everything anew.
    { path: fixture('drizzle-0/none'), statements: [3, 3, 0] },
  ],
  make: folder0,
  tag: (index, name) => `${String(index).padStart(4, '0')}_${name}`,
});

formatContract({
  format: 'drizzle-1',
  fixtures: [{ path: fixture('drizzle-1/by-folder'), statements: [2, 1, 0] }],
  make: folder1,
  tag: (index, name) => `20240101${two(Math.floor(index / 3600))}${two(Math.floor(index / 60) % 60)}${two(index % 60)}_${name}`,
});
