import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { environments } from '../../../../src/tui/screens/environments/screen.tsx';
import { firstState, type EnvironmentsState } from '../../../../src/tui/screens/environments/state.ts';
import { contextWith, openingOf, statusOf } from '../../../support/status.ts';

const tags = ['0000_init', '0001_users'];

test('under 80 columns the rows that a short list leaves free say what the cursor is on', () => {
  const text = drawn({ rows: 17 }, firstState);
  expect(text).toMatch(/▸ 0001_users +○ pending\n.*0000_init[^]*── 0001_users in dev ── pending ─/);
  expect(text).toMatch(/0001 is pending in dev\. d opens the review/);
  expect(text.split('\n').length).toBeLessThanOrEqual(17);
});

test('under 80 columns nothing is said twice of an environment, nor where there is no room', () => {
  expect(drawn({ rows: 17 }, { ...firstState, row: 'head' })).not.toContain('──');
  expect(drawn({ rows: 7 }, firstState)).not.toContain('──');
});

test('under 80 columns it is said once why an environment is not read, whatever the cursor is on', () => {
  const message = 'http://127.0.0.1:18082 refuses the token (HTTP 401).';
  const silent = statusOf(
    [],
    'dev',
    {},
    {
      state: ['unreachable'],
      items: [],
      says: [message],
      error: { code: 'unreachable', message, next: undefined },
    },
  );
  for (const state of [firstState, { ...firstState, row: 'head' }])
    expect(drawn({ rows: 17 }, state, silent).split(message)).toHaveLength(2);
});

function drawn(
  { rows }: { readonly rows: number },
  state: EnvironmentsState,
  answer = statusOf(tags, 'dev', { '0001_users': 'pending' }),
): string {
  const answers = [answer];
  const here = { ...contextWith(openingOf(tags, ['dev']), answers), columns: 60, rows };
  const page = render(<environments.View state={state} context={here} />);
  const frame = page.lastFrame() ?? '';
  page.unmount();
  return frame;
}
