import { realpathSync } from 'node:fs';

const held = new Map<string, { readonly library: Library; count: number }>();

type Library = 'libsql' | 'node:sqlite';

/**
 * Says that a library has a file open in this process, until disposed. Throws when the other library has it:
 * two SQLite libraries on one file in one process undo each other's locks, and writes are lost in silence.
 */
export function holdFile(path: string, library: Library): Disposable {
  const key = realPath(path);
  const found = held.get(key) ?? { library, count: 0 };
  if (found.library !== library) {
    throw new Error(
      `${path} is open through ${found.library} in this process; ${library} must not open it too.`,
    );
  }
  found.count += 1;
  held.set(key, found);
  let holding = true;
  return {
    [Symbol.dispose]() {
      if (!holding) return;
      holding = false;
      found.count -= 1;
      if (found.count === 0) held.delete(key);
    },
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there yet: about to be created under the name that was given.
    return path;
  }
}
