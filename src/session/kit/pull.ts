import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { portablePath } from '../../lib/portable-path.ts';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Workspace } from '../workspace.ts';
import { kitAddress } from './credentials.ts';
import { folderFiles } from './folder-files.ts';
import { kitFailure } from '../../runs/kit/failure.ts';
import { kitNeededFor } from './kit-of.ts';
import { oneTarget } from './one-database.ts';
import { keepTables } from './keep-tables.ts';

export interface WantedPull {
  readonly environment: string;
  readonly database: string | undefined;
  /** Whether a schema file that is there may become another text. */
  readonly consent: 'given' | 'not-given';
  readonly signal: AbortSignal | undefined;
}

export interface Pull {
  readonly environment: string;
  readonly database: string;
  readonly tool: string;
  /** Relative to the project. */
  readonly written: readonly { readonly file: string; readonly how: 'made' | 'changed' }[];
  /** The tag of a first migration, where the folder had none. */
  readonly first: 'made' | 'not-made';
}

/**
 * Has the project's own drizzle-kit write schema code for what a database has. It writes into a folder of ours first, so
 * that nothing is replaced unasked and a folder that has migrations gets none that begins anew.
 *
 * @throws MigrateError `refused` where a file would become another text
 */
export async function pull(workspace: Workspace, wanted: WantedPull): Promise<Pull> {
  const { root } = workspace.project;
  const environment = workspace.environment(wanted.environment);
  const target = oneTarget(workspace, environment, wanted.database);
  const { directory } = target.database;
  const { signal } = wanted;
  const kit = await kitNeededFor(workspace, target.database, { environment: environment.name, signal });
  const { credentials, instead } = await kitAddress(target.target, environment, signal);
  refuseMissing(target.target);
  await mkdir(workspace.places.scratch, { recursive: true, mode: 0o700 });
  const made = await mkdtemp(join(workspace.places.scratch, 'pull-'));
  try {
    const said = await kit.run({
      command: ['pull'],
      credentials,
      instead: { ...instead, ...keepTables(kit.tool, kit.config, target) },
      out: relative(kit.config.folder, made),
      environment: environment.name,
      access: 'read',
      signal,
    });
    if (!existsSync(join(made, 'schema.ts'))) throw kitFailure('pull', said, { root });
    const first = (await hasMigrations(directory)) ? 'not-made' : 'made';
    const files = await toWrite({ made, directory, first });
    refuseReplaced(files, wanted, root);
    for (const { from, to } of files) {
      await mkdir(dirname(to), { recursive: true });
      await cp(from, to);
    }
    return {
      environment: environment.name,
      database: target.database.name,
      tool: `drizzle-kit ${kit.tool.version}`,
      written: files.map(({ to, how }) => ({ file: portablePath(root, to), how })),
      first,
    };
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** drizzle-kit would make an empty file in its place. */
function refuseMissing({ address, environment }: Parameters<typeof kitAddress>[0]): void {
  const path = 'path' in address ? address.path : 'folder' in address ? address.folder : undefined;
  if (path === undefined || existsSync(path)) return;
  throw new MigrateError('not-found', `${path} does not exist, so ${environment} has nothing to pull.`, {
    next: `migrate-tui deploy ${environment} makes it from the migrations.`,
  });
}

async function hasMigrations(directory: string): Promise<boolean> {
  return [...(await folderFiles(directory)).keys()].some((file) => file.endsWith('.sql'));
}

interface PulledFile {
  readonly from: string;
  readonly to: string;
  readonly how: 'made' | 'changed';
}

async function toWrite({
  made,
  directory,
  first,
}: {
  readonly made: string;
  readonly directory: string;
  readonly first: 'made' | 'not-made';
}): Promise<readonly PulledFile[]> {
  const files: PulledFile[] = [];
  for (const from of (await folderFiles(made)).keys()) {
    const name = relative(made, from);
    if (first === 'not-made' && name !== 'schema.ts' && name !== 'relations.ts') continue;
    const to = join(directory, name);
    const same = existsSync(to) && (await readFile(to)).equals(await readFile(from));
    if (!same) files.push({ from, to, how: existsSync(to) ? 'changed' : 'made' });
  }
  return files;
}

function refuseReplaced(
  files: readonly PulledFile[],
  { environment, consent }: WantedPull,
  root: string,
): void {
  const replaced = files.filter(({ how }) => how === 'changed').map(({ to }) => portablePath(root, to));
  if (consent === 'given' || replaced.length === 0) return;
  throw new MigrateError(
    'refused',
    `${replaced.join(' and ')} would become another text. Nothing was written.`,
    {
      next: `Commit or move it first, then run: migrate-tui pull ${environment} --yes`,
    },
  );
}
