import { expect, test } from 'vitest';
import { folderConfig } from '../../../src/tui/screens/welcome/state.ts';
import { writeFiles } from '../../support/drizzle-folders.ts';
import { carryOut, consent, selection } from '../../support/in-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('the configuration that is shown for a folder of numbered SQL files deploys them', async () => {
  await using project = await temporaryFolder();
  await writeFiles(project.path, {
    'migrate-tui.config.json': folderConfig.replace('FOLDER', 'sql'),
    'sql/0001_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY);',
    'sql/0002_name.sql': 'ALTER TABLE users ADD name text;',
  });
  const place = { root: project.path, env: { XDG_STATE_HOME: project.file('state') } };
  const events = await carryOut(place, { kind: 'apply', environment: 'local', selection, consent });
  expect(events.at(-1)).toMatchObject({
    kind: 'done',
    applied: [{ tag: '0001_users' }, { tag: '0002_name' }],
  });
});
