import { describe, expect, test } from 'vitest';
import { alwaysBindings } from '../../../src/tui/app/always.ts';
import { screens } from '../../../src/tui/app/registry.ts';

const tables = screens.map(({ name, bindings }) => ({ name, bindings: bindings.map((one) => ({ ...one })) }));

describe.each(tables)('the keys of $name', ({ bindings }) => {
  test('each key stands in the table once', () => {
    const keys = bindings.flatMap((binding) => binding.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test('ctrl-z, ? and : keep their common meaning', () => {
    const keys = bindings.flatMap((binding) => binding.keys);
    expect(keys.filter((key) => ['ctrl-z', '?', ':'].includes(key))).toEqual([]);
  });
});

test('the common keys do not contradict each other', () => {
  const keys = alwaysBindings.flatMap(({ keys: all }) => all);
  expect(new Set(keys).size).toBe(keys.length);
});
