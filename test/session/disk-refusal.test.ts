import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
});
afterEach(() => project[Symbol.dispose]());

describe('a deploy says what of this machine cannot be used, and changes nothing', () => {
  test('where the folder of the backups is a file', async () => {
    project.configure({ backups: { to: 'package.json' } });
    expect(await deployed()).toMatchObject({
      code: 'storage',
      message: `${join(project.root, 'package.json')} cannot be used: not a directory (ENOTDIR, scandir).`,
      next: 'Look at what is there, or name another place in the configuration.',
    });
    await using session = await sessionOn(project);
    const doctor = await session.ask({ kind: 'doctor' });
    expect(doctor.kind === 'doctor' ? doctor.checks : []).toContainEqual(
      expect.objectContaining({ check: 'backups', state: 'problem' }),
    );
  });

  test('where it leads to a disk that is not there', async () => {
    symlinkSync(join(project.root, 'not-mounted', 'backups'), join(project.root, 'backups'));
    project.configure({ backups: { to: 'backups' } });
    // Without a database there is nothing to back up.
    await carryOut(project, { ...deploy, kind: 'apply', selection: { ...selection, to: '0000' } });
    expect(await deployed()).toMatchObject({
      code: 'storage',
      message: `${join(project.root, 'backups')} cannot be used: no such file or directory (ENOENT, mkdir).`,
    });
  });

  test('where the folder of the runs is a file', async () => {
    mkdirSync(join(project.root, '.migrate-tui'));
    writeFileSync(join(project.root, '.migrate-tui', 'runs'), '');
    await expect(deployed()).rejects.toMatchObject({ code: 'storage' });
    rmSync(join(project.root, '.migrate-tui', 'runs'));
    expect(await deployed()).toMatchObject({ kind: 'done' });
  });
});

const deploy = { kind: 'deploy', environment: 'staging', selection, consent } as const;

async function deployed() {
  const events = await carryOut(project, deploy);
  const last = events.at(-1);
  if (last?.kind === 'failed')
    expect(await statusIn(project, 'staging')).toMatchObject({ state: ['behind'] });
  return last;
}
