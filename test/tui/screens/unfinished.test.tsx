import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { environment } from '../../../src/tui/screens/environment/screen.tsx';
import { environments } from '../../../src/tui/screens/environments/screen.tsx';
import { unfinished } from '../../../src/tui/screens/unfinished/screen.tsx';
import { keyNamed } from '../recorded/screen.ts';
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

test('what does not fit of the state of an environment is said to be there, and its end can be read', () => {
  const many = Array.from({ length: 40 }, (_one, at) => `00${String(at + 10)}_step`);
  const pending = Object.fromEntries(many.map((tag) => [tag, 'pending' as const]));
  const here = {
    ...contextWith(openingOf(many, ['dev']), [statusOf(many, 'dev', pending)]),
    columns: 60,
    rows: 26,
  };
  const drawn = (at: typeof state): string => {
    const page = render(<environment.View state={at} context={here} />);
    const frame = page.lastFrame() ?? '';
    page.unmount();
    return frame;
  };
  const { state } = environment.open({ screen: 'environment', environment: 'dev' }, here);
  expect(drawn(state)).toMatch(/\d+ rows below, ctrl-d$/);
  const end = environment.reduce(state, { kind: 'action', action: 'last', key: keyNamed('G') }, here).state;
  expect(drawn(end)).toMatch(/0 migrations applied, 40 pending[^]*rows above$/);
});

test('a run that was cut off leads to the ways out of its environment', () => {
  const here = contextWith(openingOf(tags, ['dev']), []);
  const runs = [{ ...run, outcome: 'cut-off' as const }];
  const { state } = unfinished.open({ screen: 'unfinished', runs }, here);
  const { effects } = unfinished.reduce(state, { kind: 'action', action: 'ways', key: keyNamed('w') }, here);
  expect(effects).toEqual([{ kind: 'open', request: { screen: 'recovery', environment: 'dev' } }]);
});

test.each([
  ['half-finished', { '0001_users': 'half' }, ['half-finished'], 'recovery'],
  ['with a record without a file', { '0001_users': 'orphan' }, ['current'], 'recovery'],
  ['drifted', {}, ['drifted'], 'environment'],
  ['silent', {}, ['unreachable'], 'environment'],
] as const)('w on an environment that is %s opens what leads on', (_is, items, states, screen) => {
  const status = statusOf(tags, 'dev', items, { state: states });
  const here = contextWith(openingOf(tags, ['dev']), [status]);
  const { state } = environments.open({ screen: 'environments' }, here);
  const step = environments.reduce(state, { kind: 'action', action: 'ways', key: keyNamed('w') }, here);
  expect(step.effects).toContainEqual({ kind: 'open', request: { screen, environment: 'dev' } });
});

test('where nothing is wrong w says so', () => {
  const here = contextWith(openingOf(tags, ['dev']), [statusOf(tags, 'dev')]);
  const { state } = environments.open({ screen: 'environments' }, here);
  const ways = environments.bindings.find(({ action }) => action === 'ways');
  expect(ways?.blocked?.(state, here)).toBe('nothing is wrong in dev');
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

test('the way back of a run of several databases is a command for each', () => {
  const here = { ...contextWith(openingOf(tags, ['dev']), []), columns: 100, rows: 20 };
  const of = (databases: readonly string[]) => {
    const runs = [{ ...run, databases, backup: 'b4', outcome: 'cut-off' as const }];
    const { state } = unfinished.open({ screen: 'unfinished', runs }, here);
    const page = render(<unfinished.View state={state} context={here} />);
    const text = (page.lastFrame() ?? '').replaceAll(/\s+/g, ' ');
    page.unmount();
    return text;
  };
  expect(of(['app'])).toMatch(/Way back: backup b4, npx migrate-tui restore dev b4 *$/);
  expect(of(['app', 'auth'])).toContain(
    'npx migrate-tui restore dev b4 --database app or npx migrate-tui restore dev b4 --database auth',
  );
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
