import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { folderFiles } from '../../src/session/kit/folder-files.ts';
import { cli } from '../support/cli.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { kitProject, type KitProject } from '../support/kit-project.ts';

describe.each(['drizzle-0', 'drizzle-1'] as const)('drop in a folder of %s', (line) => {
  test('leaves the folder as it was before the newest migration was generated', async () => {
    await using project = await kitProject(line);
    await generate(project, 'first');
    const before = await folderFiles(project.file('drizzle'));
    await project.columns('title', 'body');
    const second = await generate(project, 'second');
    const asked = await drop(project, second);
    expect(asked.exitCode).toBe(4);
    expect(asked.stderr).toContain(`migrate-tui drop ${second} --yes`);
    const done = await drop(project, second, '--yes');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toContain('removed  drizzle/');
    expect(await folderFiles(project.file('drizzle'))).toEqual(before);
    await generate(project, 'again');
  }, 60_000);

  test('is refused for what an environment has run, and for what others stand on', async () => {
    await using project = await kitProject(line);
    const first = await generate(project, 'first');
    const client = createClient({ url: `file:${project.file('app.db')}` });
    await drizzleLines[line].migrate(client, project.file('drizzle'));
    client.close();
    const before = await folderFiles(project.file('drizzle'));
    const ran = await drop(project, first, '--yes');
    expect(ran.exitCode).toBe(4);
    expect(ran.stderr).toContain(`local has run ${first}`);
    expect(await folderFiles(project.file('drizzle'))).toEqual(before);
    await project.columns('title', 'body');
    const second = await generate(project, 'second');
    const below = await drop(project, first, '--yes');
    expect(below.stderr).toContain(`migrate-tui drop ${second} comes first`);
  }, 60_000);
});

async function generate(project: KitProject, name: string): Promise<string> {
  await using session = await project.session();
  const { sql } = await session.generate({ database: undefined, name, terminal: 'none', signal: undefined });
  const [, tag = ''] = /drizzle\/(.+?)(?:\.sql|\/migration\.sql)$/.exec(sql[0] ?? '') ?? [];
  return tag;
}

function drop(project: KitProject, ...args: readonly string[]) {
  return cli(['drop', ...args], { cwd: project.path, env: { XDG_STATE_HOME: project.file('state') } });
}
