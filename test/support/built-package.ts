import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kept = join(root, 'node_modules/.cache/migrate-tui-built');

/**
 * The package as it is shipped, built from the source as it is now and apart from `dist/`, so that tests of
 * the real program neither meet a stale build nor disturb another. The same source is built once.
 *
 * @returns the package's folder; its `bin/migrate-tui.js` is the program
 */
export async function builtPackage(): Promise<string> {
  const folder = join(kept, hashOfSource());
  if (existsSync(folder)) return folder;
  await mkdir(kept, { recursive: true });
  const building = await mkdtemp(join(kept, 'building-'));
  for (const part of [
    'src',
    'scripts',
    'bin',
    'migrations',
    'package.json',
    'tsconfig.json',
    'tsconfig.types.json',
  ]) {
    await cp(join(root, part), join(building, part), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(building, 'node_modules'));
  await promisify(execFile)(process.execPath, [join(building, 'scripts/build.js')], { cwd: building });
  try {
    await rename(building, folder);
  } catch {
    // Another test file was faster: its build is of the same source.
    await rm(building, { recursive: true, force: true });
  }
  return folder;
}

function hashOfSource(): string {
  const hash = createHash('sha256');
  const files = globSync('{src,scripts,bin,migrations}/**/*.*', { cwd: root }).toSorted();
  for (const file of [...files, 'package-lock.json']) {
    hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The program of the package that `builtPackage` gave. */
export function programOf(folder: string): string {
  return join(dirname(join(folder, 'package.json')), 'bin', 'migrate-tui.js');
}
