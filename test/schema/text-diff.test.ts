import { describe, expect, test } from 'vitest';
import { textDiff } from '../../src/schema/text-diff.ts';

const numbered = (count: number, word: string) =>
  Array.from({ length: count }, (_, at) => `${word} ${at}`).join('\n');

describe('the difference of two texts', () => {
  test('is shown line by line with what stands around it', () => {
    const left = 'CREATE TABLE t (\n  a TEXT,\n  b TEXT\n)';
    const right = 'CREATE TABLE t (\n  a TEXT,\n  b INTEGER\n)';
    expect(textDiff(left, right, { context: 1 })).toEqual({
      kind: 'lines',
      lines: ['@@ -2,3 +2,3 @@', '   a TEXT,', '-  b TEXT', '+  b INTEGER', ' )'],
    });
  });

  test('of equal texts is empty', () => {
    expect(textDiff('a\nb', 'a\nb')).toEqual({ kind: 'lines', lines: [] });
  });

  test('of texts without a common line is given up, and says how long they are', () => {
    expect(textDiff(numbered(9000, 'left'), numbered(8000, 'right'))).toEqual({
      kind: 'too-large',
      removed: 9000,
      added: 8000,
    });
  });

  test('of texts beyond the bound is not begun', () => {
    expect(textDiff(numbered(30, 'a'), numbered(30, 'a'), { maxLines: 50 })).toEqual({
      kind: 'too-large',
      removed: 30,
      added: 30,
    });
  });
});
