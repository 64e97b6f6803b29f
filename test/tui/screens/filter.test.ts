import { expect, test } from 'vitest';
import { filterTyped, noFilter, type Filter } from '../../../src/tui/screens/filter.ts';
import { keyNamed } from '../recorded/screen.ts';

const typing: Filter = { text: '', typing: 'typing' };

test('backspace takes a whole character away, however it is stored', () => {
  const flag = filterTyped(typing, { kind: 'paste', text: 'a🇨🇭' });
  expect(filterTyped(flag, { kind: 'key', key: keyNamed('backspace') }).text).toBe('a');
});

test('a double letter counts twice, also when it comes as fast as a held key', () => {
  const quick = keyNamed('l', { press: 'repeat', since: 5 });
  const once = filterTyped(typing, { kind: 'key', key: keyNamed('l') });
  expect(filterTyped(once, { kind: 'key', key: quick }).text).toBe('ll');
});

test('a text pasted from several lines is one', () => {
  expect(filterTyped(typing, { kind: 'paste', text: 'two\n  words' }).text).toBe('two words');
});

test('letters are keys again once it is set', () => {
  expect(filterTyped(noFilter, { kind: 'key', key: keyNamed('a') })).toBe(noFilter);
});
