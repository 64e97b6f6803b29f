import type { Key } from '../../../src/tui/keyboard/key.ts';
import type { Context } from '../../../src/tui/screen.ts';

/** What the app would hand to a screen whose body has this size, at 14:02:44 UTC. */
export function context(columns: number, rows: number): Context {
  return {
    columns,
    rows,
    now: Date.parse('2026-11-20T14:02:44.500Z'),
    motion: 'full',
    place: '',
    opening: undefined,
    environments: new Map(),
    database: 'app',
    running: [],
    failure: undefined,
  };
}

/** A key that a hand pressed, unless said otherwise. */
export function keyNamed(name: string, how: Partial<Key> = {}): Key {
  const text = name === 'space' ? ' ' : name.length === 1 ? name : '';
  return { name, text, at: 1000, since: 200, read: 'alone', press: 'single', ...how };
}
