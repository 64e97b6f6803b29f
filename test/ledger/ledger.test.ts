import { writeFileSync } from 'node:fs';
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
