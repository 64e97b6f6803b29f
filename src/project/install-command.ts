import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What installs a package for development, in the words of the package manager whose lock file is nearest. */
export function installCommand(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'pnpm-lock.yaml'))) return 'pnpm add -D';
    if (existsSync(join(at, 'yarn.lock'))) return 'yarn add -D';
    if (existsSync(join(at, 'bun.lock')) || existsSync(join(at, 'bun.lockb'))) return 'bun add -d';
    if (existsSync(join(at, 'package-lock.json')) || dirname(at) === at) return 'npm install --save-dev';
  }
}
