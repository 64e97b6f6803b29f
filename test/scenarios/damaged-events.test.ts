import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startResident, type Resident } from '../support/resident.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let resident: Resident;
let project: SmallProject;
let whole: readonly string[];
beforeAll(async () => {
  resident = startResident();
  project = smallProject();
  expect(await ask('deploy', 'local', '--yes')).toMatchObject({ exitCode: 0 });
  whole = readFileSync(file(), 'utf8').trimEnd().split('\n');
});
afterAll(async () => {
  await resident[Symbol.asyncDispose]();
  project[Symbol.dispose]();
});

test('every event of a run that was written is shown', async () => {
  expect(await shown(whole)).toEqual(whole.map((line): unknown => JSON.parse(line)));
});

test.each([
  ['is of a kind that a newer version has', { kind: 'weighed' }],
  ['has a kind that is none', { kind: ['step-finished'] }],
  ['has no step', { step: null }],
  ['took no time that there is', { took: ['q'] }],
  ['says nothing', { says: undefined }],
  ['was at no time', { at: 'x' }],
])('an event that %s is passed over, and the others are shown', async (_what, other) => {
  const at = whole.findIndex((line) => line.includes('"kind":"step-finished"'));
  const damaged = { ...JSON.parse(whole[at] ?? '{}'), ...other };
  const lines = whole.with(at, JSON.stringify(damaged));
  expect(await shown(lines)).toEqual(whole.toSpliced(at, 1).map((line): unknown => JSON.parse(line)));
  const { exitCode, stdout, stderr } = await ask('show', '1');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('2 migrations');
  expect(stdout + stderr).not.toMatch(/undefined|NaN|a bug/);
});

/** The events of run 1 as a program reads them, where its file has these lines. */
async function shown(lines: readonly string[]): Promise<unknown> {
  writeFileSync(file(), lines.map((line) => `${line}\n`).join(''));
  const { exitCode, last } = await ask('show', '1', '--json');
  expect(exitCode).toBe(0);
  expect(misfits('run', last)).toEqual([]);
  return last?.['events'];
}

function ask(...args: readonly string[]) {
  return resident.run(args, { cwd: project.root, env: project.env });
}

function file(): string {
  return join(project.root, '.migrate-tui', 'runs', '1.ndjson');
}
