import { closeSync, openSync, readSync } from 'node:fs';
import { LineReader } from './lines.ts';

/** Follows a growing file: each `poll` gives the lines that came since the last one. */
export class Tail implements Disposable {
  readonly #path: string;
  readonly #lines = new LineReader();
  #file: number | undefined;
  #position = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that is not there yet has no lines. */
  poll(): readonly string[] {
    this.#file ??= opened(this.#path);
    if (this.#file === undefined) return [];
    const found: string[] = [];
    for (;;) {
      const read = readSync(this.#file, buffer, 0, buffer.length, this.#position);
      if (read === 0) return found;
      this.#position += read;
      found.push(...this.#lines.push(buffer.subarray(0, read)));
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

const buffer = Buffer.alloc(64 * 1024);

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    // Not written yet: the next poll looks again.
    return undefined;
  }
}
