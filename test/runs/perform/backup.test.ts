import { expect, test } from 'vitest';
import type { Manifest } from '../../../src/runs/backups/manifest.ts';
import { describeBackup } from '../../../src/runs/perform/backup.ts';

test('a backup that a server keeps of several databases says so once, and names the place of one alone', () => {
  expect(describeBackup(keptOf('app'))).toBe(
    'b7, 1 table, 3 rows, kept by the server for 30 days, at place-of-app',
  );
  expect(describeBackup(keptOf('app', 'auth'))).toBe('b7, 2 tables, 6 rows, kept by the server for 30 days');
});

function keptOf(...databases: readonly string[]): Manifest {
  return {
    schemaVersion: 1,
    id: 'b7',
    environment: 'production',
    takenAt: '2026-11-20T13:00:00Z',
    run: 1,
    version: '0.1.0',
    databases: databases.map((database) => ({
      kind: 'position',
      database,
      position: `place-of-${database}`,
      of: database,
      retention: '30 days',
      location: `D1 ${database}`,
      engine: 'd1-remote',
      tags: [],
      history: '',
      fingerprint: '',
      tables: [{ table: 'users', rows: 3 }],
      stamp: '',
    })),
  };
}
