import { render, type Instance } from 'ink';
import { resolve as resolvePath } from 'node:path';
import { performance } from 'node:perf_hooks';
import { placeFlags } from '../lib/command-line.ts';
import { signsFor } from '../lib/signs.ts';
import type { ExitCode } from '../lib/errors.ts';
import { AppView, type Lend } from './app.tsx';
import { App } from './app/app.ts';
import type { Client } from './client/client.ts';
import { openCommandLine } from './client/command-line.ts';
import type { ScreenOptions } from './screen-options.ts';
import { remember, remembered } from './app/remembered.ts';
import { afterwards } from './app/afterwards.ts';
import { openKeyboard, type Keyboard } from './keyboard/keyboard.ts';
import { openTerminal } from './terminal.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

export { runAccessible } from './accessible/main.ts';

/**
 * Shows the screen until the person leaves it, then prints what was done on the main screen.
 * The terminal is given back as it was after q, ctrl-c, SIGTERM, SIGHUP, and when something throws.
 *
 * @returns the exit code of the last change that was started here, 0 without one
 */
export async function runScreen(options: ScreenOptions): Promise<ExitCode> {
  const { promise, resolve } = Promise.withResolvers<End>();
  keepYoungGenerationSmall();
  using client = openCommandLine(options);
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
  if (end.kind === 'project') {
    return runScreen({ ...options, project: resolvePath(options.cwd, end.directory), config: undefined });
  }
  return end.kind === 'signal' ? 130 : exitCode;
}

type End =
  | { readonly kind: 'quit' }
  | { readonly kind: 'project'; readonly directory: string }
  | { readonly kind: 'signal' }
  | { readonly kind: 'crashed'; readonly error: unknown };

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
    place: placeFlags(options),
    memory: {
      read: (root) => remembered(root, env),
      write: (root, view) => remember(root, env, view),
    },
    onQuit: () => onEnd({ kind: 'quit' }),
    onProject: (directory) => onEnd({ kind: 'project', directory }),
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
  // A held key comes about thirty times a second; at 30 frames it would wait for the next one each time.
  maxFps: 60,
} as const;

async function close(ink: Instance, keyboard: Keyboard, stopListening: () => void): Promise<void> {
  stopListening();
  keyboard.pause();
  ink.unmount();
  // Its own last words, or why it crashed, are told elsewhere.
  await ink.waitUntilExit().catch(ignore);
}
