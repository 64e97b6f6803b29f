import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

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

/** Whether one of the words is anywhere in a file of any size: as written, in other letters, or as hexadecimal digits. */
export async function holds(path: string, words: readonly string[]): Promise<boolean> {
  const patterns = [...new Set(words.flatMap(spellingsOf))].map((spelling) => Buffer.from(spelling));
  const longest = Math.max(...patterns.map(({ length }) => length));
  let before = Buffer.alloc(0);
  // Made by the line below: without an encoding a stream gives buffers.
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1 << 20 });
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([before, chunk]);
    if (patterns.some((pattern) => bytes.includes(pattern))) return true;
    before = bytes.subarray(Math.max(0, bytes.length - longest + 1));
  }
  return false;
}

function spellingsOf(word: string): readonly string[] {
  const cases = [word, word.toLowerCase(), word.toUpperCase()];
  const digits = cases.map((one) => Buffer.from(one).toString('hex'));
  return [...cases, ...digits, ...digits.map((one) => one.toUpperCase())];
}
