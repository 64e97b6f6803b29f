import { expect, test } from 'vitest';
import { committed } from '../../../src/tui/present/committed.ts';

const whole = { tag: '0001_members' };
const parted = { tag: '0002_index', parts: 2 };

test('those among several that are not one transaction are told apart, by name or by number', () => {
  expect(committed([whole])).toBe('each migration and its record in one transaction');
  expect(committed([whole, parted])).toBe(
    'each migration and its record in one transaction, but 0002_index step by step',
  );
  expect(committed([whole, parted, parted])).toBe(
    'each migration and its record in one transaction, but 2 migrations step by step',
  );
  expect(committed([parted, parted])).toBe('step by step, the record in the last');
});
