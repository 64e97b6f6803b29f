import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { smallProject } from '../support/small-project.ts';

test('a restore that nobody agreed to says what came in since the backup', async () => {
  using project = smallProject();
  await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  await carryOut(project, {
    kind: 'backup',
    environment: 'staging',
    databases: undefined,
    tables: undefined,
  });
  const file = join(project.root, 'staging.db');
  using database = new DatabaseSync(file);
  database.exec("INSERT INTO teams (name) VALUES ('late'), ('later')");
  project.add('0009_late', ['CREATE TABLE late (id integer);']);
  await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  const restore = {
    kind: 'restore',
    environment: 'staging',
    backup: 'b1',
    database: undefined,
    tables: undefined,
  } as const;
  const refused = await carryOut(project, { ...restore, consent: { ...consent, yes: 'not-given' } });
  expect(refused.at(-1)).toMatchObject({ kind: 'failed', exitCode: 4, code: 'not-confirmed' });
  expect(refused.at(-1)).toHaveProperty('message', expect.stringContaining('teams +2 rows'));
  expect(refused.at(-1)).toHaveProperty(
    'message',
    expect.stringContaining('1 migration of app recorded since'),
  );
  const done = await carryOut(project, { ...restore, consent });
  expect(done.at(-1)).toMatchObject({ kind: 'done' });
  expect(done).toContainEqual(
    expect.objectContaining({ kind: 'notice', message: expect.stringContaining('teams +2 rows') }),
  );
});
