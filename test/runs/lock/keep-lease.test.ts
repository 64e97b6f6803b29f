import { expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/engine.ts';
import { keepLease } from '../../../src/runs/lock/keep-lease.ts';
import { currentLease, takeLock } from '../../../src/runs/lock/lock.ts';
import { engineInFolder } from '../../support/engine-in-folder.ts';

const mira = { run: '41', by: 'mira', host: 'kestrel', backup: undefined };
const ana = { run: '42', by: 'ana', host: 'ci-7', backup: undefined };

test('a lease that ran out while another program works is given time again', async () => {
  await using target = await engineInFolder();
  const lock = await takeLock(target.engine, mira, 1000);
  await using lease = await keepLease(target.engine, lock, { tag: 'drizzle-kit push', every: 5 });
  expect(await currentLease(target.engine.query)).toMatchObject({ tag: 'drizzle-kit push' });
  await expire(target.engine);
  await expect.poll(async () => (await currentLease(target.engine.query))?.state).toBe('live');
  expect(lease.lost.aborted).toBe(false);
});

test('a lease that somebody else has taken over is said to be lost', async () => {
  await using target = await engineInFolder();
  const lock = await takeLock(target.engine, mira, 1000);
  await expire(target.engine);
  await takeLock(target.engine, ana, 1000);
  await using lease = await keepLease(target.engine, lock, { tag: 'drizzle-kit push', every: 5 });
  await expect.poll(() => lease.lost.aborted).toBe(true);
  expect(await currentLease(target.engine.query)).toMatchObject({ by: 'ana', state: 'live' });
});

async function expire(engine: Engine): Promise<void> {
  const sql = 'UPDATE __migrate_tui_lease SET expires_at = 0';
  await engine.unit({ foreignKeys: 'on', statements: [{ sql, role: 'record' }] });
}
