import { spawn, type IPty } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { cleanEnvironment } from './measure.ts';

/** A program in a pseudo-terminal, with the screen as a person would see it. */
export interface Screen extends Disposable {
  /** Milliseconds from the start of the program until the screen fulfils the condition. */
  until(condition: (text: string) => boolean, what: string): Promise<number>;
  /** Types and waits for the next change of the screen; milliseconds between the two. */
  press(keys: string): Promise<number>;
  write(keys: string): void;
  /** Resolves when nothing was drawn for so many milliseconds. */
  quiet(milliseconds: number): Promise<void>;
  text(): string;
  readonly pid: number;
}

export interface ScreenOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const patience = 30_000;

export function openScreen(command: readonly string[], options: ScreenOptions): Screen {
  const { cwd, columns: cols = 120, rows = 36, env = {} } = options;
  const [file = '', ...args] = command;
  const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  const begun = performance.now();
  const pty: IPty = spawn(file, args, {
    cwd,
    cols,
    rows,
    name: 'xterm-256color',
    env: { ...cleanEnvironment(), ...env },
  });
  const listeners = new Set<() => void>();
  let exited = false;
  pty.onData((data) => terminal.write(data, () => listeners.forEach((listener) => listener())));
  terminal.onData((answer) => pty.write(answer));
  pty.onExit(() => (exited = true));

  const next = (fulfilled: () => boolean, what: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const give = () => new Error(`Waited ${patience / 1000} s for ${what}; the screen shows:\n${text()}`);
    const timer = setTimeout(() => (listeners.delete(look), reject(give())), patience);
    const look = () => {
      if (!fulfilled()) return;
      clearTimeout(timer);
      listeners.delete(look);
      resolve(performance.now());
    };
    listeners.add(look);
    return promise;
  };
  const text = () => {
    const { active } = terminal.buffer;
    const lines = Array.from({ length: rows }, (_, row) =>
      active.getLine(active.viewportY + row)?.translateToString(true),
    );
    return lines.join('\n');
  };
  return {
    pid: pty.pid,
    text,
    until: async (condition, what) => {
      if (condition(text())) return performance.now() - begun;
      return (await next(() => condition(text()), what)) - begun;
    },
    press: async (keys) => {
      const at = performance.now();
      const changed = next(() => true, `an answer to ${JSON.stringify(keys)}`);
      pty.write(keys);
      return (await changed) - at;
    },
    write: (keys) => pty.write(keys),
    quiet: async (milliseconds) => {
      let last = performance.now();
      const heard = () => (last = performance.now());
      listeners.add(heard);
      while (performance.now() - last < milliseconds) await new Promise((resolve) => setTimeout(resolve, 10));
      listeners.delete(heard);
    },
    [Symbol.dispose]: () => {
      if (!exited) pty.kill('SIGKILL');
      terminal.dispose();
    },
  };
}
