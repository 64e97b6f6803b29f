import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { carryOut, consent, selection, sessionOn, statusIn } from '../../support/in-process.ts';
import { smallProject, type SmallProject } from '../../support/small-project.ts';

const deploy = { kind: 'deploy', environment: 'local', selection, consent } as const;

test('the folder of a database is made by its first deploy, which the plan and doctor say without making it', async () => {
  using project = withDatabaseBelow();
  const { plan, doctor } = await asked(project);
  expect(plan).toMatchObject({
    warnings: ['The folder of data/app.db does not exist yet; a deploy makes it with the database.'],
  });
  expect(doctor).toContainEqual({
    check: 'local',
    state: 'ok',
    says: 'data/app.db does not exist yet: a deploy makes it',
  });
  expect(existsSync(join(project.root, 'data'))).toBe(false);
  const events = await carryOut(project, deploy);
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 2 });
  expect(await asked(project)).toMatchObject({ plan: { warnings: [] } });
});

test('a resync into a folder that does not exist makes it, too', async () => {
  using project = withDatabaseBelow();
  await carryOut(project, { ...deploy, environment: 'staging' });
  const events = await carryOut(project, {
    kind: 'resync',
    environment: 'local',
    from: 'staging',
    databases: undefined,
    exclude: [],
    consent,
  });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 2 });
});

function withDatabaseBelow(): SmallProject {
  const project = smallProject();
  project.configureEnvironment('local', { targets: { app: 'file:data/app.db' } });
  return project;
}

async function asked(project: SmallProject) {
  await using session = await sessionOn(project);
  const plan = await session.ask({ kind: 'plan', environment: 'local', selection, planFile: undefined });
  const doctor = await session.ask({ kind: 'doctor' });
  return { plan, doctor: doctor.kind === 'doctor' ? doctor.checks : [] };
}
