import { describe, expect, test } from 'vitest';
import { leaseTexts } from '../../src/bookkeeping/lease-texts.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { currentLease, releaseLock, takeLock } from '../../src/runs/lock/lock.ts';
import { makeRunKey } from '../../src/runs/lock/run-key.ts';
import type { Statement } from '../../src/sql/statement.ts';

export const mira = { run: '41', by: 'mira', host: 'kestrel', backup: 'b41' };
export const ana = { run: '42', by: 'ana', host: 'ci-7', backup: undefined };

/** What holds for the lock of any target. */
export function lockContract(title: string, open: () => Promise<OpenTarget>): void {
  describe(`the lock of ${title}`, () => {
    test('is looked for without being made', async () => {
      await using target = await open();
      const { exists } = leaseTexts(target.engine.query.dialect);
      expect(await currentLease(target.engine.query)).toBeUndefined();
      expect(await target.engine.query(exists)).toEqual([]);
    });

    test('the second one is told who holds the lock since when', async () => {
      await using target = await open();
      await takeLock(target.engine, mira, 1000);
      await expect(takeLock(target.engine, ana, 1000)).rejects.toThrow(
        /mira@kestrel has held the lock for \d+ s, since .* UTC/,
      );
    });

    test('a run that holds it already, for another of its databases in the same place, goes on', async () => {
      await using target = await open();
      const first = await takeLock(target.engine, mira, 1000);
      const second = await takeLock(target.engine, mira, 1000);
      expect(second.epoch).toBe(first.epoch);
      expect((await write(target.engine, second.fence('0001'))).kind).toBe('committed');
    });

    test('a lock that was given back can be taken, and its epoch never goes back', async () => {
      await using target = await open();
      const first = await takeLock(target.engine, mira, 1000);
      await releaseLock(target.engine, first);
      const second = await takeLock(target.engine, ana, 1000);
      expect([first.epoch, second.epoch]).toEqual([1, 2]);
    });

    test('an expired lease is taken over, and the late write of its old holder is fenced off', async () => {
      await using target = await open();
      const late = await takeLock(target.engine, mira, 1000);
      await expire(target.engine);
      const taken = await takeLock(target.engine, ana, 1000);
      expect(taken.tookOver).toMatchObject({ by: 'mira', host: 'kestrel' });
      expect(await write(target.engine, late.fence('0001'))).toMatchObject({
        kind: 'guarded',
        guard: 'lease',
      });
      expect(await write(target.engine, taken.fence('0001'))).toMatchObject({ kind: 'committed' });
    });

    test('an expired lease that nobody took is still its holder’s: a long migration does not abort itself', async () => {
      await using target = await open();
      const lock = await takeLock(target.engine, mira, 1000);
      await expire(target.engine);
      expect((await write(target.engine, lock.fence('0001'))).kind).toBe('committed');
      expect(await currentLease(target.engine.query)).toMatchObject({ state: 'live', tag: '0001' });
    });

    test('a lease row that is gone stops the run', async () => {
      await using target = await open();
      const lock = await takeLock(target.engine, mira, 1000);
      await write(target.engine, [{ sql: `DELETE FROM ${leaseTexts(target.engine.query.dialect).table}` }]);
      expect(await write(target.engine, lock.fence('0001'))).toMatchObject({
        kind: 'guarded',
        guard: 'lease',
      });
    });

    test('a lease of a process of this machine that is gone is taken over at once', async () => {
      await using target = await open();
      const [run = '', , ...rest] = makeRunKey(7).split('.');
      // The largest process number that Linux gives is 2^22.
      await takeLock(target.engine, { ...mira, run: [run, 2 ** 22 + 1, ...rest].join('.') }, 1000);
      const taken = await takeLock(target.engine, ana, 1000);
      expect(taken).toMatchObject({ epoch: 2, tookOver: { by: 'mira' } });
    });

    test('a lease planted in a restored copy is above every epoch there was', async () => {
      await using target = await open();
      const lock = await takeLock(target.engine, mira, 1000);
      await write(target.engine, leaseTexts(target.engine.query.dialect).plant(ana, lock.epoch + 1));
      expect(await currentLease(target.engine.query)).toMatchObject({ run: '42', epoch: 2, state: 'live' });
      expect(await write(target.engine, lock.fence('0001'))).toMatchObject({
        kind: 'guarded',
        guard: 'lease',
      });
    });
  });
}

export interface OpenTarget extends AsyncDisposable {
  /** On an empty database. */
  readonly engine: Engine;
}

export async function expire(engine: Engine): Promise<void> {
  await write(engine, [{ sql: `UPDATE ${leaseTexts(engine.query.dialect).table} SET expires_at = 1` }]);
}

export async function write(engine: Engine, statements: readonly Statement[]) {
  return engine.unit({
    foreignKeys: 'on',
    statements: statements.map((statement) => ({ ...statement, role: 'guard' })),
  });
}
