import { afterEach, beforeEach, expect, test } from 'vitest';
import { placeOf } from '../support/remote-faults.ts';
import { contentOf, leaseIn, remoteProject, type RemoteProject } from '../support/remote-project.ts';

// What differs on a server from what differs in a file; `remote-faults.test.ts` has what can go wrong on the way.
let lane: RemoteProject;
beforeEach(async () => {
  lane = await remoteProject();
});
afterEach(() => lane[Symbol.asyncDispose]());

const run = (...argv: readonly string[]) => lane.cli.run([...argv, '--json'], placeOf(lane));

test('a rebuild that would leave rows without their parent is undone in the one request, and the tables are named', async () => {
  lane.project.add('0004_new_numbers', [
    'PRAGMA foreign_keys=OFF;',
    'CREATE TABLE `__new_teams` (id integer PRIMARY KEY, name text NOT NULL, country text);',
    'INSERT INTO `__new_teams` SELECT id * 10, name, country FROM teams;',
    'DROP TABLE teams;',
    'ALTER TABLE `__new_teams` RENAME TO teams;',
    'PRAGMA foreign_keys=ON;',
  ]);
  const before = await contentOf(lane.server.file);
  const { exitCode, last } = await run('apply', 'staging', '--yes');
  expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { code: 'statement-failed', applied: [] } });
  expect(last?.['message']).toMatch(
    /rows in staging that refer to nothing \(members to teams\).*undone in full/,
  );
  expect(await contentOf(lane.server.file)).toBe(before);
  expect(await leaseIn(lane.server.file)).toBeUndefined();
});

test('a statement that the server does not allow is named with its place, and nothing of its file stays', async () => {
  lane.project.add('0004_tidy', ['CREATE TABLE tidy (id integer);', 'VACUUM;']);
  const before = await contentOf(lane.server.file);
  const { exitCode, last } = await run('apply', 'staging', '--yes');
  expect({ exitCode, last }).toMatchObject({ exitCode: 1, last: { code: 'statement-failed', applied: [] } });
  expect(last?.['message']).toContain('statement 2 of 2');
  expect(await contentOf(lane.server.file)).toBe(before);
});
