import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Consent } from '../../src/operations/change.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import type { SquashReport, SquashRequest } from '../../src/operations/squash/report.ts';
import { carryOut, consent, selection, sessionOn } from './in-process.ts';
import type { SmallProject } from './small-project.ts';

type Place = Pick<SmallProject, 'root' | 'env'>;

/** Of the whole history, without consent unless it is given. */
export function squashRequest(given: Partial<SquashRequest> = {}): SquashRequest {
  return {
    what: 'squash',
    database: undefined,
    to: undefined,
    leaveOut: [],
    accepted: [],
    consent: 'not-given',
    ...given,
  };
}

export async function squashIn(project: Place, request: Partial<SquashRequest> = {}): Promise<SquashReport> {
  await using session = await sessionOn(project);
  return await session.squash(squashRequest(request));
}

/** Deploys an environment up to a migration, or all of it. */
export async function deployIn(project: Place, environment: string, to?: string): Promise<void> {
  const events = await carryOut(project, {
    kind: 'deploy',
    environment,
    selection: { ...selection, to },
    consent: { ...consent, confirm: { environment, hash: undefined } },
  });
  expect(events.at(-1)).toMatchObject({ kind: 'done' });
}

export async function tidyIn(
  project: Place,
  environment: string,
  given: Consent = consent,
): Promise<RunEvent | undefined> {
  const events = await carryOut(project, { kind: 'tidy', environment, database: undefined, consent: given });
  return events.at(-1);
}

/** Adds a migration to a folder of Drizzle 0.x as drizzle-kit does: behind what the journal has. */
export function addAfter({ root }: Place, tag: string, sql: string): void {
  const folder = join(root, 'drizzle');
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
