import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = {
  key: '1.2.here.0',
  operation: 'deploy',
  environment: 'staging',
  databases: '["app"]',
  by: 'mira',
  host: 'kestrel',
  pid: 2,
  version: '1.0.0',
  startedAt: 1,
};

test('a ledger that was not made yet, or is just being made, has nothing to read', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('ledger.db');
  expect(await openLedger(file, { purpose: 'read' })).toBeUndefined();
  writeFileSync(file, '');
  expect(await openLedger(file, { purpose: 'read' })).toBeUndefined();
});

test('readers see a run while another connection is writing it', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('ledger.db');
  await using writer = await opened(file, 'write');
  const id = await writer.openRun(run);
  await using reader = await opened(file, 'read');
  const unit = { run: id, database: 'app', tag: '0001', hash: 'h', statementHashes: '[]', beganAt: 2 };
  const begun = await writer.beginUnit(unit);
  expect(await reader.units(id)).toMatchObject([{ tag: '0001', outcome: null }]);
  await writer.endUnit(begun, { endedAt: 3, outcome: 'committed', took: 1 });
  expect(await reader.units(id)).toMatchObject([{ tag: '0001', outcome: 'committed', took: 1 }]);
  expect(await reader.unfinishedRuns()).toMatchObject([{ id, finishedAt: null }]);
});

test('two first runs at once make one ledger', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('ledger.db');
  const ledgers = await Promise.all([opened(file, 'write'), opened(file, 'write')]);
  const ids = await Promise.all(ledgers.map((ledger, index) => ledger.openRun({ ...run, key: `${index}` })));
  expect(new Set(ids).size).toBe(2);
  for (const ledger of ledgers) await ledger[Symbol.asyncDispose]();
});

test('a ledger of which a part is damaged says so when that is read', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('ledger.db');
  {
    await using writer = await opened(file, 'write');
    const id = await writer.openRun(run);
    await writer.beginUnit({
      run: id,
      database: 'app',
      tag: '0001',
      hash: 'h',
      statementHashes: '[]',
      beganAt: 2,
    });
  }
  damagePageOf(file, 'units');
  await using reader = await opened(file, 'read');
  expect(await reader.runs()).toHaveLength(1);
  await expect(reader.units()).rejects.toMatchObject({
    code: 'storage',
    message: `The ledger of runs, ${file}, cannot be read: SQLITE_CORRUPT: database disk image is malformed.`,
    next: 'Delete .migrate-tui to go on without it: that loses the record of runs and nothing else.',
  });
});

test('a ledger that is no database says so, and what deleting it loses', async () => {
  await using folder = await temporaryFolder();
  const file = folder.file('ledger.db');
  writeFileSync(file, 'this is a text and no database, long enough to be looked at as a header of one');
  await expect(openLedger(file, { purpose: 'read' })).rejects.toMatchObject({
    code: 'storage',
    next: expect.stringContaining('that loses the record of runs and nothing else'),
  });
});

async function opened(file: string, purpose: 'read' | 'write'): Promise<Ledger> {
  const ledger = await openLedger(file, { purpose });
  if (!ledger) throw new Error('The ledger is not there.');
  return ledger;
}

/** As a disk does that gives other bytes back. */
function damagePageOf(file: string, table: string): void {
  const bytes = pageOf(file, table);
  const content = readFileSync(file);
  content.fill(0xff, bytes.from, bytes.to);
  writeFileSync(file, content);
}

function pageOf(file: string, table: string): { readonly from: number; readonly to: number } {
  using database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const size = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  const sql = 'SELECT rootpage FROM sqlite_schema WHERE name = ?';
  const page = Number(database.prepare(sql).get(table)?.['rootpage']);
  return { from: (page - 1) * size, to: page * size };
}
