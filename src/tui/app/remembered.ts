import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../lib/json.ts';
import { stateFolderOf } from '../../lib/state-folder.ts';
import { isRecord } from '../client/error.ts';
import type { RememberedView } from '../screen.ts';

/** What the last look at a project left behind. Never a secret, never that anything may be written. */
export function remembered(root: string, env: Env): RememberedView | undefined {
  try {
    const json = parseJson(readFileSync(fileOf(root, env), 'utf8'));
    return json.kind === 'read' ? viewOf(json.value) : undefined;
  } catch {
    // Not there, or not ours: then this is a first look.
    return undefined;
  }
}

/** Keeps it for the next look. A disk that does not take it spoils nothing but that. */
export function remember(root: string, env: Env, view: RememberedView): void {
  const file = fileOf(root, env);
  try {
    mkdirSync(stateFolderOf(root, env), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, `${JSON.stringify({ schemaVersion: 1, ...view })}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // The person is leaving, and what they see next is only less where they left it.
  }
}

type Env = Readonly<Record<string, string | undefined>>;

function fileOf(root: string, env: Env): string {
  return join(stateFolderOf(root, env), 'screen.json');
}

function viewOf(value: unknown): RememberedView | undefined {
  if (!isRecord(value)) return undefined;
  const { database, environment, shows, row } = value;
  return {
    database: typeof database === 'string' ? database : undefined,
    environment: typeof environment === 'string' ? environment : undefined,
    shows: shows === 'all' ? 'all' : 'exceptions',
    row: typeof row === 'string' ? row : '',
  };
}
