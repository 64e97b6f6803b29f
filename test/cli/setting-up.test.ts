import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { misfits } from '../support/schemas.ts';

let home = '';
let env: Readonly<Record<string, string>> = {};
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'migrate-tui-set-up-'));
  env = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('init', () => {
  test('writes what was found, once; a second time it is refused and nothing is replaced', async () => {
    const root = join(home, 'app');
    mkdirSync(join(root, 'drizzle', 'meta'), { recursive: true });
    writeFileSync(join(root, 'package.json'), '{ "name": "app" }');
    writeFileSync(
      join(root, 'drizzle.config.json'),
      '{ "dialect": "sqlite", "out": "./drizzle", "dbCredentials": { "url": "file:local.db" } }',
    );
    writeFileSync(join(root, 'drizzle', 'meta', '_journal.json'), '{ "version": "7", "entries": [] }');
    const first = await cli(['init', '--json'], { cwd: root, env });
    expect(first).toMatchObject({ exitCode: 0 });
    const lines = first.stdout.trimEnd().split('\n');
    expect(misfits('event', JSON.parse(lines.at(-1) ?? ''))).toEqual([]);
    const written = readFileSync(join(root, 'migrate-tui.config.mjs'), 'utf8');
    expect(written).toContain('file:local.db');
    const second = await cli(['init'], { cwd: root, env });
    expect(second.exitCode).toBe(4);
    expect(second.stderr).toContain('there already');
    expect(await cli(['status'], { cwd: root, env })).toMatchObject({ exitCode: 0 });
  });
});

describe('demo', () => {
  test('makes a project that status can read, and names the commands to go on with', async () => {
    const { exitCode, stdout } = await cli(['demo', 'practice'], { cwd: home, env });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('migrate-tui status --project practice');
    const status = await cli(['status', '--project', 'practice'], { cwd: home, env });
    expect(status.stdout).toMatch(/dev +◐ half-finished/);
    expect(status.stdout).toContain('PROTECTED');
  });

  test('refuses a folder that holds something else', async () => {
    mkdirSync(join(home, 'mine'));
    writeFileSync(join(home, 'mine', 'thesis.txt'), 'x');
    const { exitCode, stdout } = await cli(['demo', 'mine', '--json'], { cwd: home, env });
    expect(exitCode).toBe(4);
    expect(misfits('failure', JSON.parse(stdout))).toEqual([]);
    expect(existsSync(join(home, 'mine', 'thesis.txt'))).toBe(true);
  });
});
