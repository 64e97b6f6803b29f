import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaseTexts } from '../../../src/bookkeeping/lease-texts.ts';
import { openPostgres } from '../../../src/engines/postgres/postgres.ts';
import { MigrateError } from '../../../src/lib/errors.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { currentLease, releaseLock, takeLock } from '../../../src/runs/lock/lock.ts';
import { ana, expire, lockContract, mira } from '../../contracts/lock.ts';
import { postgresTarget } from '../../support/postgres-target.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

lockContract('a PostgreSQL database', () => postgresTarget(server));

describe('several machines at one PostgreSQL database', () => {
  test('that want the lock at the same moment, and make its table: one gets it, each other one is told who', async () => {
    await using target = await postgresTarget(server);
    const engines = [target.engine];
    for (let more = 0; more < 4; more += 1) engines.push(await target.openAgain());
    const outcomes = await Promise.allSettled(
      engines.map((engine, index) => takeLock(engine, { ...mira, run: `run-${index}` }, 5000)),
    );
    const winners = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      expect(outcome.reason).toMatchObject({ code: 'locked' });
      expect(String(outcome.reason)).toMatch(/mira@kestrel has held the lock for \d+ s/);
    }
  });

  test('cannot take a lease that has run out over from a run that is inside a unit', async () => {
    await using target = await postgresTarget(server);
    const other = await target.openAgain();
    const lock = await takeLock(target.engine, mira, 1000);
    await expire(target.engine);
    const outcome = await target.engine.unit(
      {
        foreignKeys: 'on',
        statements: [
          ...lock.fence('0001').map((statement) => ({ ...statement, role: 'guard' as const })),
          { sql: 'CREATE TABLE long (id int)', role: 'migration', number: 1 },
        ],
      },
      {
        afterStatement: async () => {
          expect(await currentLease(other.query)).toMatchObject({ run: '41', state: 'live' });
          await expect(takeLock(other, ana, 50)).rejects.toMatchObject({ code: 'locked' });
          // Somebody who looked at it earlier and asks for it all the same.
          const { take } = leaseTexts('postgres');
          const asked = { foreignKeys: 'on', statements: [{ ...take(ana), role: 'guard' }] } as const;
          expect(await other.unit(asked, { busyTimeout: 50 })).toMatchObject({ kind: 'busy' });
        },
      },
    );
    expect(outcome.kind).toBe('committed');
    await expect(takeLock(other, ana, 1000)).rejects.toThrow(/mira@kestrel has held the lock.*in 0001/);
  });
});

describe('the lock of a PostgreSQL database for other roles', () => {
  test('can be read by everybody, and a role without the right to make it is told how', async () => {
    await using target = await postgresTarget(server);
    const { rows } = await target.client.query<{ name: string }>('SELECT current_database() AS name');
    const name = rows[0]?.name ?? '';
    await target.client.query(
      `DROP ROLE IF EXISTS deployer; CREATE ROLE deployer LOGIN PASSWORD 'let me in'`,
    );
    const url = `postgres://deployer@${server.host}:${server.port}/${name}`;
    await using deployer = await openPostgres(
      { kind: 'postgres', url, password: new Secret('let me in') },
      { purpose: 'change', connectTimeout: 5000, busyTimeout: 1000 },
    );
    const refused = await takeLock(deployer, mira, 1000).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MigrateError);
    expect(refused).toMatchObject({
      code: 'storage',
      next: expect.stringContaining('CREATE SCHEMA __migrate_tui AUTHORIZATION'),
    });
    await target.client.query('CREATE SCHEMA __migrate_tui AUTHORIZATION deployer');
    await releaseLock(deployer, await takeLock(deployer, mira, 1000));
    await target.client.query('DROP SCHEMA __migrate_tui CASCADE');
    const lock = await takeLock(target.engine, ana, 1000);
    expect(await currentLease(deployer.query)).toMatchObject({ by: 'ana', state: 'live' });
    await releaseLock(target.engine, lock);
    await expect(takeLock(deployer, mira, 1000)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('permission denied for table lease'),
      next: expect.stringContaining('GRANT'),
    });
  });
});
