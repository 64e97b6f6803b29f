import { closeSync, openSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

/** The files below a folder that hold one of the words; `passing` says which are not looked into. */
export async function filesHolding(
  folder: string,
  words: readonly string[],
  { passing }: { readonly passing: (path: string) => boolean },
): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const found: string[] = [];
  for (const path of files) if (!passing(path) && (await holds(path, words))) found.push(path);
  return found;
}

/**
 * Whether one of the words is anywhere in a file of any size: in any case of letters, or as hexadecimal digits.
 * One that is gone by now holds nothing.
 */
export async function holds(path: string, words: readonly string[]): Promise<boolean> {
  const spellings = [...new Set(words.flatMap(spellingsOf))];
  // All of them in one go over a text with a letter for each byte: gigabytes are looked through.
  const pattern = new RegExp(spellings.map((one) => one.replace(/\W/g, '\\$&')).join('|'), 'i');
  const longest = Math.max(...spellings.map(({ length }) => length));
  const bytes = Buffer.allocUnsafe(1 << 20);
  // A server has a thousand small files, for each of which a stream takes longer than the look.
  const file = opened(path);
  if (file === undefined) return false;
  try {
    for (let before = ''; ;) {
      const length = readSync(file, bytes);
      if (length === 0) return false;
      const text = before + bytes.toString('latin1', 0, length);
      if (pattern.test(text)) return true;
      before = text.slice(Math.max(0, text.length - longest + 1));
      if (length === bytes.length) await setImmediate();
    }
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function spellingsOf(word: string): readonly string[] {
  const cases = [word, word.toLowerCase(), word.toUpperCase()];
  const digits = cases.map((one) => Buffer.from(one).toString('hex'));
  return [Buffer.from(word).toString('latin1'), ...digits];
}
