import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Terminal } from './app/terminal.ts';

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gives the terminal away while something else uses it, and takes it back. */
  readonly lend: (use: () => Promise<void>) => Promise<void>;
}

/** The real terminal. */
export function openTerminal({ stdout, cwd, env, lend }: TerminalOptions): Terminal {
  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    copy: (text) => {
      stdout.write(`\u001B]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`);
    },
    // Windows stops no process for a while.
    suspend: async () => {
      if (process.platform !== 'win32') await lend(stopUntilContinued);
    },
    edit: async (file, line) => {
      const editor = env['VISUAL'] || env['EDITOR'];
      if (!editor) return 'No editor is named: set EDITOR, then e opens the file.';
      let problem: string | undefined;
      await lend(async () => {
        problem = await runEditor({ editor, file: join(cwd, file), line, cwd });
      });
      return problem;
    },
  };
}

/** The whole group stops, as for ctrl-z on any program, so that the shell gets the terminal also behind npx. */
async function stopUntilContinued(): Promise<void> {
  const continued = once(process, 'SIGCONT');
  process.kill(0, 'SIGTSTP');
  await continued;
}

async function runEditor(options: {
  readonly editor: string;
  readonly file: string;
  readonly line: number;
  readonly cwd: string;
}): Promise<string | undefined> {
  const { editor, file, line, cwd } = options;
  const [program = '', ...args] = editor.split(/\s+/);
  const at = /(^|\/)(vi|vim|nvim|nano|emacs|micro|kak|hx)$/.test(program) ? [`+${line}`] : [];
  const child = spawn(program, [...args, ...at, file], { cwd, stdio: 'inherit' });
  try {
    await once(child, 'close');
    return undefined;
  } catch (error) {
    return `${program} could not be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}
