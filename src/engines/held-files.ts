import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const held = new Map<string, { readonly library: Library; count: number; wal: boolean | undefined }>();

type Library = 'libsql' | 'node:sqlite';

export interface Hold extends Disposable {
  /** What `look` found in the file's header; it looks only the first time, before any connection has a lock. */
  isWal(look: () => boolean): boolean;
}

/**
 * Says that a library has a file open in this process, until disposed. Throws when the other library has it:
 * two SQLite libraries on one file in one process undo each other's locks, and writes are lost in silence.
 */
export function holdFile(path: string, library: Library): Hold {
  const key = realPath(path);
  const found = held.get(key) ?? { library, count: 0, wal: undefined };
  if (found.library !== library) {
    throw new Error(
      `${path} is open through ${found.library} in this process; ${library} must not open it too.`,
    );
  }
  found.count += 1;
  held.set(key, found);
  let holding = true;
  return {
    isWal: (look) => (found.wal ??= look()),
    [Symbol.dispose]() {
      if (!holding) return;
      holding = false;
      found.count -= 1;
      if (found.count === 0) held.delete(key);
    },
  };
}

/** Whether a library has the file open in this process: then nobody else here may open it, not even to read it. */
export function isHeld(path: string): boolean {
  return held.has(realPath(path));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet, about to be created: its folder is there.
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
  }
}
