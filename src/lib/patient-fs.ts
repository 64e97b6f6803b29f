import { rename as renameOnce, rm as rmOnce } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RmOptions } from 'node:fs';
import { codeOf } from './error-code.ts';

/**
 * `rename` of node:fs/promises. On Windows nothing can be renamed or removed while anybody has it open: what a virus
 * scanner or an index of files is reading for a moment, and a database of ours whose statements are not collected yet.
 * There it is tried again for a while.
 */
export async function rename(from: string, to: string): Promise<void> {
  await patiently(() => renameOnce(from, to));
}

/** `rm` of node:fs/promises, as patient as `rename`. */
export async function rm(path: string, options?: RmOptions): Promise<void> {
  await patiently(() => rmOnce(path, options));
}

async function patiently(act: () => Promise<void>): Promise<void> {
  if (process.platform !== 'win32') return await act();
  for (const wait of waits) {
    try {
      return await act();
    } catch (error) {
      if (!inUse.has(codeOf(error))) throw error;
      collectGarbage();
      await after(wait);
    }
  }
  await act();
}

const inUse = new Set<string | undefined>(['EBUSY', 'EPERM', 'EACCES', 'ENOTEMPTY']);

/** Milliseconds; about two seconds together. */
const waits = [5, 10, 25, 50, 100, 200, 400, 600, 600];

/** libSQL's client closes a file when the last statement it prepared on it is collected, whatever its `close` said. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
