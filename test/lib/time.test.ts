import { expect, test } from 'vitest';
import {
  age,
  ago,
  agoAndMoment,
  clock,
  clockWithMilliseconds,
  dayAndMinute,
  moment,
  span,
} from '../../src/lib/time.ts';

const now = new Date('2026-11-20T14:48:00Z');

test('absolute times are UTC, with the year only in files', () => {
  expect(clock('2026-11-20T15:02:40.204+01:00')).toBe('14:02:40 UTC');
  expect(clockWithMilliseconds('2026-11-20T14:02:40.204Z')).toBe('14:02:40.204');
  expect(moment('2026-11-18T13:40:59Z')).toBe('18 Nov 13:40 UTC');
  expect(moment('2026-11-18T13:40:59Z', { year: 'with' })).toBe('18 Nov 2026 13:40 UTC');
  expect(dayAndMinute('2026-11-08T09:14:00Z')).toBe('8 Nov 09:14');
});

test('a span names the second day only where it is another one', () => {
  expect(span('2026-11-20T14:02:11Z', '2026-11-20T14:02:48Z')).toBe('20 Nov 14:02:11 to 14:02:48 UTC');
  expect(span('2026-11-20T23:59:50Z', '2026-11-21T00:00:10Z')).toBe('20 Nov 23:59:50 to 21 Nov 00:00:10 UTC');
});

test('relative times use the one unit that matters', () => {
  const times = [
    '2026-11-20T14:47:56Z',
    '2026-11-20T14:31:00Z',
    '2026-11-20T11:07:00Z',
    '2026-11-18T13:40:00Z',
  ];
  expect(times.map((at) => ago(at, now))).toEqual(['4 s ago', '17 min ago', '3 h ago', '2 d ago']);
  expect(agoAndMoment('2026-11-18T13:40:00Z', now)).toBe('2 d ago, 18 Nov 13:40 UTC');
  expect(agoAndMoment('2025-11-18T13:40:00Z', now)).toBe('367 d ago, 18 Nov 2025 13:40 UTC');
});

test('a clock that runs ahead gives no negative age', () => {
  expect(age('2026-11-20T14:48:30Z', now)).toBe('0 s');
});

test('a time that cannot be read is said to be not known', () => {
  expect([clock(''), ago('yesterday', now), span('x', '2026-11-20T14:02:48Z')]).toEqual([
    'time not known',
    'time not known',
    'time not known',
  ]);
});
