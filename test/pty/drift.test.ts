import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { cli } from '../support/cli.ts';
import { openScreen } from '../support/screen.ts';

beforeAll(builtPackage, 120_000);

interface Demo extends Disposable {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The practice project, in whose environment local somebody worked by hand. */
async function practice(): Promise<Demo> {
  const home = mkdtempSync(join(tmpdir(), 'migrate-tui-drift-'));
  const root = join(home, 'demo');
  const env = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  await cli(['demo', root, '--no-open'], { cwd: home, env });
  return { root, env, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

test('what drifted in the demo is looked at, drafted as SQL, and gone from the matrix once that has run', async () => {
  using demo = await practice();
  await using screen = await openScreen(demo);
  await screen.shows(/local[^]*◇ unrecorded/);
  await screen.press('1', 'c');
  await screen.shows('≠ 5 objects differ, 23 are equal. Nothing was changed.');
  await screen.shows(/app › local › compare +local with its migrations/);
  await screen.press('n');
  await screen.shows(/▸ \+ table user_api_keys/);
  await screen.shows(/likely cause:[^]*0013_user_api_keys is in local/);
  await screen.press('n');
  await screen.shows(/── migrations say ─+ local has ─[^]*▸ ≠ table users[^]*\+ {2}nickname TEXT/);
  await screen.press('x');
  await screen.shows('Written: .migrate-tui/exports/drift-local-app.sql');
  await screen.press('esc');
  await screen.shows(/1 local[^]*≠ drifted \d+ s ago/);

  const draft = readFileSync(join(demo.root, '.migrate-tui/exports/drift-local-app.sql'), 'utf8');
  expect(draft).toContain('-- A draft that would bring local to its migrations');
  using local = new DatabaseSync(join(demo.root, 'local.db'));
  local.exec(draft);
  local.close();

  await screen.press('c');
  await screen.shows('✓ No drift: local is what its migrations say (25 objects).');
  await screen.press('esc');
  await screen.shows(/1 local[^]*0016_drop_legacy_notes/);
  await screen.until('local is not drifted any more', (text) => !text.includes('≠ drifted'));
  await screen.press('q');
  expect(await screen.ended()).toMatchObject({ exitCode: 0 });
});

test('from what differs to another environment, to all of them, and to recording what has no record', async () => {
  using demo = await practice();
  await using screen = await openScreen(demo);
  await screen.shows(/local[^]*◇ unrecorded/);
  await screen.press('1', 'c');
  await screen.shows('5 objects differ');
  await screen.press('c');
  await screen.shows(/compare local with[^]*3 staging/);
  await screen.press('3');
  await screen.shows(/local › compare with staging[^]*objects? differs?/);
  await screen.shows(/── staging has ─|only (?:local|staging) has it/);
  await screen.press('x');
  await screen.shows(/SQL that brings local to staging, as[^]*2 a new migration/);
  await screen.press('2');
  await screen.shows('0017_local_like_staging is in the folder of app');
  expect(readFileSync(join(demo.root, 'drizzle/0017_local_like_staging.sql'), 'utf8')).toContain('DROP');
  await screen.press('c', '5');
  await screen.shows('2 of 8 databases drifted');
  await screen.shows(/production, app +✓ no drift/);
  await screen.press('enter');
  await screen.shows(/local with its migrations[^]*5 objects differ/);
  await screen.press('m');
  await screen.shows('Record 0013 as applied in local, database app.');
  await screen.press('!');
  await screen.shows('app in local is recovered');
  await screen.press('esc');
  await screen.shows(/0013_user_api_keys +✓ applied/);
});
