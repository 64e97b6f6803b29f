import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sha256 as sha256Of } from '../../src/lib/hash.ts';
import type { Failing } from './failing.ts';
import { filesHolding } from './files-holding.ts';

/** Puts keys into the project's `.env`; the first of them is for new backups. */
export function useKeys(
  { project }: Failing,
  keys: Readonly<Record<string, string>>,
  named: readonly string[] = Object.keys(keys),
): void {
  const lines = Object.entries(keys).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(project.root, '.env'), lines.join(''));
  const references = named.map((name) => `env:${name}`);
  const [only = ''] = references;
  project.configure({
    backups: references.length === 0 ? {} : { key: references.length === 1 ? only : references },
  });
}

/** Neither backups nor scratch nor records: only the project's own database and files have the words. */
export async function holdsNothingOf(staging: Failing, words: readonly string[]): Promise<void> {
  expect(await filesHolding(stateOf(staging), words, { passing: () => false })).toEqual([]);
  const records = join(staging.project.root, '.migrate-tui');
  expect(await filesHolding(records, words, { passing: () => false })).toEqual([]);
}

interface Manifest {
  readonly databases: readonly { sha256: string; readonly encrypted: { readonly key: string } }[];
}

function manifestOf(staging: Failing, id: string): Manifest {
  return JSON.parse(readFileSync(join(backupsOf(staging), id, 'manifest.json'), 'utf8'));
}

export function fingerprintOf(staging: Failing, id: string): string {
  return manifestOf(staging, id).databases[0]?.encrypted.key ?? '';
}

export function fitChecksum(staging: Failing, id: string, content: Buffer): void {
  const { databases, ...rest } = manifestOf(staging, id);
  const sha256 = sha256Of(content);
  writeFileSync(
    join(backupsOf(staging), id, 'manifest.json'),
    JSON.stringify({
      ...rest,
      databases: databases.map((one) => ({ ...one, sha256, bytes: content.length })),
    }),
  );
}

export function backupsOf(staging: Failing): string {
  const [folder = ''] = globSync('migrate-tui/*/backups', { cwd: stateOf(staging) });
  return join(stateOf(staging), folder);
}

export function stateOf({ project }: Failing): string {
  return project.env['XDG_STATE_HOME'] ?? '';
}
