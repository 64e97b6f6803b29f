import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MigrateError, type ExitCode } from '../lib/errors.ts';
import { packageRoot } from '../lib/package-root.ts';
import { commandNamed } from './commands.ts';
import { isBuildMachine } from '../lib/build-machine.ts';
import type { Invocation } from './invocation.ts';
import { wantsColour } from './output/style.ts';

type Here = Omit<Invocation, 'command'>;

/** No command: the screen on a terminal, status where nobody looks at one. */
export async function openScreenOrStatus(here: Here): Promise<ExitCode> {
  if (hasScreen(here)) return openScreen(here, {});
  const command = commandNamed('status');
  if (command === undefined) throw new Error('The table has no status.');
  const { handle } = await import('./handlers/status.ts');
  return handle({ ...here, command });
}

function hasScreen({ output, env }: Here): boolean {
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  return terminal && output.format === 'text' && !isBuildMachine(env) && env['TERM'] !== 'dumb';
}

/** What `dist/tui.js` exports. */
interface ScreenBundle {
  readonly runScreen: (options: ScreenOptions) => Promise<ExitCode>;
  readonly runAccessible: (options: ScreenOptions) => Promise<ExitCode>;
}

/** What the screen is told; it asks the command line, with the same flags, for everything else. */
interface ScreenOptions {
  readonly cwd: string;
  /** `--project DIR` */
  readonly project: string | undefined;
  /** `--config F` */
  readonly config: string | undefined;
  readonly ascii: 'asked' | 'as-fits';
  readonly colour: 'never' | 'as-fits';
  readonly showValues: 'show' | 'hide';
}

/** Opens the full screen, or its linear form with `--accessible`; ends when the person leaves. */
export async function openScreen(here: Here, { project }: { readonly project?: string }): Promise<ExitCode> {
  const { given, env, cwd } = here;
  const colour = given.has('no-color') || !wantsColour(env, { isTTY: true }) ? 'never' : 'as-fits';
  // What draws the screen knows FORCE_COLOR only, and reads it while it is loaded.
  if (colour === 'never') process.env['FORCE_COLOR'] = '0';
  const { runScreen, runAccessible } = await loadScreen();
  const options: ScreenOptions = {
    cwd,
    project: project ?? given.value('project'),
    config: given.value('config'),
    ascii: given.has('ascii') ? 'asked' : 'as-fits',
    colour,
    showValues: given.has('show-values') ? 'show' : 'hide',
  };
  const accessible = given.has('accessible') || isOn(env['ACCESSIBLE']);
  return accessible ? runAccessible(options) : runScreen(options);
}

async function loadScreen(): Promise<ScreenBundle> {
  const file = join(packageRoot(), 'dist', 'tui.js');
  if (!existsSync(file)) {
    throw new MigrateError('config', `The screen is not built: ${file} is missing.`, {
      next: 'In a clone, "npm run build" builds it.',
    });
  }
  // The layout engine's loader asks `fetch` for its own bytes, which makes Node load a whole HTTP client;
  // where there is no `fetch` it decodes them itself, and the first frame comes much sooner.
  const { fetch } = globalThis;
  try {
    Reflect.set(globalThis, 'fetch', undefined);
    return await import(pathToFileURL(file).href);
  } finally {
    globalThis.fetch = fetch;
  }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
