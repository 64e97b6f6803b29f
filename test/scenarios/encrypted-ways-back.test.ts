import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failing, type Failing } from '../support/failing.ts';
import { stagingOnPostgres } from '../support/failing-postgres.ts';
import { filesHolding } from '../support/files-holding.ts';
import { startResident, type Resident } from '../support/resident.ts';
import { backupsOf, fingerprintOf, fitChecksum, holdsNothingOf, useKeys } from '../support/under-key.ts';

const [key, newer] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const secret = 'Ottoline';

describe('libSQL files under a key:', () => {
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
  waysBack(() => staging);

  test('a resync backs up encrypted what it replaces, and what it replaced comes back', async () => {
    useKeys(staging, { KEY: key });
    await done(staging, 'apply', 'local', '--yes');
    await staging.by(`INSERT INTO teams (name) VALUES ('${secret}')`);
    const resynced = await done(staging, 'resync', 'staging', '--from', 'local', '--yes');
    expect(await teams(staging)).toEqual(['blue', 'red']);
    const backup = String(resynced?.['backup']);
    await isDecrypted(staging, backup);
    await done(staging, 'restore', 'staging', backup, '--yes');
    expect(await teams(staging)).toEqual([secret, 'blue', 'red']);
  });

  test('two environments with one key have files that are not taken for each other', async () => {
    useKeys(staging, { KEY: key });
    await done(staging, 'apply', 'local', '--yes');
    await staging.by(`INSERT INTO teams (name) VALUES ('${secret}')`);
    await done(staging, 'backup', 'staging');
    await done(staging, 'backup', 'local');
    const wrong = await staging.run('restore', 'local', 'b1', '--yes', '--json');
    expect(wrong).toMatchObject({ exitCode: 2, last: { code: 'not-found' } });
    const [ofStaging, ofLocal] = [sealedIn(staging, 'b1'), sealedIn(staging, 'b2')];
    copyFileSync(ofStaging, ofLocal);
    const swapped = await staging.run('restore', 'local', 'b2', '--yes', '--json');
    expect(swapped.last).toMatchObject({
      code: 'backup-failed',
      message: expect.stringContaining('its checksum differs'),
    });
    writeFileSync(join(staging.project.root, 'taken'), '');
    for (const folder of ['taken', 'taken/below']) {
      const refused = await staging.run('decrypt', 'staging', 'b1', folder, '--json');
      expect(refused).toMatchObject({ exitCode: 4, last: { code: 'refused' } });
      expect(refused.last?.['message']).toContain('cannot be made: a file stands in its place');
    }
    await done(staging, 'decrypt', 'staging', 'b1', 'of/staging');
  });
});

describe('PostgreSQL under a key:', () => {
  waysBack(stagingOnPostgres());
});

function waysBack(on: () => Failing): void {
  test('a rollback backs up encrypted what it takes back, and that comes back whole', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    addWithRollback(staging);
    await done(staging, 'deploy', 'staging', '--yes');
    await staging.by(`UPDATE teams SET note = '${secret}' WHERE id = 1`);
    const back = await done(staging, 'rollback', 'staging', '--to', '0001', '--yes');
    const backup = String(back?.['backup']);
    expect((await staging.run('query', 'staging', 'SELECT note FROM teams', '--json')).exitCode).not.toBe(0);
    await isDecrypted(staging, backup);
    await done(staging, 'restore', 'staging', backup, '--yes');
    expect(await teams(staging, 'note')).toContain(secret);
  });

  test('a way out of a half-finished migration backs up encrypted what was left', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    await half(staging);
    const out = await done(staging, 'recover', 'staging', '--choose', 'resume', '--yes');
    await isDecrypted(staging, String(out?.['backup']));
    const status = await staging.run('status', 'staging', '--json');
    expect(status.last).toMatchObject({ environments: [{ targets: [{ state: ['current'], applied: 3 }] }] });
  });

  test('without its key a way out is refused before a backup, and another key takes one of its own', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    await done(staging, 'backup', 'staging');
    await half(staging);
    useKeys(staging, {}, ['KEY']);
    const refused = await staging.run('recover', 'staging', '--choose', 'resume', '--yes', '--json');
    expect(refused).toMatchObject({ exitCode: 2, last: { code: 'config' } });
    expect(refused.last?.['message']).toContain('KEY is not set');
    useKeys(staging, { NEW: newer });
    const out = await done(staging, 'recover', 'staging', '--choose', 'resume', '--yes');
    const made = String(out?.['backup']);
    expect(fingerprintOf(staging, made)).not.toBe(fingerprintOf(staging, 'b1'));
    const keyless = await staging.run('decrypt', 'staging', 'b1', 'first', '--json');
    expect(keyless).toMatchObject({ exitCode: 2, last: { code: 'config' } });
    expect(keyless.last?.['message']).toContain(fingerprintOf(staging, 'b1'));
    expect(existsSync(join(staging.project.root, 'first'))).toBe(false);
    useKeys(staging, { NEW: newer, KEY: key });
    await done(staging, 'decrypt', 'staging', 'b1', 'first');
    await done(staging, 'decrypt', 'staging', made, 'second');
  });

  test('a sealed file that was cut anywhere is decrypted and restored by nobody, and leaves nothing', async () => {
    const staging = on();
    useKeys(staging, { KEY: key });
    await staging.by(`INSERT INTO teams (name) VALUES ('${secret}')`);
    await done(staging, 'backup', 'staging');
    const path = sealedIn(staging, 'b1');
    const whole = readFileSync(path);
    for (const length of [0, 10, 40, 65, 66, 81, Math.floor(whole.length / 2), whole.length - 1]) {
      const cut = whole.subarray(0, length);
      writeFileSync(path, cut);
      fitChecksum(staging, 'b1', cut);
      for (const words of [
        ['decrypt', 'staging', 'b1', `out/${length}`],
        ['restore', 'staging', 'b1', '--yes'],
      ]) {
        const refused = await staging.run(...words, '--json');
        expect(refused, `${words[0]} of ${length} bytes`).toMatchObject({
          exitCode: 1,
          last: { kind: 'failed', code: 'backup-failed', message: expect.stringContaining('b1') },
        });
      }
      expect(existsSync(join(staging.project.root, 'out'))).toBe(false);
    }
    expect(await teams(staging)).toEqual([secret, 'blue', 'red']);
    await holdsNothingOf(staging, [secret]);
  });
}

/** What a command that did its work said last. */
async function done(staging: Failing, ...words: readonly string[]) {
  const { exitCode, last, stdout, stderr } = await staging.run(...words, '--json');
  expect({ exitCode, said: exitCode === 0 ? '' : `${stdout}${stderr}` }).toEqual({ exitCode: 0, said: '' });
  return last;
}

function addWithRollback(staging: Failing): void {
  staging.add('0002_note', 'ALTER TABLE teams ADD note text;');
  writeFileSync(
    join(staging.project.root, 'drizzle', '0002_note.rollback.sql'),
    'ALTER TABLE teams DROP COLUMN note;',
  );
}

/** As a person or another tool leaves it that died after the first statement. */
async function half(staging: Failing): Promise<void> {
  staging.add(
    '0002_notes',
    'CREATE TABLE notes (id integer PRIMARY KEY);',
    'CREATE TABLE more (id integer PRIMARY KEY);',
  );
  await staging.by(
    'CREATE TABLE notes (id integer PRIMARY KEY)',
    `UPDATE teams SET name = '${secret}' WHERE id = 1`,
  );
}

/** Kept in no file in the clear, and written whole where somebody with the key asks for it. */
async function isDecrypted(staging: Failing, backup: string): Promise<void> {
  await holdsNothingOf(staging, [secret, key]);
  await done(staging, 'decrypt', 'staging', backup, 'clear');
  const clear = join(staging.project.root, 'clear');
  expect(await filesHolding(clear, [secret], { passing: () => false })).not.toEqual([]);
}

function sealedIn(staging: Failing, id: string): string {
  const [file = ''] = globSync(`${id}/app.*.enc`, { cwd: backupsOf(staging) });
  return join(backupsOf(staging), file);
}

async function teams(staging: Failing, column = 'name'): Promise<readonly unknown[]> {
  const sql = `SELECT ${column} FROM teams ORDER BY name`;
  const { last } = await staging.run('query', 'staging', sql, '--json', '--show-values');
  const rows: unknown = last?.['rows'];
  return Array.isArray(rows) ? rows.flat() : [];
}
