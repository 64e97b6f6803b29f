import { render, type Instance } from 'ink';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { signsFor } from '../lib/signs.ts';
import type { ExitCode } from '../lib/errors.ts';
import { packageRoot } from '../lib/package-root.ts';
import { AppView, type Lend } from './app.tsx';
import { App } from './app/app.ts';
import { openClient, type Client } from './client/client.ts';
import { afterwards } from './app/afterwards.ts';
import { openKeyboard, type Keyboard } from './keyboard/keyboard.ts';
import { openTerminal } from './terminal.ts';

export { runAccessible } from './accessible/main.ts';

/** What the command line tells the screen; for everything else the screen asks the command line. */
export interface ScreenOptions {
  readonly cwd: string;
  /** `--project DIR` */
  readonly project: string | undefined;
  /** `--config F` */
  readonly config: string | undefined;
  readonly ascii: 'asked' | 'as-fits';
  /** `never`: FORCE_COLOR=0 was set before this file was loaded. */
  readonly colour: 'never' | 'as-fits';
  readonly showValues: 'show' | 'hide';
}

/**
 * Shows the screen until the person leaves it, then prints what was done on the main screen.
 * The terminal is given back as it was after q, ctrl-c, SIGTERM, SIGHUP, and when something throws.
 *
 * @returns the exit code of the last change that was started here, 0 without one
 */
export async function runScreen(options: ScreenOptions): Promise<ExitCode> {
  const { promise, resolve } = Promise.withResolvers<End>();
  using client = openClientFor(options);
  using signals = listenForSignals(resolve);
  const { app, close } = show(options, client, resolve);
  const end = await promise;
  if (end.kind === 'signal') app.stopRuns();
  await close();
  signals[Symbol.dispose]();
  const { text, exitCode } = afterwards(app.store.get(), signsFor(process.env, options));
  app[Symbol.dispose]();
  if (text !== '') process.stdout.write(`${text}\n`);
  if (end.kind === 'crashed') throw end.error;
  return end.kind === 'signal' ? 130 : exitCode;
}

type End =
  | { readonly kind: 'quit' }
  | { readonly kind: 'signal' }
  | { readonly kind: 'crashed'; readonly error: unknown };

function openClientFor({ cwd, project, config, showValues }: ScreenOptions): Client {
  return openClient({
    command: [process.execPath, join(packageRoot(), 'bin', 'migrate-tui.js')],
    flags: [
      ...(project === undefined ? [] : ['--project', project]),
      ...(config === undefined ? [] : ['--config', config]),
      ...(showValues === 'show' ? ['--show-values'] : []),
    ],
    cwd,
    env: process.env,
  });
}

/** Our own, so that runs are told before the screen goes; whoever listens also has to end the program. */
function listenForSignals(onEnd: (end: End) => void): Disposable {
  const onSignal = (): void => onEnd({ kind: 'signal' });
  const onCrash = (error: unknown): void => onEnd({ kind: 'crashed', error });
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  // A terminal that is gone takes no more text; that is no crash.
  process.stdout.on('error', ignore);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
    },
  };
}

function ignore(): void {
  // Nothing can be said to a terminal that is gone.
}

function show(
  options: ScreenOptions,
  client: Client,
  onEnd: (end: End) => void,
): { readonly app: App; readonly close: () => Promise<void> } {
  const { stdout, stdin, env } = process;
  let lendInk: Lend | undefined;
  const lend = async (use: () => Promise<void>): Promise<void> => {
    keyboard.pause();
    await lendInk?.(use);
    keyboard.resume();
  };
  const app = new App({
    client,
    terminal: openTerminal({ stdout, cwd: options.project ?? options.cwd, env, lend }),
    now: Date.now,
    motion: env['REDUCED_MOTION'] ? 'reduced' : 'full',
    onQuit: () => onEnd({ kind: 'quit' }),
  });
  const keyboard = openKeyboard({
    source: stdin,
    write: (text) => stdout.write(text),
    onInputs: (inputs) => app.input(inputs),
    clock: () => performance.now(),
  });
  const onResize = (): void => app.resized();
  stdout.on('resize', onResize);
  app.start();
  const view = (
    <AppView store={app.store} signs={signsFor(env, options)} onLend={(found) => (lendInk = found)} />
  );
  const ink = render(view, inkOptions);
  keyboard.resume();
  ink.waitUntilExit().catch((error: unknown) => onEnd({ kind: 'crashed', error }));
  return { app, close: () => close(ink, keyboard, () => stdout.off('resize', onResize)) };
}

/** Ink draws, and nothing else: keys, signals and the console are not its. */
const inkOptions = {
  alternateScreen: true,
  incrementalRendering: true,
  exitOnCtrlC: false,
  patchConsole: false,
  maxFps: 30,
} as const;

async function close(ink: Instance, keyboard: Keyboard, stopListening: () => void): Promise<void> {
  stopListening();
  keyboard.pause();
  ink.unmount();
  // Its own last words, or why it crashed, are told elsewhere.
  await ink.waitUntilExit().catch(ignore);
}
