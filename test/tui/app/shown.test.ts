import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Shown } from '../../../src/tui/app/shown.ts';
import { ScreenStack } from '../../../src/tui/app/stack.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  ['full', 20],
  ['reduced', 3],
] as const)('with %s motion a page that waits is drawn %i times in three seconds', (motion, times) => {
  let drawn = 0;
  using shown = new Shown({ terminal, now: () => Date.now(), motion, onTick: () => (drawn += 1) });
  const stack = new ScreenStack({ shown, perform: () => undefined, onClosed: () => undefined });
  stack.open({ screen: 'runs', environment: undefined });
  shown.show();
  vi.advanceTimersByTime(3000);
  expect(drawn).toBe(times);
});

const terminal = {
  size: () => ({ columns: 80, rows: 24 }),
  copy: () => undefined,
  suspend: () => Promise.resolve(),
  edit: () => Promise.resolve(undefined),
};
