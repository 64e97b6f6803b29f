import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folder0, writeFiles } from '../support/drizzle-folders.ts';
import { carryOut, consent, selection, sessionOn } from '../support/in-process.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const deploy = { kind: 'deploy', environment: 'production', selection, consent } as const;
const named = { ...consent, confirm: { environment: 'production', hash: undefined } };

test('a production that was found is written to by its name only', async () => {
  await using folder = await projectWith(['local', 'production']);
  const place = placeOf(folder);
  expect((await carryOut(place, deploy)).at(-1)).toMatchObject({
    kind: 'failed',
    code: 'not-confirmed',
    exitCode: 4,
    message: 'production is protected: its name is missing. Nothing was changed.',
    next: expect.stringContaining('migrate-tui deploy production --yes --confirm production'),
  });
  expect(existsSync(folder.file('production.db'))).toBe(false);
  const events = await carryOut(place, { ...deploy, consent: named });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
});

test('that its name protects it is noted, and a configuration decides otherwise', async () => {
  await using folder = await projectWith(['local', 'prod', 'Live', 'production-eu']);
  expect(await protectionIn(folder)).toEqual({
    local: false,
    prod: true,
    Live: true,
    'production-eu': false,
    notes: ['Live', 'prod'].map(
      (name) =>
        `${name} is protected, as it is called so: a change asks for its name. A configuration may say otherwise; "migrate-tui init" writes one.`,
    ),
  });
  const targets = { app: 'file:prod.db' };
  const config = { environments: { prod: { protected: false, targets }, live: { targets } } };
  await writeFiles(folder.path, { 'migrate-tui.config.json': JSON.stringify(config) });
  expect(await protectionIn(folder)).toEqual({ prod: false, live: false, notes: [] });
});

async function projectWith(environments: readonly string[]): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await writeFiles(folder.file('drizzle'), folder0([{ tag: '0000_a', sql: 'CREATE TABLE a (x);' }]));
  const config = (name: string) => ({
    dialect: 'sqlite',
    schema: './schema.ts',
    out: './drizzle',
    dbCredentials: { url: `file:${name}.db` },
  });
  const files = environments.map((name) => [`drizzle.config.${name}.json`, JSON.stringify(config(name))]);
  await writeFiles(folder.path, Object.fromEntries(files));
  return folder;
}

function placeOf(folder: TemporaryFolder) {
  return { root: folder.path, env: { XDG_STATE_HOME: folder.file('state') } };
}

async function protectionIn(folder: TemporaryFolder) {
  await using session = await sessionOn(placeOf(folder));
  const { environments, notes } = session.project;
  return { ...Object.fromEntries(environments.map((one) => [one.name, one.protected])), notes };
}
