import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHranaServer, type HranaServer } from '../support/hrana-server.ts';
import { program, startProgram, type Line } from '../support/program.ts';
import { misfits } from '../support/schemas.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { silentHost, type SilentHost } from '../support/silent-host.ts';

let server: HranaServer;
let silent: SilentHost;
let project: SmallProject;

beforeAll(async () => {
  server = await startHranaServer({ token: 'right' });
  silent = await silentHost();
  project = smallProject();
  const token = (name: string) => ({ url: server.url, authToken: `env:${name}` });
  const environments = {
    silent: { timeouts: { connect: '3s' }, targets: { app: silent.url } },
    refused: { targets: { app: token('WRONG_TOKEN') } },
    nowhere: { targets: { app: 'libsql://nowhere.invalid' } },
    well: { targets: { app: token('RIGHT_TOKEN') } },
    local: { targets: { app: 'file:local.db' } },
  };
  project.configure({ environments });
});
afterAll(async () => {
  project[Symbol.dispose]();
  await silent[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const place = () => ({
  cwd: project.root,
  env: { ...project.env, WRONG_TOKEN: 'wrong-secret', RIGHT_TOKEN: 'right' },
});

interface Target {
  readonly state: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly next: string };
}

function targetsIn(line: Line | undefined): ReadonlyMap<string, Target> {
  const environments: readonly { readonly name: string; readonly targets: readonly Target[] }[] = JSON.parse(
    JSON.stringify(line?.['environments'] ?? []),
  );
  return new Map(
    environments.flatMap(({ name, targets }) => targets.map((target) => [name, target] as const)),
  );
}

test('each host that cannot be asked says why and what to do, the others are as they are, and status is no failure', async () => {
  const { exitCode, last, stdout, stderr } = await program(['status', '--json'], place());
  expect(exitCode).toBe(0);
  expect(misfits('status', last)).toEqual([]);
  const targets = targetsIn(last);
  expect([...targets].map(([name, { state }]) => `${name} ${state.join()}`)).toEqual([
    'silent unreachable',
    'refused unreachable',
    'nowhere unreachable',
    'well behind',
    'local behind',
  ]);
  const errors = ['silent', 'refused', 'nowhere'].map((name) => targets.get(name)?.error);
  expect(errors).toMatchObject([
    { code: 'unreachable', message: expect.stringContaining('did not answer in time') },
    { code: 'unreachable', message: expect.stringContaining('refuses the token') },
    { code: 'unreachable', message: expect.stringMatching(/its name (is not known|could not be looked up)/) },
  ]);
  expect(errors.every((error) => (error?.next ?? '') !== '')).toBe(true);
  expect(stdout + stderr).not.toContain('wrong-secret');
});

test('--check finds what is behind and what cannot be asked', async () => {
  expect(await program(['status', 'nowhere', '--check', '--json'], place())).toMatchObject({ exitCode: 3 });
  expect(await program(['status', 'refused', '--check', '--json'], place())).toMatchObject({ exitCode: 3 });
});

test('those that answer are shown while a silent one is still being asked', async () => {
  await using running = await startProgram(['status', '--stream', '--json'], place());
  const answered = (name: string) =>
    running.line((line) => targetsIn(line).has(name) && line['kind'] === 'status');
  await Promise.all([answered('local'), answered('well'), answered('refused')]);
  const { exitCode } = await running.ended;
  expect(exitCode).toBe(0);
  const order = running.lines
    .filter(({ kind }) => kind === 'status')
    .flatMap((line) => [...targetsIn(line).keys()]);
  expect(order).toHaveLength(5);
  expect(order.indexOf('silent')).toBeGreaterThan(order.indexOf('local'));
  expect(order.indexOf('silent')).toBeGreaterThan(order.indexOf('well'));
});

test.each([
  ['silent', /did not answer in time/],
  ['refused', /refuses the token/],
  ['nowhere', /its name/],
])('a deploy to the %s one ends before there is a run, and changes nothing', async (name, why) => {
  const { exitCode, lines, last } = await program(['deploy', name, '--yes', '--json'], place());
  expect(exitCode).toBe(1);
  expect(lines).toHaveLength(1);
  expect(last).toMatchObject({
    kind: 'failed',
    code: 'unreachable',
    message: expect.stringMatching(why),
    applied: [],
  });
});
