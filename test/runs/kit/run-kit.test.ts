import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { runKit } from '../../../src/runs/kit/run-kit.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('what drizzle-kit prints of the URL that it was given shows no password, whole or by itself', async () => {
  await using folder = await temporaryFolder();
  const program = folder.file('kit.cjs');
  await writeFile(
    program,
    `const url = process.env.MIGRATE_TUI_KIT_url;
     console.log(url);
     console.log('password', new URL(url).password);
     console.error('password', decodeURIComponent(new URL(url).password));`,
  );
  const said = await runKit({
    kit: { version: '0.31.11', program },
    config: { file: folder.file('drizzle.config.ts'), folder: folder.path, says: {}, variables: {} },
    command: ['push'],
    credentials: { url: new Secret('postgres://me:hid%2Fden@127.0.0.1:5432/app') },
    scratch: folder.file('scratch'),
    access: 'write',
    onTrace: () => undefined,
    signal: undefined,
  });
  expect(said.exitCode).toBe(0);
  expect(said.text.split('\n').toSorted()).toEqual(['password ••••', 'password ••••', '••••']);
});
