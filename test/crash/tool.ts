import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Where the other tool works. */
export type ToolTarget =
  | { readonly kind: 'libsql'; readonly url: string }
  | { readonly kind: 'd1-file'; readonly file: string }
  | { readonly kind: 'd1-http'; readonly url: string; readonly token: string };

/** The other tool at work, a statement at a time. */
export interface Tool extends AsyncDisposable {
  /** Runs the next statement to its end. @returns the word it ended with: `done` or `failed`, or undefined when it died */
  step(): Promise<'done' | 'failed' | undefined>;
  /** Tells it to run the next one; resolves when it says that it has begun. */
  begin(): Promise<void>;
  /** The file that it has open may not grow from now on. */
  fill(): void;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<void>;
}

export async function startTool(target: ToolTarget, statements: readonly string[]): Promise<Tool> {
  const child = spawn(process.execPath, [entry, JSON.stringify({ target, statements })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close').then(() => undefined);
  // It may be gone when it is told something: that is what is tried here.
  child.stdin.on('error', () => undefined);
  const word = async () => {
    const { value, done } = await lines.next();
    return done === true ? undefined : value.split(' ')[0];
  };
  if ((await word()) !== 'ready') throw new Error('The other tool did not start.');
  const begin = async () => {
    child.stdin.write('go\n');
    await word();
  };
  return {
    begin,
    step: async () => {
      await begin();
      const said = await word();
      return said === 'done' || said === 'failed' ? said : undefined;
    },
    fill: () => void child.stdin.write('fill\n'),
    signal: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const entry = fileURLToPath(new URL('other-tool.ts', import.meta.url));
