import { expect, test } from 'vitest';
import { byHand, namesBy } from '../support/by-hand.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { smallProject } from '../support/small-project.ts';

test('_migrations of another runner beside Drizzle’s table is no drift, counts no rows, and goes with a reset', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  await byHand(project, [
    'CREATE TABLE _migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)',
    "INSERT INTO _migrations VALUES (1, '0001_other', 1700000000)",
  ]);
  {
    await using session = await sessionOn(project);
    const on = { environment: 'local', databases: undefined } as const;
    expect(await session.ask({ kind: 'verify', ...on })).toMatchObject({ kind: 'verify', equal: true });
    expect(await session.ask({ kind: 'drift', ...on, than: { kind: 'migrations' } })).toMatchObject({
      equal: true,
    });
  }
  expect((await statusIn(project, 'local')).state).toEqual(['current']);
  project.add('0002_more', ['CREATE TABLE more (id integer)']);
  const events = await carryOut(project, { kind: 'deploy', environment: 'local', selection, consent });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
  expect(await namesBy(project, 'SELECT name FROM _migrations')).toEqual(['0001_other']);
  const reset = await carryOut(project, {
    kind: 'reset',
    environment: 'local',
    databases: undefined,
    end: 'rebuilt',
    consent,
  });
  expect(reset.at(-1)).toMatchObject({ kind: 'done' });
  expect(await namesBy(project, "SELECT name FROM sqlite_schema WHERE name = '_migrations'")).toEqual([]);
});
