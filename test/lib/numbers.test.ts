import { expect, test } from 'vitest';
import { bytes, change, count, duration, quantity } from '../../src/lib/numbers.ts';

test('counts have separators and their word has the right number', () => {
  expect(count(1_204_118)).toBe('1,204,118');
  expect(quantity(1, 'migration')).toBe('1 migration');
  expect(quantity(48_210, 'row')).toBe('48,210 rows');
  expect(quantity(2, 'index', 'indexes')).toBe('2 indexes');
});

test('a difference shows its sign', () => {
  expect([change(-312), change(6), change(0), change(-1204)]).toEqual(['-312', '+6', '0', '-1,204']);
});

test('sizes are in binary units', () => {
  expect([0, 1, 812, 1024, 13_421_773, 432_013_312].map(bytes)).toEqual([
    '0 bytes',
    '1 byte',
    '812 bytes',
    '1.0 KiB',
    '12.8 MiB',
    '412 MiB',
  ]);
  expect(bytes(1024 * 1024 - 1)).toBe('1.0 MiB');
});

test('durations change their unit where people do', () => {
  expect([0, 0.3, 11, 430, 999.7, 6_900, 59_960, 200_000, 7_500_000].map(duration)).toEqual([
    '0 ms',
    '0.3 ms',
    '11 ms',
    '430 ms',
    '1.0 s',
    '6.9 s',
    '1 min',
    '3 min 20 s',
    '2 h 5 min',
  ]);
});
