import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { dumpMagic, headLength, letters, pieceLength, type DumpPart } from './dump-file.ts';

/** Writes a new copy, part by part. */
export interface DumpWriter extends AsyncDisposable {
  put(part: Exclude<DumpPart, { kind: 'rows' | 'end' }>): Promise<void>;
  /**
   * Takes rows of the table that was put last, in pieces of any size, which it copies.
   *
   * @returns to be waited for, where more is on its way to the disk than should be
   */
  take(rows: Buffer): Promise<void> | undefined;
  /** The end, on the disk. */
  finish(): Promise<{ readonly bytes: number; /** Of the whole file, hex. */ readonly sha256: string }>;
}

/** @param path of a file that is not there yet */
export async function createDump(path: string): Promise<DumpWriter> {
  const file = new DumpFile(await open(path, 'wx', 0o600));
  file.write(dumpMagic);
  return {
    async put(part) {
      file.endPiece();
      file.writePart(letters[part.kind], Buffer.from(JSON.stringify(contentOf(part))));
      await file.written();
    },
    take: (rows) => file.take(rows),
    async finish() {
      file.endPiece();
      file.writePart(letters.end, Buffer.from(JSON.stringify(file.digest())));
      const sha256 = file.digest();
      await file.written();
      await file.sync();
      return { bytes: file.bytes, sha256 };
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function contentOf(part: Exclude<DumpPart, { kind: 'rows' | 'end' }>): unknown {
  switch (part.kind) {
    case 'header':
      return part.header;
    case 'script':
      return part.script;
    case 'sequences':
      return part.sequences;
    case 'table':
      return part.table;
    case 'counted':
      return part.rows;
  }
}

class DumpFile {
  bytes = 0;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #piece: Buffer | undefined;
  #filled = 0;
  /** Pieces that are in the file, to be filled again: new ones would pile up faster than they are collected. */
  readonly #free: Buffer[] = [];
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  take(rows: Buffer): Promise<void> | undefined {
    for (let from = 0; from < rows.length;) {
      this.#piece ??= this.#free.pop() ?? Buffer.allocUnsafe(pieceLength);
      const taken = rows.copy(this.#piece, this.#filled, from);
      this.#filled += taken;
      from += taken;
      if (this.#filled === pieceLength) this.endPiece();
    }
    return this.#waiting > mostWaiting ? this.written() : undefined;
  }

  endPiece(): void {
    const piece = this.#piece;
    if (!piece || this.#filled === 0) return;
    this.writePart(letters.rows, piece.subarray(0, this.#filled));
    this.#last = this.#last.then(() => void this.#free.push(piece));
    this.#piece = undefined;
    this.#filled = 0;
  }

  writePart(letter: string, content: Buffer): void {
    const head = Buffer.alloc(headLength, letter, 'latin1');
    head.writeUInt32BE(content.length, 1);
    this.write(head);
    this.write(content);
  }

  /** In order; a failure is kept for whoever waits. */
  write(content: Buffer): void {
    this.#hash.update(content);
    this.bytes += content.length;
    this.#waiting += content.length;
    this.#last = this.#last.then(async () => {
      if (this.#failure === undefined)
        await this.#writeAll(content).catch((error: unknown) => (this.#failure = error));
      this.#waiting -= content.length;
    });
  }

  async #writeAll(content: Buffer): Promise<void> {
    for (let from = 0; from < content.length;) {
      const { bytesWritten } = await this.#handle.write(content, from);
      from += bytesWritten;
    }
  }

  async written(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Of everything so far, hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle.close();
  }
}

/** Bytes. */
const mostWaiting = 4 * 1024 * 1024;
