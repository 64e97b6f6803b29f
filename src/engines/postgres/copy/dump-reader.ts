import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { MigrateError } from '../../../lib/errors.ts';
import {
  dumpMagic,
  headLength,
  letters,
  pieceLength,
  type DumpedTable,
  type DumpHeader,
  type DumpPart,
  type DumpScript,
  type SequenceValue,
} from './dump-file.ts';

/** A copy that was read from its first byte to its last and is what was written. */
export interface Dump extends AsyncDisposable {
  readonly header: DumpHeader;
  readonly script: DumpScript;
  readonly sequences: readonly SequenceValue[];
  readonly tables: readonly TableInDump[];
  /**
   * The rows of a table, as COPY takes them, in pieces that end anywhere. Each is only valid until the next is asked
   * for: a new buffer for each would be hundreds of megabytes before they are collected.
   */
  rowsOf(table: TableInDump): AsyncIterable<Buffer>;
}

export interface TableInDump extends DumpedTable {
  readonly rows: number;
  /** Of its first rows in the file, and of what follows its last. */
  readonly from: number;
  readonly to: number;
}

/**
 * Opens a copy after reading all of it.
 *
 * @throws MigrateError `backup-failed` where it is cut off, changed or something else
 */
export async function openDump(path: string): Promise<Dump> {
  const handle = await open(path, 'r');
  const file = { handle, path, size: (await handle.stat()).size };
  try {
    const outline = await readOutline(file);
    return {
      ...outline,
      rowsOf: (table) => piecesIn(file, table),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface DumpFile {
  readonly handle: FileHandle;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

type Outline = Pick<Dump, 'header' | 'script' | 'sequences' | 'tables'>;

async function readOutline(file: DumpFile): Promise<Outline> {
  const known: { header?: DumpHeader; script?: DumpScript; sequences?: readonly SequenceValue[] } = {};
  const tables: TableInDump[] = [];
  let open: (DumpedTable & { readonly from: number }) | undefined;
  for await (const { part, at, next } of partsOf(file)) {
    switch (part.kind) {
      case 'header':
        known.header = part.header;
        break;
      case 'script':
        known.script = part.script;
        break;
      case 'sequences':
        known.sequences = part.sequences;
        break;
      case 'table':
        open = { ...part.table, from: next };
        break;
      case 'rows':
        break;
      case 'counted':
        if (open) tables.push({ ...open, rows: part.rows, to: at });
        open = undefined;
        break;
      case 'end':
        break;
    }
  }
  const { header, script, sequences } = known;
  if (!header || !script || !sequences || open) throw damaged(file.path, 'parts of it are missing');
  return { header, script, sequences, tables };
}

interface Placed {
  readonly part: DumpPart;
  readonly at: number;
  readonly next: number;
}

/** Ends only after the last part, whose checksum fits and which nothing follows. */
async function* partsOf(file: DumpFile): AsyncGenerator<Placed> {
  const { path, size } = file;
  const hash = createHash('sha256');
  const magic = await bytesAt(file, 0, Buffer.allocUnsafe(dumpMagic.length));
  if (!magic?.equals(dumpMagic)) throw damaged(path, 'it does not begin as one');
  hash.update(magic);
  const place = Buffer.allocUnsafe(pieceLength);
  for (let at = dumpMagic.length; ;) {
    const found = await rawPartAt(file, at, place);
    const part = parsed(found, path);
    if (part.kind === 'end') {
      if (part.sha256 !== hash.digest('hex')) throw damaged(path, 'its checksum differs');
      if (size !== found.next) throw damaged(path, 'something follows its end');
      return;
    }
    hash.update(found.head).update(found.content);
    yield { part, at, next: found.next };
    if (part.kind === 'header' && part.header.format !== 1) throw tooNew(path);
    at = found.next;
  }
}

async function* piecesIn(
  file: DumpFile,
  { from, to }: Pick<TableInDump, 'from' | 'to'>,
): AsyncGenerator<Buffer> {
  const place = Buffer.allocUnsafe(pieceLength);
  for (let at = from; at < to;) {
    const { content, next } = await rawPartAt(file, at, place);
    yield content;
    at = next;
  }
}

interface RawPart {
  readonly head: Buffer;
  readonly content: Buffer;
  readonly next: number;
}

/** @param place where the content is put when it is not longer, until the next part is read there */
async function rawPartAt(file: DumpFile, at: number, place: Buffer): Promise<RawPart> {
  const { path, size } = file;
  const head = await bytesAt(file, at, Buffer.allocUnsafe(headLength));
  if (!head) throw damaged(path, 'it ends too early');
  const length = head.readUInt32BE(1);
  // A length that was changed must not make us ask for the memory.
  if (length > size - at) throw damaged(path, 'it ends too early');
  const into = length <= place.length ? place.subarray(0, length) : Buffer.allocUnsafe(length);
  const content = await bytesAt(file, at + headLength, into);
  if (!content) throw damaged(path, 'it ends too early');
  return { head, content, next: at + headLength + length };
}

/** @returns `into`, filled; undefined where the file ends before */
async function bytesAt({ handle }: DumpFile, at: number, into: Buffer): Promise<Buffer | undefined> {
  for (let filled = 0; filled < into.length;) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, at + filled);
    if (bytesRead === 0) return undefined;
    filled += bytesRead;
  }
  return into;
}

// The checksum is only known to fit at the end; what it proves is what `createDump` wrote.
function parsed({ head, content }: RawPart, path: string): DumpPart {
  const letter = head.toString('latin1', 0, 1);
  if (letter === letters.rows) return { kind: 'rows', piece: content };
  const value = jsonOf(content, path);
  switch (letter) {
    case letters.header:
      return { kind: 'header', header: value };
    case letters.script:
      return { kind: 'script', script: value };
    case letters.sequences:
      return { kind: 'sequences', sequences: value };
    case letters.table:
      return { kind: 'table', table: value };
    case letters.counted:
      return { kind: 'counted', rows: value };
    case letters.end:
      return { kind: 'end', sha256: value };
    default:
      throw damaged(path, 'a part of it is of no known kind');
  }
}

function jsonOf(content: Buffer, path: string) {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    throw damaged(path, 'a part of it cannot be read');
  }
}

function damaged(path: string, why: string): MigrateError {
  return new MigrateError(
    'backup-failed',
    `The copy ${path} is not what was written: ${why}. Nothing was changed.`,
    {
      next: 'Take another backup, or restore an older one: migrate-tui backups lists them.',
    },
  );
}

function tooNew(path: string): MigrateError {
  return new MigrateError(
    'backup-failed',
    `The copy ${path} was made by a newer version. Nothing was changed.`,
    {
      next: 'Update migrate-tui.',
    },
  );
}
