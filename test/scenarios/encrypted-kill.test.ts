import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failing, type Failing } from '../support/failing.ts';
import { filesHolding } from '../support/files-holding.ts';
import { startResident, type Resident } from '../support/resident.ts';

const key = randomBytes(32).toString('base64');
const words = ['Ottoline', key];

/**
 * Changes of files in a dry-run: the copy is made, about to be encrypted, encrypted; decrypted for the rehearsal, which
 * opens its own. `KILLS=all` tries every one, and some that are past the end.
 */
const places =
  process.env['KILLS'] === 'all' ? Array.from({ length: 45 }, (_, at) => at + 1) : [7, 16, 19, 28, 34];

let cli: Resident;
let staging: Failing;
/** Kills that left rows in the clear. */
const left: number[] = [];
beforeAll(async () => {
  cli = startResident();
  staging = await failing(cli);
  writeFileSync(join(staging.project.root, '.env'), `KEY=${key}\n`);
  staging.project.configure({ backups: { key: 'env:KEY' } });
  await staging.by("INSERT INTO teams (name) VALUES ('Ottoline')");
  staging.add('0002_next', 'ALTER TABLE teams ADD note text;');
  mkdirSync(stateOf(staging.project), { recursive: true });
});
afterAll(async () => {
  await staging[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

test.each(places)(
  'a process that is killed at its change %d leaves rows in the clear no longer than to the next run',
  async (nth) => {
    const how = await dryRunKilledAt(nth, staging);
    if ((await inTheClear(staging)).length > 0) left.push(nth);
    if (how === 'over') expect(left).not.toContain(nth);
    const next = await staging.run('backup', 'staging', '--json');
    expect(next.last).toMatchObject({ kind: 'done' });
    expect(await inTheClear(staging)).toEqual([]);
  },
  120_000,
);

test('some of these kills did leave rows in the clear, and none a backup that is damaged', async () => {
  expect(left.length).toBeGreaterThan(3);
  const { last } = await staging.run('backups', 'staging', '--json');
  expect(JSON.stringify(last)).toContain('"proof":"read-back"');
  expect(JSON.stringify(last)).not.toContain('"damaged"');
}, 60_000);

function inTheClear({ project }: Failing): Promise<readonly string[]> {
  return filesHolding(stateOf(project), words, { passing: () => false });
}

/** Dies just before its nth change of files, or its nth opening of one, among what it keeps. */
async function dryRunKilledAt(nth: number, { project }: Failing): Promise<'killed' | 'over'> {
  const child = spawn(
    process.execPath,
    ['--import', support('kill-at-write.mjs'), support('cli-entry.ts'), 'dry-run', 'staging', '--json'],
    {
      cwd: project.root,
      env: {
        ...process.env,
        ...project.env,
        KILL_AT_WRITE: String(nth),
        KILL_BELOW: stateOf(project),
        KILL_ALSO: 'open',
      },
      stdio: 'ignore',
    },
  );
  const [exitCode, signal] = await once(child, 'close');
  if (signal === 'SIGKILL') return 'killed';
  expect(exitCode).toBe(0);
  return 'over';
}

function stateOf({ env }: Failing['project']): string {
  return env['XDG_STATE_HOME'] ?? '';
}

const support = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));
