import { describe, expect, test } from 'vitest';
import { builtPackage } from '../support/built-package.ts';
import { startResident } from '../support/resident.ts';
import { askRecover, insist } from './asking.ts';
import { ground, tag } from './kinds.ts';
import { contentOf, keyOf, type Stand } from './stand.ts';
import { openStand } from './stands.ts';
import { startTool } from './tool.ts';
import { run } from './ways.ts';

const statements = [
  'ALTER TABLE badges ADD colour text;',
  'CREATE UNIQUE INDEX badges_label ON badges (label);',
  'CREATE TABLE shelves (id integer PRIMARY KEY);',
];

describe.each(['libSQL file', 'D1 local'] as const)('%s', (engine) => {
  test.each(['resume', 'start-over'])(
    'a migration that rows stopped: %s is refused by its rehearsal while they are there, changes nothing, and ends well without them',
    async (option) => {
      await using stand = await openStand(engine, undefined);
      const built = await builtPackage();
      stand.project.add(ground.tag, ground.statements);
      await insist(stand, built, 'apply', 'staging', '--yes');
      stand.project.add(tag, statements);
      await change(stand, "INSERT INTO badges (label) VALUES ('first')");
      await stoppedByRows(stand);
      const left = keyOf(await contentOf(stand));
      expect(await offered(stand)).toContain(option);

      const choose = ['recover', 'staging', '--choose', option, '--yes'];
      const refused = await run(stand, built, choose);
      expect({ exitCode: refused.exitCode, last: refused.last }).toMatchObject({
        exitCode: 4,
        last: { kind: 'failed', code: 'rehearsal-failed' },
      });
      // As the file numbers them, whatever else is run before or left out.
      expect(refused.last?.['message']).toMatch(/, statement 2 \([^)]*\.sql:\d+\): /);
      expect(refused.last?.['next']).not.toContain('deploy');
      expect(keyOf(await contentOf(stand))).toBe(left);

      await change(stand, "UPDATE badges SET label = 'third' WHERE id = 4");
      const done = await run(stand, built, choose);
      expect(done.exitCode, done.stdout).toBe(0);
      expect((await run(stand, built, ['verify', 'staging'])).exitCode).toBe(0);
      expect(await offered(stand)).toEqual([]);
    },
  );
});

async function stoppedByRows({ target }: Stand): Promise<void> {
  await using tool = await startTool(target, statements);
  expect(await tool.step()).toBe('done');
  expect(await tool.step()).toBe('failed');
}

/** What the application does meanwhile, or a person. */
async function change({ target }: Stand, sql: string): Promise<void> {
  await using tool = await startTool(target, [sql]);
  expect(await tool.step()).toBe('done');
}

async function offered(stand: Stand): Promise<readonly string[]> {
  await using cli = startResident();
  const found = await askRecover({ stand, cli });
  return found.flatMap(({ options }) => options.filter(({ allowed }) => allowed).map(({ id }) => id));
}
