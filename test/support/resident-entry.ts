// The command line, called again and again in one process: what `resident.ts` talks to.
import { run } from '../../src/cli/main.ts';

const written = { stdout: '', stderr: '' };
capture('stdout');
capture('stderr');

process.on('message', (message) => void answer(JSON.parse(String(message))));

async function answer({ argv, cwd, env }: Asked): Promise<void> {
  written.stdout = '';
  written.stderr = '';
  process.exitCode = undefined;
  process.chdir(cwd);
  Object.assign(process.env, env);
  await run(argv);
  process.send?.(JSON.stringify({ exitCode: process.exitCode ?? 0, ...written }));
}

interface Asked {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function capture(name: 'stdout' | 'stderr'): void {
  const stream = process[name];
  // Every command watches the stream for errors, and none of them ends the process.
  stream.setMaxListeners(0);
  stream.write = (text: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    written[name] += String(text);
    const done = rest.at(-1);
    if (typeof done === 'function') queueMicrotask(() => done());
    return true;
  };
}
