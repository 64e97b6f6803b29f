import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/package-root.ts';
import { version } from '../../src/lib/version.ts';
import { cli } from '../support/cli.ts';

let empty = '';
beforeAll(() => {
  empty = mkdtempSync(join(tmpdir(), 'migrate-tui-cli-'));
});
afterAll(() => {
  rmSync(empty, { recursive: true, force: true });
});

describe('what needs no project', () => {
  test('--version prints the version alone', async () => {
    expect(await cli(['--version'], { cwd: empty })).toEqual({
      exitCode: 0,
      stdout: `${version()}\n`,
      stderr: '',
    });
  });

  test('help is an answer: on stdout, exit 0, without colour codes', async () => {
    const { exitCode, stdout, stderr } = await cli(['help', 'deploy'], { cwd: empty });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('migrate-tui deploy ENV');
    expect(stdout).not.toContain('\u001b');
  });

  test('a folder that was removed under the shell is named, and is no bug', () => {
    const gone = mkdtempSync(join(tmpdir(), 'migrate-tui-gone-'));
    const script = `cd '${gone}' && rmdir '${gone}' && '${process.execPath}' '${join(packageRoot(), 'bin/migrate-tui.js')}' status`;
    const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(stderr).toContain('The folder that this is run in is not there any more.');
    expect(status).toBe(2);
  });

  test('a wrong word is exit 2, on stderr, with the nearest command', async () => {
    expect(await cli(['stauts'], { cwd: empty })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        '"stauts" is not a command of migrate-tui.\nThe nearest is status; migrate-tui help lists all.\n',
    });
  });

  test("another tool's word for a command leads to it", async () => {
    expect((await cli(['migrate'], { cwd: empty })).stderr).toContain('Here it is deploy');
    expect((await cli(['introspect'], { cwd: empty })).stderr).toContain('Here it is pull');
  });

  test('with --json the refusal is one JSON document on stdout', async () => {
    const { exitCode, stdout, stderr } = await cli(['deploy', '--json'], { cwd: empty });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      kind: 'failed',
      code: 'usage',
      exitCode: 2,
    });
  });

  test('escape sequences in a word come back as text', async () => {
    const { stderr } = await cli(['\u001b]0;owned\u0007'], { cwd: empty });
    expect(stderr).not.toContain('\u001b');
    expect(stderr).not.toContain('\u0007');
  });

  test('the completion script is printed for a shell to read', async () => {
    const { exitCode, stdout } = await cli(['completion', 'bash'], { cwd: empty });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('complete -o default -F _migrate_tui migrate-tui');
  });
});
