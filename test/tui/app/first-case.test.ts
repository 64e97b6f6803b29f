import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FirstCase } from '../../../src/tui/app/first-case.ts';
import { statusOf } from '../../support/status.ts';

const tags = ['0000_init', '0001_users'];
const half = (name: string) => statusOf(tags, name, { '0001_users': 'half' }, { state: ['half-finished'] });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the first environment that is half-finished is opened by itself, once', () => {
  const opened: string[] = [];
  using first = new FirstCase((environment) => opened.push(environment));
  first.answered(statusOf(tags, 'local'));
  first.answered(half('dev'));
  first.answered(half('staging'));
  vi.runAllTimers();
  first.answered(half('staging'));
  vi.runAllTimers();
  expect(opened).toEqual(['dev']);
});

test('where nothing is half-finished nothing opens', () => {
  const opened: string[] = [];
  using first = new FirstCase((environment) => opened.push(environment));
  first.answered(statusOf(tags, 'local', { '0001_users': 'pending' }));
  vi.runAllTimers();
  expect(opened).toEqual([]);
});

test('a key before it opens keeps the person on the way that they are on', () => {
  const opened: string[] = [];
  using first = new FirstCase((environment) => opened.push(environment));
  first.answered(half('dev'));
  first[Symbol.dispose]();
  vi.runAllTimers();
  first.answered(half('dev'));
  vi.runAllTimers();
  expect(opened).toEqual([]);
});
