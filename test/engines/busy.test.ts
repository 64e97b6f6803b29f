import { expect, test } from 'vitest';
import { openLibsqlFile } from '../../src/engines/libsql/file.ts';
import { otherProgram, waitingWriter } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a unit that had to wait for its turn commits, and leaves no lock behind', async () => {
  await using folder = await temporaryFolder();
  await using other = otherProgram(folder.file('app.db'), waitingWriter('BEGIN EXCLUSIVE'));
  expect(await other.line()).toBe('locked');
  await using engine = await openLibsqlFile({
    path: folder.file('app.db'),
    ifMissing: 'refuse',
    busyTimeout: 3000,
  });
  const statements = [{ sql: 'INSERT INTO sales DEFAULT VALUES', role: 'migration', number: 1 }] as const;
  const waiting = engine.unit({ foreignKeys: 'off', statements });
  other.tell('let go');
  expect(await other.line()).toBe('free');
  expect((await waiting).kind).toBe('committed');
  await engine.query({ sql: 'SELECT count(*) AS n FROM sales' });
  other.tell('sell');
  expect(await other.line()).toBe('sold');
});
