import * as pty from '@lydell/node-pty';
import xterm from '@xterm/headless';

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
  readonly rows?: number;
}

interface Look {
  readonly colour: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
}

/** A program in a real pseudo-terminal, and its screen as a person would see it. */
export class TestTerminal implements AsyncDisposable {
  readonly pid: number;
  readonly #process: pty.IPty;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #waiting = new Set<() => void>();
  readonly #exit = Promise.withResolvers<{
    readonly exitCode: number;
    readonly signal: number | undefined;
  }>();
  #ended: 'running' | 'ended' = 'running';
  /** Everything that was written, byte for byte. */
  raw = '';

  constructor(program: string, args: readonly string[], options: TerminalOptions) {
    const { cwd, env, columns = 120, rows = 36 } = options;
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#process = pty.spawn(program, [...args], {
      cwd,
      cols: columns,
      rows,
      name: 'xterm-256color',
      env: plainEnvironment(env),
    });
    this.pid = this.#process.pid;
    this.#process.onData((data) => {
      this.raw += data;
      this.#screen.write(data, () => this.#changed());
    });
    // What the terminal answers by itself goes back to the program.
    this.#screen.onData((data) => this.#process.write(data));
    this.#process.onExit(({ exitCode, signal }) => {
      this.#ended = 'ended';
      this.#screen.write('', () => {
        this.#exit.resolve({ exitCode, signal });
        this.#changed();
      });
    });
  }

  /** Sends bytes in one write, so that they are one read. */
  type(text: string): void {
    this.#process.write(text);
  }

  /**
   * Sends keys one by one, each after the program had the time to read the one before. On a busy machine several may
   * come in one read all the same, and esc with a key is alt and that key: wait for what esc does.
   */
  async press(...keys: readonly string[]): Promise<void> {
    if (keys.slice(0, -1).includes('esc')) throw new Error('Wait for what esc does before the next key.');
    for (const key of keys) {
      this.#process.write(bytesOf(key));
      await new Promise((resolve) => setTimeout(resolve, 45));
    }
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.#process.resize(columns, rows);
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** The rows of the screen, without the spaces at their ends. */
  text(): string {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_one, row) =>
      // Cells beyond a window that became narrower are kept, but nobody sees them.
      (active.getLine(active.baseY + row)?.translateToString(true, 0, this.#screen.cols) ?? '').trimEnd(),
    ).join('\n');
  }

  /** How a text looks where it stands first: the number of its colour in the terminal's palette, and its weights. */
  lookOf(wanted: string): Look | undefined {
    const { active } = this.#screen.buffer;
    const rows = this.text().split('\n');
    const row = rows.findIndex((text) => text.includes(wanted));
    const cell = active.getLine(active.baseY + row)?.getCell(rows[row]?.indexOf(wanted) ?? 0);
    return (
      cell && {
        colour: cell.isFgDefault() ? undefined : cell.getFgColor(),
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
        inverse: cell.isInverse() !== 0,
      }
    );
  }

  /** `normal` once the alternate screen was left. */
  get buffer(): 'normal' | 'alternate' {
    return this.#screen.buffer.active.type;
  }

  get cursorHidden(): boolean {
    return this.raw.lastIndexOf('\u001B[?25l') > this.raw.lastIndexOf('\u001B[?25h');
  }

  get bracketedPaste(): boolean {
    return this.#screen.modes.bracketedPasteMode;
  }

  /** Waits until the screen shows a text. The screen as it is then stands in the error when it never does. */
  async shows(wanted: string | RegExp): Promise<string> {
    return this.until(`it shows ${String(wanted)}`, (text) =>
      typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text),
    );
  }

  async until(what: string, fits: (text: string) => boolean): Promise<string> {
    const limit = AbortSignal.timeout(80_000);
    for (;;) {
      const text = this.text();
      if (fits(text)) return text;
      if (limit.aborted || this.#ended === 'ended') throw new Error(`Never came: ${what}.\n${text}`);
      await this.#change(limit);
    }
  }

  /** Waits for the end of the program. */
  async ended(): Promise<{ readonly exitCode: number; readonly signal: number | undefined }> {
    return this.#exit.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended === 'running') this.#process.kill('SIGKILL');
    await this.#exit.promise;
    this.#screen.dispose();
  }

  async #change(limit: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        limit.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      limit.addEventListener('abort', done);
    });
  }

  #changed(): void {
    for (const waiting of this.#waiting) waiting();
  }
}

const named: Readonly<Record<string, string>> = {
  enter: '\r',
  esc: '\u001B',
  up: '\u001B[A',
  down: '\u001B[B',
  right: '\u001B[C',
  left: '\u001B[D',
  'ctrl-c': '\u0003',
  'ctrl-z': '\u001A',
};

function bytesOf(key: string): string {
  return named[key] ?? key;
}

/** What decides about colours, signs and CI is left away, so that a test says it itself. */
function plainEnvironment(env: TerminalOptions['env']): Record<string, string> {
  const { NO_COLOR, FORCE_COLOR, CLICOLOR, CI, ACCESSIBLE, ...rest } = process.env;
  void [NO_COLOR, FORCE_COLOR, CLICOLOR, CI, ACCESSIBLE];
  const all = { ...rest, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', ...env };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
