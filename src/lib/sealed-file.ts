import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { SealingKey } from './sealing-key.ts';

/**
 * A file that only a key opens: a first line, the key's fingerprint, a salt, and pieces of AES-256-GCM. A piece is
 * sealed under its number and under whether it is the last, so that none can be left out, moved, put twice or brought
 * from another file, and the end cannot be cut off. `docs/decisions/backup-key.md` has the bytes.
 */
const magic = Buffer.from('migrate-tui sealed 1\n');
const fingerprintLength = 12;
const saltLength = 32;
const headLength = magic.length + fingerprintLength + saltLength;
const pieceLength = 256 * 1024;
const tagLength = 16;

export interface FileSum {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface SealedFileOptions {
  readonly from: string;
  readonly key: SealingKey;
  readonly signal?: AbortSignal | undefined;
}

/** A sealed file is not what was written; the message is a clause that says how. */
export class BrokenSeal extends Error {}

/**
 * Writes the sealed form of a file that nobody changes meanwhile, down to the disk.
 *
 * @param to a file that is not there yet
 * @returns the sum of what was written
 */
export async function sealFile({
  from,
  to,
  key,
  signal,
}: SealedFileOptions & { readonly to: string }): Promise<FileSum> {
  await using source = await open(from, 'r');
  await using target = await newFile(to);
  const { size } = await source.stat();
  const sink = sinkInto(target);
  const label = Buffer.concat([magic, Buffer.from(key.fingerprint)]);
  const salt = randomBytes(saltLength);
  await sink.take(label);
  await sink.take(salt);
  const fileKey = key.forFile(salt, label);
  const place = Buffer.allocUnsafe(pieceLength);
  // An empty file has one piece all the same: the last.
  for (let number = 0, at = 0; number === 0 || at < size; number += 1) {
    signal?.throwIfAborted();
    const plain = await filled(source, place.subarray(0, Math.min(pieceLength, size - at)), at);
    if (!plain) throw new Error(`${from} became shorter while it was sealed.`);
    at += plain.length;
    const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(number, at === size ? 'last' : 'inner'));
    await sink.take(cipher.update(plain));
    cipher.final();
    await sink.take(cipher.getAuthTag());
  }
  await target.file.sync();
  return sink.sum();
}

/**
 * Opens a sealed file. Each piece is proven before it is written; who is thrown at must not use what is there by then.
 *
 * @param to a file that is not there yet; undefined: it is only read
 * @returns the sum of what was sealed
 * @throws BrokenSeal where it was cut off, changed, put together anew, or sealed with another key
 */
export async function unsealFile({
  from,
  to,
  key,
  signal,
}: SealedFileOptions & { readonly to: string | undefined }): Promise<FileSum> {
  await using source = await open(from, 'r');
  await using target = to === undefined ? undefined : await newFile(to);
  const { size } = await source.stat();
  const sink = sinkInto(target);
  const fileKey = await fileKeyIn(source, key);
  const place = Buffer.allocUnsafe(pieceLength + tagLength);
  for (let number = 0, at = headLength; number === 0 || at < size; number += 1) {
    signal?.throwIfAborted();
    const sealed = await filled(
      source,
      place.subarray(0, Math.max(0, Math.min(place.length, size - at))),
      at,
    );
    if (!sealed || sealed.length < tagLength) throw new BrokenSeal('it ends too early');
    at += sealed.length;
    await sink.take(opened(sealed, fileKey, nonceOf(number, at === size ? 'last' : 'inner')));
  }
  return sink.sum();
}

async function fileKeyIn(source: FileHandle, key: SealingKey): Promise<Buffer> {
  const head = await filled(source, Buffer.allocUnsafe(headLength), 0);
  if (!head?.subarray(0, magic.length).equals(magic)) throw new BrokenSeal('it does not begin as one');
  const label = head.subarray(0, magic.length + fingerprintLength);
  const fingerprint = label.toString('latin1', magic.length);
  if (fingerprint !== key.fingerprint) throw new BrokenSeal('it says that another key was used');
  return key.forFile(head.subarray(label.length), label);
}

function opened(sealed: Buffer, fileKey: Buffer, nonce: Buffer): Buffer {
  const end = sealed.length - tagLength;
  const decipher = createDecipheriv('aes-256-gcm', fileKey, nonce, { authTagLength: tagLength });
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    throw new BrokenSeal('a part of it was changed, moved or cut off');
  }
  return plain;
}

/** No two pieces of a file have the same: https://datatracker.ietf.org/doc/html/rfc5116#section-3.2 */
function nonceOf(number: number, which: 'inner' | 'last'): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = which === 'last' ? 1 : 0;
  return nonce;
}

interface Sink {
  take(bytes: Buffer): Promise<void>;
  sum(): FileSum;
}

function sinkInto(target: NewFile | undefined): Sink {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    async take(piece) {
      hash.update(piece);
      bytes += piece.length;
      if (target) await writeWhole(piece, target);
    },
    sum: () => ({ bytes, sha256: hash.digest('hex') }),
  };
}

interface NewFile extends AsyncDisposable {
  readonly file: FileHandle;
  readonly path: string;
}

async function newFile(path: string): Promise<NewFile> {
  const file = await open(path, 'wx', 0o600);
  return { file, path, [Symbol.asyncDispose]: () => file.close() };
}

async function writeWhole(bytes: Buffer, { file, path }: NewFile): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) {
      at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
    }
  } catch (error) {
    // A disk that is full says so of a number; whoever makes room wants the path.
    throw Object.assign(error instanceof Error ? error : new Error(String(error)), { path });
  }
}

/** @returns `into`, filled; undefined where the file ends before */
async function filled(file: FileHandle, into: Buffer, at: number): Promise<Buffer | undefined> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return into;
}
