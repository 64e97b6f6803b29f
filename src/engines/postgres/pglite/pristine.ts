import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { rename, rm } from '../../../lib/patient-fs.ts';
import { parseJson } from '../../../lib/json.ts';
import type { Pglite } from './package.ts';

/**
 * A database as PGlite makes it when there is none: to make one takes four times as long as to start from this. It is
 * kept in the user's cache for each version of PGlite, and holds nothing of anybody.
 *
 * @param main the path of PGlite's main module
 * @returns undefined when none was kept, or what was kept is damaged
 */
export async function keptPristine(main: string): Promise<Blob | undefined> {
  const folder = cacheFolder();
  const version = await versionOf(main);
  if (folder === undefined || version === undefined) return undefined;
  const names = await readdir(folder).catch(() => []);
  const name = names.find((one) => one.startsWith(`pglite-${version}-`) && one.endsWith(ending));
  if (name === undefined) return undefined;
  const bytes = await readFile(join(folder, name)).catch(() => undefined);
  if (bytes && name === nameFor(version, bytes)) return new Blob([bytes], { type: 'application/x-gzip' });
  await rm(join(folder, name), { force: true }).catch(() => undefined);
  return undefined;
}

/** Keeps what has just been made, before anything is in it. Where it cannot be kept, the next start is as long. */
export async function keepPristine(main: string, made: Pglite): Promise<void> {
  const folder = cacheFolder();
  const version = await versionOf(main);
  if (folder === undefined || version === undefined) return;
  try {
    const bytes = new Uint8Array(await (await made.dumpDataDir('gzip')).arrayBuffer());
    await mkdir(folder, { recursive: true });
    const half = join(folder, `.pglite-${randomBytes(4).toString('hex')}`);
    await writeFile(half, bytes, { mode: 0o600 });
    await rename(half, join(folder, nameFor(version, bytes)));
  } catch {
    // The database itself is there.
  }
}

/** As for the compiled code: where there is no folder for caches, none is made. */
function cacheFolder(): string | undefined {
  const named = process.env['XDG_CACHE_HOME'];
  const base = named && isAbsolute(named) ? named : join(homedir(), '.cache');
  return existsSync(base) ? join(base, 'migrate-tui') : undefined;
}

async function versionOf(main: string): Promise<string | undefined> {
  const text = await readFile(join(dirname(dirname(main)), 'package.json'), 'utf8').catch(() => '');
  const read = parseJson(text);
  const described = read.kind === 'read' ? read.value : undefined;
  if (typeof described !== 'object' || described === null || !('version' in described)) return undefined;
  const { version } = described;
  return typeof version === 'string' && /^[\w.+-]+$/.test(version) ? version : undefined;
}

/** The digest in the name shows whether the file is whole. */
function nameFor(version: string, bytes: Uint8Array): string {
  return `pglite-${version}-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}${ending}`;
}

const ending = '.tar.gz';
