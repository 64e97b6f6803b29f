import { appendFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorOf } from '../../../src/tui/client/error.ts';
import { LineReader, parsedLine } from '../../../src/tui/client/lines.ts';
import { Tail } from '../../../src/tui/client/tail.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('lines are the same however the bytes were cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1 })),
      fc.array(fc.nat(40)),
      (texts, cuts) => {
        const lines = texts.map((text) => JSON.stringify(text));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b)];
        const reader = new LineReader();
        const found = places.flatMap((place, index) => [
          ...reader.push(bytes.subarray(place, places[index + 1])),
        ]);
        expect([...found, ...reader.end()]).toEqual(lines);
      },
    ),
  );
});

test('a growing file gives each line once, and a line that is not whole when it is', async () => {
  await using folder = await temporaryFolder();
  const path = folder.file('run.ndjson');
  using tail = new Tail(path);
  expect(tail.poll()).toEqual([]);
  appendFileSync(path, '{"a":1}\n{"b"');
  expect(tail.poll()).toEqual(['{"a":1}']);
  appendFileSync(path, ':2}\n');
  expect(tail.poll()).toEqual(['{"b":2}']);
  expect(tail.poll()).toEqual([]);
});

test('a line cut off by a crash is no document', () => {
  expect(parsedLine('{"kind":"do')).toBeUndefined();
});

test('a child that ends without an answer leaves a sentence', () => {
  const left = { args: ['status'], lastLine: undefined, stderr: '', exitCode: 1 };
  expect(errorOf(left).message).toBe('migrate-tui status ended with exit code 1 and said nothing.');
  const failed = {
    kind: 'failed',
    code: 'locked',
    message: 'ana@ci-7 has held the lock.',
    next: 'r asks again.',
  };
  expect(errorOf({ ...left, lastLine: failed })).toEqual({
    code: 'locked',
    message: 'ana@ci-7 has held the lock.',
    next: 'r asks again.',
  });
});
