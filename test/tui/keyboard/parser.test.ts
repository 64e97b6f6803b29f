import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyParser } from '../../../src/tui/keyboard/parser.ts';

test('three letters that come in one read are three keys', () => {
  expect(names('jjj')).toEqual(['j', 'j', 'j']);
});

test('a name and enter that come in one read are its letters and enter', () => {
  expect(names('prod\r')).toEqual(['p', 'r', 'o', 'd', 'enter']);
});

test('an escape by itself is the key, the arrows are sequences', () => {
  expect(names('\u001B')).toEqual(['esc']);
  expect(names('\u001B[A\u001B[B\u001BOC\u001BOD')).toEqual(['up', 'down', 'right', 'left']);
  expect(names('\u001B\u001B[A')).toEqual(['esc', 'up']);
});

test('home, end, page and delete keys have one name each in all their spellings', () => {
  expect(names('\u001B[H\u001B[1~\u001B[7~\u001BOH')).toEqual(['home', 'home', 'home', 'home']);
  expect(names('\u001B[F\u001B[4~\u001B[8~\u001BOF')).toEqual(['end', 'end', 'end', 'end']);
  expect(names('\u001B[5~\u001B[6~\u001B[3~\u001B[Z')).toEqual(['pageup', 'pagedown', 'delete', 'shift-tab']);
});

test('ctrl keys, tab, space and backspace are named', () => {
  expect(names('\u0003\u0004\u001A\t \u007F\b')).toEqual([
    'ctrl-c',
    'ctrl-d',
    'ctrl-z',
    'tab',
    'space',
    'backspace',
    'backspace',
  ]);
});

test('alt, function keys, mouse reports and replies of the terminal type nothing', () => {
  expect(names('\u001Bj\u001B[15~\u001BOP\u001B[[A')).toEqual([]);
  expect(names('\u001B[M !!\u001B[<0;3;4M\u001B[I\u001B[3;1R')).toEqual([]);
  expect(names('\u001B]11;rgb:0000/0000/0000\u0007x\u001B]11;rgb:ff/ff/ff\u001B\\y')).toEqual(['x', 'y']);
});

test('pasted text comes whole and apart from keys, whatever is in it', () => {
  const parser = new KeyParser();
  expect(parser.push(bytes('a\u001B[200~pro\u001B[Aduction\r\u001B[201~b'))).toEqual([
    { kind: 'key', name: 'a', text: 'a' },
    { kind: 'paste', text: 'pro\u001B[Aduction\r' },
    { kind: 'key', name: 'b', text: 'b' },
  ]);
});

test('a letter of several bytes cut by a read is one key', () => {
  const [first, second] = [bytes('é').slice(0, 1), bytes('é').slice(1)];
  const parser = new KeyParser();
  expect(parser.push(first)).toEqual([]);
  expect(parser.push(second)).toEqual([{ kind: 'key', name: 'é', text: 'é' }]);
});

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(
    '\u001B',
    '\u001B[A',
    '\u001BOB',
    '\u001B[1;5C',
    '\u001B[200~',
    '\u001B[201~',
    '\r',
    '\u0003',
  ),
);

test('the same bytes give the same keys however they are cut into reads', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.array(fc.nat(64), { maxLength: 12 }),
      (pieces, cuts) => {
        const all = bytes(pieces.join(''));
        expect(readCut(all, cuts)).toEqual(readCut(all, []));
      },
    ),
    { numRuns: 2000 },
  );
});

function readCut(all: Uint8Array, cuts: readonly number[]): unknown {
  const parser = new KeyParser();
  const places = [0, ...cuts.map((cut) => Math.min(cut, all.length)).toSorted((a, b) => a - b), all.length];
  const keys = places.flatMap((place, index) => [
    ...parser.push(all.slice(place, places[index + 1] ?? all.length)),
  ]);
  return [...keys, ...parser.flush()];
}

function names(text: string): readonly string[] {
  const parser = new KeyParser();
  return [...parser.push(bytes(text)), ...parser.flush()].map((one) =>
    one.kind === 'key' ? one.name : 'paste',
  );
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
