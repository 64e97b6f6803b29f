import type { KnownDifference } from './engine.ts';

const noSwitch = 'foreign keys are always on, and a table that others refer to cannot be dropped';

/** What the contract says of foreign keys that can be switched off, which PostgreSQL's cannot. */
export const postgresDifferences: readonly KnownDifference[] = [
  {
    test: 'with foreign keys off rebuilds a table without touching the rows that cascade from it',
    reason: noSwitch,
  },
  { test: 'with foreign keys on loses them in the same rebuild, as the engine says', reason: noSwitch },
  { test: 'leaves foreign keys as they were, whether it succeeds or fails', reason: noSwitch },
];
