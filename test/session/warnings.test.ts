import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { carryOut, consent, selection, sessionOn } from '../support/in-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a warning names its database where an environment has several', async () => {
  await using project = await temporaryFolder();
  const files = folder0([{ tag: '0000_a', sql: 'CREATE TABLE a (x);' }]);
  const databases = ['app', 'auth'];
  for (const name of databases) await writeFiles(project.file(name), files);
  const config = {
    databases: Object.fromEntries(databases.map((name) => [name, { migrations: name }])),
    environments: {
      local: { targets: Object.fromEntries(databases.map((name) => [name, `file:${name}.db`])) },
    },
  };
  await writeFiles(project.path, { 'migrate-tui.config.json': JSON.stringify(config) });
  const place = { root: project.path, env: { XDG_STATE_HOME: project.file('state') } };
  const events = await carryOut(place, { kind: 'apply', environment: 'local', selection, consent });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  await rm(project.file('auth'), { recursive: true });
  await writeFiles(project.file('auth'), folder0([]));
  await using session = await sessionOn(place);
  expect(
    await session.ask({ kind: 'plan', environment: 'local', selection, planFile: undefined }),
  ).toMatchObject({
    warnings: [expect.stringMatching(/^auth: The record .* has no file\.$/)],
  });
});
