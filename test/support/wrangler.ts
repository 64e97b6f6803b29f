import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { miniflarePath } from '../../src/project/miniflare-path.ts';
import { packageRoot } from '../../src/lib/package-root.ts';

export interface WranglerRun {
  readonly exitCode: number;
  /** What it printed on both, without colours. */
  readonly output: string;
}

/** Runs the real wrangler in a project's folder, without questions, statistics or colours. */
export async function wrangler(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<WranglerRun> {
  const program = join(packageRoot(), 'node_modules/wrangler/bin/wrangler.js');
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], {
      cwd: folder,
      env: { ...quiet, PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    });
    return { exitCode: 0, output: `${stdout}${stderr}` };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') {
      const text = (of: string) => (of in error ? String(Reflect.get(error, of)) : '');
      return { exitCode: error.code, output: `${text('stdout')}${text('stderr')}` };
    }
    throw error;
  }
}

const quiet = {
  CI: '1',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_LOG_PATH: '.wrangler/logs',
};

/** The file in which wrangler keeps a database of a project locally. */
export function localFile(folder: string, id: string): string {
  return miniflarePath(join(folder, '.wrangler', 'state'), id);
}
