import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { BrokenSeal, sealFile, unsealFile } from '../../src/lib/sealed-file.ts';
import { SealingKey } from '../../src/lib/sealing-key.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const key = new SealingKey(randomBytes(32));
/** As `docs/decisions/backup-key.md` says. */
const [head, piece] = [65, 256 * 1024 + 16];

test.each([0, 1, 15, piece - 17, piece - 16, piece - 15, 3 * (piece - 16), 900_001])(
  'a file of %d bytes is back as it was, and its sealed form shows none of it',
  async (size) => {
    await using folder = await temporaryFolder();
    const plain = randomBytes(size);
    await writeFile(folder.file('plain'), plain);
    const written = await sealFile({ from: folder.file('plain'), to: folder.file('sealed'), key });
    const sealed = await readFile(folder.file('sealed'));
    expect(written).toEqual(sumOf(sealed));
    expect(sealed.length).toBe(head + size + 16 * Math.max(1, Math.ceil(size / (piece - 16))));
    if (size >= 15) expect(sealed.includes(plain.subarray(0, 15))).toBe(false);
    const read = await unsealFile({ from: folder.file('sealed'), to: folder.file('again'), key });
    expect(read).toEqual(sumOf(plain));
    expect(plain.equals(await readFile(folder.file('again')))).toBe(true);
    for (const name of ['sealed', 'again']) expect((await stat(folder.file(name))).mode & 0o077).toBe(0);
  },
);

test('a file that is sealed twice is another one each time', async () => {
  await using folder = await temporaryFolder();
  const [one, other] = [await sealedIn(folder, 'one', 40), await sealedIn(folder, 'other', 40)];
  expect(one.subarray(33, 65).equals(other.subarray(33, 65))).toBe(false);
  expect(one.subarray(65).equals(other.subarray(65))).toBe(false);
});

describe('a sealed file does not open', () => {
  const pieces = 4;
  const cut = (file: Buffer, from: number, to?: number) =>
    file.subarray(head + from * piece, to === undefined ? undefined : head + to * piece);
  const top = (file: Buffer) => file.subarray(0, head);
  const turned = (file: Buffer, at: number) => {
    const changed = Buffer.from(file);
    changed[at] = (changed[at] ?? 0) ^ 1;
    return changed;
  };
  const damages: readonly (readonly [string, (file: Buffer, other: Buffer) => Buffer])[] = [
    ['with another bit in its first line', (file) => turned(file, 3)],
    ['with another bit in the fingerprint', (file) => turned(file, 25)],
    ['with another bit in its salt', (file) => turned(file, 40)],
    ['with another bit in a piece', (file) => turned(file, head + piece + 1000)],
    ['with another bit in the mark of a piece', (file) => turned(file, head + 2 * piece - 1)],
    ['with another bit at its end', (file) => turned(file, file.length - 1)],
    ['that ends after a whole piece', (file) => Buffer.concat([top(file), cut(file, 0, pieces - 1)])],
    ['that ends inside a piece', (file) => file.subarray(0, head + piece + 500)],
    ['that ends inside the mark of a piece', (file) => file.subarray(0, head + piece + 7)],
    ['that ends after its head', (file) => top(file)],
    ['that ends inside its head', (file) => file.subarray(0, 50)],
    ['that is empty', () => Buffer.alloc(0)],
    ['that goes on after its end', (file) => Buffer.concat([file, Buffer.alloc(1)])],
    ['that goes on with its last piece again', (file) => Buffer.concat([file, cut(file, pieces - 1)])],
    [
      'with two pieces exchanged',
      (file) => Buffer.concat([top(file), cut(file, 0, 1), cut(file, 2, 3), cut(file, 1, 2), cut(file, 3)]),
    ],
    ['without a piece', (file) => Buffer.concat([top(file), cut(file, 0, 1), cut(file, 2)])],
    ['with a piece twice', (file) => Buffer.concat([top(file), cut(file, 0, 2), cut(file, 1)])],
    [
      'with a piece of another file under the same key',
      (file, other) => Buffer.concat([top(file), cut(file, 0, 1), cut(other, 1, 2), cut(file, 2)]),
    ],
    ['with the head of another file', (file, other) => Buffer.concat([top(other), cut(file, 0)])],
  ];
  test.each(damages)('%s', async (_how, damage) => {
    await using folder = await temporaryFolder();
    const size = (pieces - 1) * (piece - 16) + 999;
    const [file, other] = [await sealedIn(folder, 'one', size), await sealedIn(folder, 'other', size)];
    await writeFile(folder.file('damaged'), damage(file, other));
    const opening = unsealFile({ from: folder.file('damaged'), to: undefined, key });
    await expect(opening).rejects.toBeInstanceOf(BrokenSeal);
  });

  test('with another key', async () => {
    await using folder = await temporaryFolder();
    await sealedIn(folder, 'one', 40);
    const opening = unsealFile({
      from: folder.file('one.sealed'),
      to: folder.file('again'),
      key: new SealingKey(randomBytes(32)),
    });
    await expect(opening).rejects.toThrow('another key');
  });
});

test('sealing and opening end where they are asked to', async () => {
  await using folder = await temporaryFolder();
  await sealedIn(folder, 'one', 40);
  const signal = AbortSignal.abort();
  const [from, to] = [folder.file('one.sealed'), folder.file('again')];
  await expect(unsealFile({ from, to, key, signal })).rejects.toThrow('aborted');
  await expect(sealFile({ from, to: folder.file('twice'), key, signal })).rejects.toThrow('aborted');
});

/** Its sealed form, and the file of that name with `.sealed`. */
async function sealedIn(folder: TemporaryFolder, name: string, size: number): Promise<Buffer> {
  await writeFile(folder.file(name), Buffer.alloc(size, 'rows '));
  await sealFile({ from: folder.file(name), to: folder.file(`${name}.sealed`), key });
  return readFile(folder.file(`${name}.sealed`));
}

function sumOf(content: Buffer) {
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
