import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/operations/events.ts';
import type { Evidence } from '../../src/operations/evidence.ts';
import { startD1Server, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';
import { carryOut, consent, selection } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: D1Server;
let database: D1TestDatabase;
let empty: string;
let project: SmallProject;
beforeAll(async () => {
  server = await startD1Server();
  database = server.database('app');
  empty = database.bookmark;
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await database.takeBack(empty);
  project = inTarget();
  await deploy();
});
afterEach(() => {
  server.noFault();
  server.batches.kept = 'whole-or-not';
  project[Symbol.dispose]();
});

describe('a rehearsal inside a D1 database', () => {
  test('counts the real rows before and after, and leaves nothing behind', async () => {
    project.add('0002_fewer', [
      'CREATE TABLE notes (id integer PRIMARY KEY, body text, size real, raw blob);',
      "INSERT INTO notes (body, size, raw) VALUES ('a', 1.5, x'00ff'), (NULL, 2, NULL);",
      'DELETE FROM members WHERE team_id = 1;',
    ]);
    const before = await whole();
    const events = await dryRun();
    expect(events.at(-1)).toMatchObject({ kind: 'done', message: expect.stringContaining('was undone') });
    expect(evidenceIn(events)).toMatchObject({
      rehearsal: 'in-target',
      losses: [],
      tables: [
        { table: 'members', rowsBefore: 2, rowsAfter: 1 },
        {
          table: 'notes',
          rowsAfter: 2,
          columns: [{ nonNullAfter: 2 }, { nonNullAfter: 1 }, { nonNullAfter: 2 }, { nonNullAfter: 1 }],
        },
      ],
      unchangedTables: { count: 1, rows: 2 },
    });
    expect(await whole()).toEqual(before);
  });
});

function inTarget(): SmallProject {
  const small = smallProject();
  small.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: {
      staging: { rehearse: 'in-target', targets: { app: { d1: 'app' } }, timeouts: { connect: '200ms' } },
    },
  });
  return { ...small, env: { ...small.env, ...server.env } };
}

const dryRun = () => carryOut(project, { kind: 'dry-run', environment: 'staging', selection });

const deploy = () => carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });

function evidenceIn(events: readonly RunEvent[]): Evidence | undefined {
  return events.flatMap((event) =>
    event.kind === 'step-finished' && event.evidence ? [event.evidence] : [],
  )[0];
}

/** Everything that is in the database: its objects, and the rows of every table. */
async function whole(): Promise<unknown> {
  const objects = await database.run(
    "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name",
  );
  const rows: Record<string, unknown> = {};
  for (const { type, name } of objects) {
    if (type === 'table') rows[String(name)] = await database.run(`SELECT * FROM "${String(name)}"`);
  }
  return { objects, rows };
}
