import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { startMiniflare } from '../support/miniflare.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const id = '0f5c1a52-7f0e-4a53-9c1e-2f3c4d5e6f70';

test('a deploy and a restore beside a running dev server: it is noticed, sees each at once, and goes on', async () => {
  await using project = await projectWith({
    '0001_users.sql': 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n',
    '0002_email.sql': "ALTER TABLE users ADD COLUMN email TEXT;\nUPDATE users SET email = 'unknown';\n",
  });
  const quiet = await project.run('deploy', 'local', '--yes', '--to', '0001_users');
  expect(quiet).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('dev server') });

  await using server = await startMiniflare(project.state, id);
  await server.batch(["INSERT INTO users VALUES (1, 'ada')"]);
  const deployed = await project.run('deploy', 'local', '--yes');
  expect(deployed.exitCode).toBe(0);
  expect(deployed.stdout).toContain('such as a dev server, has DB open.');
  expect(await server.all('SELECT * FROM users')).toEqual([{ id: 1, name: 'ada', email: 'unknown' }]);
  const doctor = await project.run('doctor');
  expect(doctor.stdout).toContain('such as wrangler dev, has');

  await server.batch(['DELETE FROM users']);
  expect((await project.run('restore', 'local', 'b1', '--yes')).exitCode).toBe(0);
  expect(await server.all('SELECT * FROM users')).toEqual([{ id: 1, name: 'ada' }]);
  await server.batch(["INSERT INTO users VALUES (2, 'eve')"]);
  expect(await server.all('PRAGMA quick_check')).toEqual([{ quick_check: 'ok' }]);
}, 60_000);

async function projectWith(migrations: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  await mkdir(folder.file('migrations'));
  const files = Object.entries(migrations).map(([name, text]) =>
    writeFile(folder.file(`migrations/${name}`), text),
  );
  await Promise.all(files);
  const database = { binding: 'DB', database_name: 'shop', database_id: id, migrations_dir: 'migrations' };
  await writeFile(folder.file('wrangler.json'), JSON.stringify({ name: 'shop', d1_databases: [database] }));
  const at = { cwd: folder.path, env: { XDG_STATE_HOME: folder.file('kept') } };
  return {
    state: folder.file('.wrangler/state'),
    run: (...argv: readonly string[]) => cli([...argv, '--json'], at),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
