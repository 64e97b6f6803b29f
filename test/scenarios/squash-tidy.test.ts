import { createClient } from '@libsql/client';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Consent } from '../../src/operations/change.ts';
import type { SquashReport, SquashRequest } from '../../src/operations/squash-report.ts';
import { drizzleLines } from '../support/drizzle-lines.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let project: SmallProject;
beforeEach(() => {
  project = smallProject();
  project.add('0002_green', ["INSERT INTO teams (name) VALUES ('green');"]);
});
afterEach(() => project[Symbol.dispose]());

describe('tidying records of Drizzle 0.x after a squash', () => {
  test('leaves what a database made from the one file has, and drizzle-orm goes on from it', async () => {
    await deploy('local');
    await squash({ consent: 'given' });
    await deploy('staging');
    expect(await tidy('local')).toMatchObject({
      kind: 'done',
      backup: 'b1',
      message:
        'local is tidied: 3 records became 1, as in a database made from the one file; no migration was run.',
    });
    expect(await records('local')).toEqual(await records('staging'));
    expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 1, pending: 0 });
    await migrate('local');
    expect(await records('local')).toHaveLength(1);
    addAfter('0003_blue', 'ALTER TABLE teams ADD colour text;');
    await migrate('local');
    await deploy('staging');
    expect(await records('local')).toEqual(await records('staging'));
    expect((await statusIn(project, 'local')).state).toEqual(['current']);
    expect(await tidy('local')).toMatchObject({ kind: 'done', message: /^Nothing to tidy/ });
  });
});

async function deploy(environment: string, to?: string): Promise<void> {
  const events = await carryOut(project, {
    kind: 'deploy',
    environment,
    selection: { ...selection, to },
    consent: { ...consent, confirm: { environment, hash: undefined } },
  });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
}

async function tidy(environment: string, given: Consent = consent) {
  const events = await carryOut(project, { kind: 'tidy', environment, database: undefined, consent: given });
  return events.at(-1);
}

async function squash(request: Partial<SquashRequest>): Promise<SquashReport> {
  await using session = await sessionOn(project);
  return await session.squash({
    what: 'squash',
    database: undefined,
    to: undefined,
    leaveOut: [],
    accepted: [],
    consent: 'not-given',
    ...request,
  });
}

/** drizzle-orm's own. */
async function migrate(name: string): Promise<void> {
  const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
  try {
    await drizzleLines['drizzle-0'].migrate(client, join(project.root, 'drizzle'));
  } finally {
    client.close();
  }
}

async function records(name: string): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${join(project.root, `${name}.db`)}` });
  try {
    const { rows } = await client.execute(
      'SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at',
    );
    return rows.map((row) => Object.values(row));
  } finally {
    client.close();
  }
}

/** As drizzle-kit adds one: behind what the journal has. */
function addAfter(tag: string, sql: string): void {
  const folder = join(project.root, 'drizzle');
  const file = join(folder, 'meta', '_journal.json');
  const journal: { entries: { idx: number; when: number }[] } = JSON.parse(readFileSync(file, 'utf8'));
  const last = journal.entries.at(-1);
  const entry = {
    idx: (last?.idx ?? -1) + 1,
    version: '6',
    when: (last?.when ?? 0) + 1000,
    tag,
    breakpoints: true,
  };
  writeFileSync(file, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }));
  writeFileSync(join(folder, `${tag}.sql`), sql);
}
