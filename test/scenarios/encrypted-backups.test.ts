import { randomBytes } from 'node:crypto';
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failing, type Failing } from '../support/failing.ts';
import { stagingOnPostgres } from '../support/failing-postgres.ts';
import { startResident, type Resident } from '../support/resident.ts';
import {
  backupsOf,
  fingerprintOf,
  fitChecksum,
  holdsNothingOf,
  stateOf,
  useKeys,
} from '../support/under-key.ts';

const [key, other] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
/** In the head of a file, and of a piece with its mark: see `docs/decisions/backup-key.md`. */
const [head, piece] = [65, 256 * 1024 + 16];

describe('a backup of libSQL files under a key', () => {
  let cli: Resident;
  let staging: Failing;
  beforeAll(() => {
    cli = startResident();
  });
  afterAll(() => cli[Symbol.asyncDispose]());
  beforeEach(async () => {
    staging = await failing(cli);
  });
  afterEach(() => staging[Symbol.asyncDispose]());
  encrypted(() => staging);
});

describe('a backup of a PostgreSQL database under a key', () => {
  encrypted(stagingOnPostgres());
});

function encrypted(on: () => Failing): void {
  test('is written nowhere in the clear, is rehearsed on, and gives every row back', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    await staging.by("INSERT INTO teams (name) VALUES ('Ottoline')");
    staging.add('0002_next', 'ALTER TABLE teams ADD note text;');
    const deployed = await staging.run('deploy', 'staging', '--yes', '--json');
    expect(deployed.last).toMatchObject({ kind: 'done', backup: 'b1', applied: [{ tag: '0002_next' }] });
    expect(await staging.run('backups', 'staging', '--json')).toMatchObject({
      last: {
        backups: [
          {
            id: 'b1',
            proof: 'proven',
            encrypted: { key: expect.stringMatching(/^[\da-f]{12}$/), is: 'here' },
          },
        ],
      },
    });
    await staging.by("DELETE FROM teams WHERE name = 'Ottoline'");
    const restored = await staging.run('restore', 'staging', 'b1', '--yes', '--json');
    expect(restored.last).toMatchObject({ kind: 'done', backup: 'b2' });
    expect(await names(staging)).toEqual(['Ottoline', 'blue', 'red']);
    await holdsNothingOf(staging, ['Ottoline', key]);
  });

  test('gives single tables back, and is compared with', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    const partial = await staging.run('backup', 'staging', '--tables', 'teams', '--json');
    expect(partial.last).toMatchObject({ kind: 'done', backup: 'b1' });
    await staging.by("UPDATE teams SET name = 'Ottoline'", 'CREATE TABLE later (id integer)');
    const restored = await staging.run('restore', 'staging', 'b1', '--tables', 'teams', '--yes', '--json');
    expect(restored.last).toMatchObject({ kind: 'done', backup: 'b2' });
    expect(await names(staging)).toEqual(['blue', 'red']);
    const drift = await staging.run('drift', 'staging', '--against', 'b2', '--json');
    expect(drift.last).toMatchObject({ equal: true });
    await staging.by('DROP TABLE later');
    const since = await staging.run('drift', 'staging', '--against', 'b2', '--json');
    expect(since.last).toMatchObject({ equal: false, objects: [{ name: 'later' }] });
    await holdsNothingOf(staging, ['Ottoline', key]);
  });

  test('is refused with the name of its key where that key is not here, before anything is done', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    await staging.run('backup', 'staging', '--json');
    staging.add('0002_next', 'ALTER TABLE teams ADD note text;');
    await staging.run('dry-run', 'staging', '--out', 'plan.json', '--json');
    const print = fingerprintOf(staging, 'b1');
    for (const [keys, here] of [
      [{ KEY: other }, /KEY is [\da-f]{12}/],
      [{}, /backups\.key names none/],
    ] as const) {
      useKeys(staging, keys);
      const refused = await staging.run('restore', 'staging', 'b1', '--yes', '--json');
      expect(refused).toMatchObject({ exitCode: 2, last: { code: 'config' } });
      expect(refused.last?.['message']).toMatch(
        new RegExp(`^b1 is encrypted with the key ${print}, which is not here: ${here.source}`),
      );
      expect(refused.last?.['next']).toContain("backups: { key: [env('NEW'), env('OLD')] }");
      const planned = await staging.run('deploy', 'staging', '--plan', 'plan.json', '--yes', '--json');
      expect(planned).toMatchObject({ exitCode: 2, last: { code: 'config' } });
      const compared = await staging.run('drift', 'staging', '--against', 'b1', '--json');
      expect(compared.exitCode).toBe(2);
      expect((await staging.run('backups', 'staging')).stdout).toContain(
        `encrypted with the key ${print} (not here), kept until`,
      );
    }
    expect(readdirSync(backupsOf(staging)).toSorted()).toEqual(['b1', 'b2']);
    useKeys(staging, { KEY: other, OLD: key });
    const restored = await staging.run('restore', 'staging', 'b1', '--yes', '--json');
    expect(restored.last).toMatchObject({ kind: 'done', backup: 'b3' });
    expect(fingerprintOf(staging, 'b3')).not.toBe(print);
  });

  test('stays out of the way of those from before there was a key', async () => {
    const staging = on();
    await staging.run('backup', 'staging', '--json');
    await staging.by("UPDATE teams SET name = 'Ottoline'");
    useKeys(staging, { KEY: key });
    const restored = await staging.run('restore', 'staging', 'b1', '--yes', '--json');
    expect(restored.last).toMatchObject({ kind: 'done', backup: 'b2' });
    expect(await names(staging)).toEqual(['blue', 'red']);
    const { last } = await staging.run('backups', 'staging', '--json');
    expect(last).toMatchObject({ backups: [{ id: 'b2', encrypted: { is: 'here' } }, { id: 'b1' }] });
    expect(JSON.stringify(last).match(/"encrypted"/g)).toHaveLength(1);
  });

  test('that was cut or put together anew is refused even where its checksum was made to fit', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    // Rows that fill several pieces.
    await staging.by(`UPDATE teams SET name = '${'x'.repeat(900)}'`);
    for (let doubled = 0; doubled < 10; doubled += 1)
      await staging.by('INSERT INTO teams (name) SELECT name FROM teams');
    await staging.run('backup', 'staging', '--json');
    const [file = ''] = globSync('b1/app.*.enc', { cwd: backupsOf(staging) });
    const path = join(backupsOf(staging), file);
    const whole = readFileSync(path);
    const [first, second] = [
      whole.subarray(head, head + piece),
      whole.subarray(head + piece, head + 2 * piece),
    ];
    const rest = whole.subarray(head + 2 * piece);
    expect(rest.length).toBeGreaterThan(piece);
    const before = await names(staging);
    for (const damaged of [
      whole.subarray(0, head + 2 * piece),
      Buffer.concat([whole.subarray(0, head), second, first, rest]),
    ]) {
      writeFileSync(path, damaged);
      expect((await staging.run('restore', 'staging', 'b1', '--yes', '--json')).last).toMatchObject({
        code: 'backup-failed',
        message: expect.stringContaining('its checksum differs'),
      });
      fitChecksum(staging, 'b1', damaged);
      expect((await staging.run('restore', 'staging', 'b1', '--yes', '--json')).last).toMatchObject({
        code: 'backup-failed',
        message: expect.stringMatching(
          /is not what was encrypted: a part of it was changed, moved or cut off/,
        ),
      });
    }
    expect(await names(staging)).toEqual(before);
    expect(globSync('migrate-tui/*/scratch/*', { cwd: stateOf(staging) })).toEqual([]);
  });
}

describe('a key', () => {
  let cli: Resident;
  beforeAll(() => {
    cli = startResident();
  });
  afterAll(() => cli[Symbol.asyncDispose]());

  test.each([
    ['is not set', undefined, 'KEY is not set'],
    ['is a passphrase', 'correct horse battery staple', 'KEY is neither base64 nor hexadecimal digits'],
    ['is too short', randomBytes(16).toString('base64'), 'KEY has 16 bytes, and 32 are needed'],
  ])('that %s stops a change before it begins, and no question', async (_how, value, why) => {
    await using staging = await failing(cli);
    useKeys(staging, value === undefined ? {} : { KEY: value }, ['KEY']);
    staging.add('0002_next', 'ALTER TABLE teams ADD note text;');
    for (const words of [['deploy', '--yes'], ['dry-run'], ['backup']]) {
      const refused = await staging.run(...words, 'staging', '--json');
      expect(refused).toMatchObject({ exitCode: 2, last: { kind: 'failed', code: 'config' } });
      expect(refused.last?.['message']).toContain(why);
      expect(refused.last?.['next']).toContain('openssl rand -base64 32');
      if (value !== undefined) expect(refused.stdout).not.toContain(value);
    }
    expect((await staging.run('status', 'staging', '--json')).exitCode).toBe(0);
    expect((await staging.run('backups', '--json')).last).toMatchObject({ backups: [] });
    const doctor = await staging.run('doctor', '--json');
    expect(JSON.stringify(doctor.last?.['checks'])).toContain(why);
    const without = ['--without', 'backup', '--without', 'dry-run', '--reason', 'x', '--confirm', 'staging'];
    const deployed = await staging.run('deploy', 'staging', '--yes', ...without, '--json');
    expect(deployed.last).toMatchObject({ kind: 'done', applied: [{ tag: '0002_next' }] });
  });

  test('that stands in the configuration is refused as other secrets are', async () => {
    await using staging = await failing(cli);
    staging.project.configure({ backups: { key } });
    const refused = await staging.run('status', '--json');
    expect(refused).toMatchObject({ exitCode: 2 });
    expect(refused.stdout + refused.stderr).toContain('backups.key holds a literal secret');
    expect(refused.stdout + refused.stderr).not.toContain(key);
  });
});

async function names(staging: Failing): Promise<readonly unknown[]> {
  const { last } = await staging.run(
    'query',
    'staging',
    'SELECT name FROM teams ORDER BY name',
    '--json',
    '--show-values',
  );
  const rows: unknown = last?.['rows'];
  return Array.isArray(rows) ? rows.flat() : [];
}
