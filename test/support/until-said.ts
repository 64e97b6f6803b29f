import type { ChildProcess } from 'node:child_process';

/** What a program said on stderr until a text came; all of it when it ended without. */
export function untilSaid(child: ChildProcess, wanted: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += String(chunk);
      if (text.includes(wanted)) resolve(text);
    });
    child.on('close', () => resolve(text));
  });
}
