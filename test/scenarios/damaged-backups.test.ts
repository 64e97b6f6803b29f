import {
  copyFileSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failing, type Failing } from '../support/failing.ts';
import { gate } from '../support/gate.ts';
import { startResident, type Resident } from '../support/resident.ts';
import { stagingOnPostgres } from '../support/failing-postgres.ts';

type Damage = (copy: string) => void;

const turnBit: Damage = (copy) => {
  const bytes = readFileSync(copy);
  const at = Math.floor(bytes.length * 0.7);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(copy, bytes);
};

const damages: readonly (readonly [how: string, damage: Damage])[] = [
  ['has one other bit', turnBit],
  ['was cut off', (copy) => truncateSync(copy, 700)],
  ['is that of an older backup', (copy) => copyFileSync(join(dirname(copy), '../b1', basename(copy)), copy)],
  ['is gone', (copy) => rmSync(copy)],
];

describe('a backup of libSQL files', () => {
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
  damaged(() => staging);

  test('whose manifest cannot be read is named, and keeps nobody from the others', async () => {
    await staging.run('backup', 'staging', '--json');
    const manifest = manifestOf(staging, 'b1');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').slice(0, 100));
    staging.add('0002_next', 'ALTER TABLE teams ADD note text;');
    const deployed = await staging.run('deploy', 'staging', '--yes', '--json');
    expect(deployed.last).toMatchObject({ kind: 'done', backup: 'b2' });
    const listed = await staging.run('backups', 'staging', '--json');
    expect(listed.last).toMatchObject({
      backups: [{ id: 'b2', proof: 'proven' }],
      unreadable: [{ id: 'b1' }],
    });
    expect((await staging.run('backups')).stdout).toContain(`${manifest} cannot be read`);
    expect((await staging.run('doctor', '--json')).stdout).toContain(`${manifest} cannot be read`);
    const refused = await staging.run('restore', 'staging', 'b1', '--yes', '--json');
    expect(refused).toMatchObject({ exitCode: 1, last: { code: 'storage' } });
    const restored = await staging.run('restore', 'staging', 'b2', '--yes', '--json');
    expect(restored.last).toMatchObject({ kind: 'done' });
  });

  test.each([
    ['no time', /"takenAt": "[^"]*"/, '"takenAt": null', 'takenAt is missing or is not what it should be'],
    ['no list of tags', /"tags": \[[^\]]*\]/, '"tags": {}', 'databases[0].tags is missing'],
    ['a file out of its folder', /"file": "/, '"file": "../b2/', 'databases[0].file is missing'],
    ['the number of another set', /"id": "b1"/, '"id": "b7"', 'it is the one of b7, and its folder is b1'],
    ['nothing but null', /[^]+/, 'null', 'the whole of it is missing'],
  ])('whose manifest has %s counts as one that cannot be read', async (_what, part, instead, says) => {
    await staging.run('backup', 'staging', '--json');
    const manifest = manifestOf(staging, 'b1');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(part, instead));
    const listed = await staging.run('backups', 'staging', '--json');
    expect(listed).toMatchObject({ exitCode: 0, last: { backups: [], unreadable: [{ id: 'b1' }] } });
    expect(JSON.stringify(listed.last)).toContain(says);
    expect((await staging.run('doctor', '--json')).stdout).toContain(says);
    const refused = await staging.run('restore', 'staging', 'b1', '--yes', '--json');
    expect(refused).toMatchObject({ exitCode: 1, last: { code: 'storage' } });
    expect((await staging.run('backup', 'staging', '--json')).last).toMatchObject({ backup: 'b2' });
  });

  test('that is too old goes as a whole: what a removal that was cut off has left is gone after the next change', async () => {
    await staging.run('backup', 'staging', '--json');
    await staging.run('backup', 'staging', '--json');
    const manifest = manifestOf(staging, 'b1');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"takenAt": "\d+/, '"takenAt": "2001'));
    const sets = join(dirname(manifest), '..');
    mkdirSync(join(sets, 'b0.removed'));
    writeFileSync(join(sets, 'b0.removed', 'app.db'), 'rows');
    const taken = await staging.run('backup', 'staging', '--json');
    expect(taken.last).toMatchObject({ kind: 'done', backup: 'b3' });
    expect(readdirSync(sets).toSorted()).toEqual(['b2', 'b3']);
  });
});

describe('a backup of a PostgreSQL database', () => {
  damaged(stagingOnPostgres());
});

function damaged(on: () => Failing): void {
  test.each(damages)(
    'whose copy %s by the time of the dry-run stops the deploy, and is never restored',
    async (_how, damage) => {
      const staging = on();
      await staging.run('backup', 'staging', '--json');
      await staging.by("INSERT INTO teams (name) VALUES ('written since')");
      staging.add('0002_next', 'ALTER TABLE teams ADD note text;');
      const stopped = await damagedDeploy(staging, damage);
      expect(stopped).toMatchObject({
        exitCode: 1,
        last: {
          code: 'backup-failed',
          applied: [],
          next: expect.stringMatching(/migrate-tui deploy staging$/),
        },
      });
      expect(stopped.last?.['message']).toMatch(
        /The copy of app in b2 .* its checksum differs\. Nothing was changed\./,
      );
      const { last } = await staging.run('backups', 'staging', '--json');
      expect(last).toMatchObject({ backups: [{ id: 'b2', proof: 'damaged' }, { id: 'b1' }] });
      const restored = await staging.run('restore', 'staging', 'b2', '--yes', '--json');
      expect(restored).toMatchObject({ exitCode: 1, last: { code: 'backup-failed' } });
      staging.project.configure({ hooks: {} });
      const again = await staging.run('deploy', 'staging', '--yes', '--json');
      expect(again.last).toMatchObject({ kind: 'done', backup: 'b3', applied: [{ tag: '0002_next' }] });
    },
  );

  test('is there and whole before a plan that was rehearsed on it is carried out', async () => {
    const staging = on();
    staging.add('0002_next', 'ALTER TABLE teams ADD note text;');
    const rehearsed = await staging.run('dry-run', 'staging', '--json', '--out', 'plan.json');
    expect(rehearsed.exitCode).toBe(0);
    const copy = copyIn(staging, 'b1');
    const carriedOut = () => staging.run('deploy', 'staging', '--plan', 'plan.json', '--yes', '--json');
    turnBit(copy);
    expect((await carriedOut()).last).toMatchObject({
      code: 'target-changed',
      message: 'staging changed since the rehearsal: the copy of app in b1 is damaged. Nothing was changed.',
      next: 'Rehearse again: migrate-tui dry-run staging',
    });
    rmSync(dirname(copy), { recursive: true });
    expect((await carriedOut()).last).toMatchObject({
      code: 'target-changed',
      message: expect.stringContaining('b1, the backup that it was rehearsed on, is not kept here'),
    });
    const again = await staging.run('dry-run', 'staging', '--json', '--out', 'plan.json');
    expect(again.exitCode).toBe(0);
    const plan = join(staging.project.root, 'plan.json');
    const whole = readFileSync(plan, 'utf8');
    writeFileSync(plan, whole.replace(/"backup": "b\d+",/, ''));
    expect((await carriedOut()).last).toMatchObject({
      code: 'target-changed',
      message: expect.stringContaining('the plan has no backup of what app holds'),
    });
    writeFileSync(plan, whole);
    expect((await carriedOut()).last).toMatchObject({ kind: 'done', applied: [{ tag: '0002_next' }] });
  });
}

/** Its deploy, with the copy that it takes damaged before the dry-run restores it. */
async function damagedDeploy(staging: Failing, damage: Damage) {
  const between = gate(staging.project, 'afterBackup', 'staging');
  const deploying = staging.run('deploy', 'staging', '--yes', '--json');
  await between.reached();
  damage(copyIn(staging, 'b2'));
  between.open();
  return deploying;
}

function copyIn({ project }: Failing, set: string): string {
  const [copy = ''] = globSync(`migrate-tui/*/backups/${set}/app.*`, { cwd: stateOf(project) });
  return join(stateOf(project), copy);
}

function manifestOf(staging: Failing, set: string): string {
  return join(dirname(copyIn(staging, set)), 'manifest.json');
}

function stateOf({ env }: Failing['project']): string {
  return env['XDG_STATE_HOME'] ?? '';
}
