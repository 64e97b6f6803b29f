import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { D1Project } from '../support/d1-project.ts';
import type { D1Fault, D1FaultOptions } from '../support/d1-faults.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { d1Shop } from '../support/d1-shop.ts';
import { everyFile } from '../support/every-file.ts';
import { builtPackage, programOf } from '../support/built-package.ts';
import { program } from '../support/program.ts';
import { TestTerminal } from '../support/terminal.ts';

let server: D1Server;
let project: D1Project;
beforeAll(async () => {
  server = await startD1Server({ databases: ['shop'] });
  project = await d1Shop(server, {
    'migrations/0002_posts.sql':
      'CREATE TABLE posts (id integer PRIMARY KEY);\nINSERT INTO posts VALUES (1);\n',
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

/** A server that says back what it was sent, as some gateways do. */
const gossip = (status: number): D1Fault => ({
  kind: 'status',
  status,
  code: status === 401 ? 9109 : 7400,
  message: `Invalid header Authorization: Bearer ${server.token}`,
  when: 'before',
});

test('no output, file or log of a run with faults holds the token, or the key to an export', async () => {
  let printed = '';
  const run = async (args: readonly string[], fault?: D1Fault, options: D1FaultOptions = {}) => {
    if (fault) server.fault(fault, options);
    const { stdout, stderr } = await program(args, { cwd: project.root, env: project.env });
    if (fault) expect(server.faultWasMet(), args.join(' ')).toBe(true);
    server.noFault();
    printed += stdout + stderr;
    return stdout;
  };
  for (const format of [[], ['--json', '--show-values']]) {
    for (const question of ['status', 'plan remote', 'verify remote', 'doctor', 'recover remote']) {
      await run([...question.split(' '), ...format]);
      await run([...question.split(' '), ...format], gossip(401), { times: Infinity });
    }
    for (const status of [400, 401, 403, 500]) {
      await run(['deploy', 'remote', '--yes', ...format], gossip(status), { on: 'write', times: Infinity });
    }
    // A read that fails with 500 is repeated for a while; these are not.
    for (const status of [400, 401, 403]) {
      await run(['deploy', 'remote', '--yes', ...format], gossip(status), { on: 'raw', times: Infinity });
    }
    await run(['backup', 'remote', ...format], gossip(400), { on: 'bookmark', times: Infinity });
  }
  await run(
    ['deploy', 'remote', '--yes', '--json'],
    { kind: 'cut', when: 'after' },
    { on: 'write', after: 1 },
  );
  await run(['restore', 'remote', 'b1', '--yes'], gossip(500), { on: 'restore' });
  expect(await run(['query', 'remote', 'SELECT 1 AS one'])).toContain('one');
  expect(await run(['backup', 'remote', '--archive', '--json'])).toContain('"kind":"done"');
  for (const question of ['runs', 'show 1', 'backups']) await run(question.split(' '));
  await run(['init']);

  const files = await everyFile(dirname(project.home));
  expect(files.length).toBeGreaterThan(20);
  expect(printed.length).toBeGreaterThan(10_000);
  // The place of an export has a key of its own in its URL.
  for (const secret of [server.token, 'signature=']) {
    expect(printed).not.toContain(secret);
    for (const { path, bytes } of files) expect(bytes.includes(secret), path).toBe(false);
  }
}, 120_000);

test('nor does the screen, with its command log', async () => {
  const args = [programOf(await builtPackage())];
  await using screen = new TestTerminal(process.execPath, args, { cwd: project.root, env: project.env });
  await screen.shows('remote');
  await screen.press('@');
  await screen.shows('D1 shop');
  expect(screen.raw).not.toContain(server.token);
});
