import { expect, test } from 'vitest';
import { firstState } from '../../../src/tui/app/first-state.ts';
import { openScreen } from '../../../src/tui/app/registry.ts';
import { handleInput, type Lead } from '../../../src/tui/app/keys.ts';
import type { AppState } from '../../../src/tui/app/state.ts';
import { keyNamed } from '../recorded/screen.ts';

const first = firstState({ columns: 80, rows: 24, now: 0, motion: 'full', place: '' });
const { mounted } = openScreen({ screen: 'environments' }, { key: 1, context: first.context });
const start: AppState = { ...first, stack: [mounted] };

/** Keys by their names; what stands between quotes is pasted. */
function after(...inputs: readonly string[]): {
  readonly state: AppState;
  readonly leads: readonly Lead[];
} {
  return inputs.reduce<{ readonly state: AppState; readonly leads: readonly Lead[] }>(
    ({ state }, input) =>
      handleInput(
        state,
        input.startsWith('"')
          ? { kind: 'paste', text: input.slice(1, -1) }
          : { kind: 'key', key: keyNamed(input) },
      ),
    { state: start, leads: [] },
  );
}

test('letters and slashes go into the filter of the command log, and pasted text too', () => {
  const { state, leads } = after('@', '/', 'a', '/', '"two  words"');
  expect(state.log.filter).toEqual({ text: 'a/two words', typing: 'typing' });
  expect(leads).toEqual([]);
  expect(after('@', '/', 'a', 'enter', 'esc').state.log).toMatchObject({
    shown: 'part',
    filter: { text: '' },
  });
});

test('an entry in full is closed before the filter is cleared, then the command log', () => {
  const open = ['@', '/', 'a', 'enter', 'enter', 'esc'];
  expect(after(...open).state.log).toMatchObject({ full: 'one-line', filter: { text: 'a' } });
  expect(after(...open, 'esc').state.log).toMatchObject({ shown: 'part', filter: { text: '' } });
  expect(after(...open, 'esc', 'esc').state.log).toMatchObject({ shown: 'closed' });
});

test('ctrl-c means the same while the command log takes letters', () => {
  expect(after('@', '/', 'a', 'ctrl-c').leads).toEqual([{ kind: 'interrupt' }]);
});

test('what help found can be scrolled through once enter has set what is looked for', () => {
  const typed = ['?', '/', 'e', 'backspace', 'd', 'enter'];
  expect(after(...typed).state.overlay).toMatchObject({ filter: { text: 'd', typing: 'set' }, top: 0 });
  expect(after(...typed, 'j').state.overlay).toMatchObject({ filter: { text: 'd' }, top: 1 });
  expect(after(...typed, 'esc').state.overlay).toMatchObject({ kind: 'help', filter: { text: '' } });
  expect(after(...typed, 'esc', 'esc').state.overlay).toEqual({ kind: 'none' });
});
