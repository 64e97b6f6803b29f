import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { environment } from '../../../src/tui/screens/environment/screen.tsx';
import { unfinished } from '../../../src/tui/screens/unfinished/screen.tsx';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';

const tags = ['0000_init', '0001_users'];

test('of an environment that is half-finished the way on is named', () => {
  const half = statusOf(tags, 'dev', { '0001_users': 'half' }, { state: ['half-finished'] });
  const here = { ...contextWith(openingOf(tags, ['dev']), [half]), columns: 80, rows: 20 };
  const { state } = environment.open({ screen: 'environment', environment: 'dev' }, here);
  const page = render(<environment.View state={state} context={here} />);
  expect(page.lastFrame()).toMatch(/w says what was done in dev and what leads out/);
  page.unmount();
});

test('the key that opens a run says whether it is watched or read', () => {
  const here = contextWith(openingOf(tags, ['dev']), []);
  const label = unfinished.bindings.find(({ action }) => action === 'open')?.label;
  if (typeof label !== 'function') throw new Error('The label does not follow the run');
  const labels = (['running', 'cut-off'] as const).map((outcome) => {
    const { state } = unfinished.open({ screen: 'unfinished', runs: [{ ...run, outcome }] }, here);
    return label(state, here);
  });
  expect(labels).toEqual(['watch it', 'what happened']);
});

const run = {
  run: 2,
  operation: 'deploy',
  environment: 'dev',
  databases: ['app'],
  startedAt: '2026-11-20T14:02:11Z',
  finishedAt: undefined,
  exitCode: undefined,
  by: 'mira',
  host: 'kestrel',
  version: '0.1.0',
  git: undefined,
  applied: [],
  inside: undefined,
  backup: undefined,
  confirmed: undefined,
  message: undefined,
} as const;
