import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { D1Server } from './d1-server.ts';
import { program } from './program.ts';
import { wrangler } from './wrangler.ts';

/** A wrangler project in a folder of its own, for the built program and for the real wrangler. */
export interface D1Project extends AsyncDisposable {
  readonly root: string;
  /** Where the program keeps what is not the project's. */
  readonly home: string;
  /** For our program. */
  readonly env: Readonly<Record<string, string>>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs our program to its end, with `--json`. */
  ours(...args: readonly string[]): ReturnType<typeof program>;
  /** Runs the real drizzle-kit; the project then has our packages. */
  kit(...args: readonly string[]): Promise<void>;
  /** Runs `wrangler d1 …` and gives what it printed; throws when it fails. */
  wrangler(...args: readonly string[]): Promise<string>;
}

/** @param files paths below the project and their content */
export async function d1Project(
  files: Readonly<Record<string, string>>,
  options: D1ProjectOptions = {},
): Promise<D1Project> {
  const folder = await mkdtemp(join(tmpdir(), 'migrate-tui-d1-'));
  const [home, top] = [join(folder, 'home'), join(folder, 'project')];
  const root = join(top, options.below ?? '');
  await mkdir(join(top, '.git'), { recursive: true });
  await mkdir(home);
  const folders = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') };
  const env = { ...(options.env ?? options.server?.env), ...folders };
  const write: D1Project['write'] = async (more) => {
    for (const [name, content] of Object.entries(more)) {
      const path = join(top, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  };
  await write(files);
  return {
    root,
    home,
    env,
    write,
    ours: (...args) => program([...args, '--json'], { cwd: root, env }),
    kit: async (...args) => {
      if (!existsSync(join(top, 'node_modules'))) await symlink(modules, join(top, 'node_modules'));
      await promisify(execFile)(process.execPath, [join(modules, 'drizzle-kit/bin.cjs'), ...args], {
        cwd: root,
      });
    },
    wrangler: async (...args) => {
      const { exitCode, output } = await wrangler(root, ['d1', ...args], {
        ...options.server?.env,
        HOME: home,
      });
      if (exitCode !== 0) throw new Error(`wrangler d1 ${args.join(' ')}: ${output}`);
      return output;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const modules = join(packageRoot(), 'node_modules');

export interface D1ProjectOptions {
  readonly server?: D1Server;
  /** For our program, instead of the variables that wrangler gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder inside it in which commands are run: `apps/worker`. */
  readonly below?: string;
}
