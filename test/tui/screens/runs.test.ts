import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { RunSummary } from '../../../src/operations/reports.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import type { Message } from '../../../src/tui/screen.ts';
import { runsLines } from '../../../src/tui/screens/runs/lines.ts';
import { runs } from '../../../src/tui/screens/runs/screen.tsx';
import { runDetail } from '../../../src/tui/screens/run-detail/screen.tsx';
import { deployBegun, deployDone, dryRun } from '../recorded/deploy.ts';
import { context, keyNamed } from '../recorded/screen.ts';

const summary = (run: number, change: Partial<RunSummary> = {}): RunSummary => ({
  run,
  operation: 'deploy',
  environment: 'production',
  databases: ['app'],
  startedAt: '2026-11-20T14:02:11Z',
  finishedAt: '2026-11-20T14:02:48Z',
  outcome: 'done',
  exitCode: 0,
  by: 'mira',
  host: 'kestrel',
  version: '0.1.0',
  git: '7fe20d1',
  applied: [{ database: 'app', tag: '0014_orders_due_date', statements: 12, took: 6900 }],
  inside: undefined,
  backup: 'b41',
  confirmed: { by: 'mira', how: 'typed', hash: '9ad0c4e117aa0017', at: '2026-11-20T14:02:40Z' },
  message: undefined,
  ...change,
});

function opened(list: readonly RunSummary[], at = context(120, 12)) {
  let { state } = runs.open({ screen: 'runs', environment: undefined }, at);
  const send = (message: Message) => {
    const step = runs.reduce(state, message, at);
    state = step.state;
    return step.effects ?? [];
  };
  send({ kind: 'answer', id: 'runs', report: { schemaVersion: 1, kind: 'runs', runs: list } });
  return { send, text: () => runsLines(signs, state, at).map((line) => textOf(line).trimEnd()) };
}

const action = (name: string, key = name): Message => ({ kind: 'action', action: name, key: keyNamed(key) });

test('each run is a line with what it did beside it', () => {
  const list = [summary(42, { environment: 'staging', outcome: 'failed' }), summary(41)];
  const page = opened(list);
  page.send(action('down'));
  page.send({
    kind: 'answer',
    id: 'detail',
    report: {
      schemaVersion: 1,
      kind: 'run',
      summary: summary(41),
      events: [...dryRun, ...deployDone],
      log: undefined,
    },
  });
  const text = page.text().join('\n');
  expect(text).toMatch(/^ {2}20 Nov 14:02 {2}33 s ago {3}✗ 42 staging/m);
  expect(text).toMatch(/^▸ 20 Nov 14:02 {2}33 s ago {3}✓ 41 production/m);
  expect(text).toContain('who         mira@kestrel, migrate-tui 0.1.0, git 7fe20d1');
  expect(text).toContain('confirmed   production, typed by mira at 14:02:40 UTC');
  expect(text).toMatch(/14:02:40 +apply +✓ 12 of 12 statements, recorded +6\.9 s/);
});

test('what was only rehearsed, or refused, is no failure', () => {
  const about = { operation: 'recover', environment: 'dev', exitCode: 4, confirmed: undefined } as const;
  const list = [
    summary(50, { ...about, outcome: 'rehearsed', backup: 'b2' }),
    summary(49, { ...about, outcome: 'refused', backup: undefined }),
  ];
  const text = opened(list).text().join('\n');
  expect(text).toMatch(/✓ 50 recover dev/);
  expect(text).toContain('rehearsed');
  expect(text).toMatch(/✗ 49 recover dev/);
  expect(text).not.toContain('failed');
});

test('a run that is at work is watched, a past one is opened as a record', () => {
  const page = opened([summary(43, { outcome: 'running', finishedAt: undefined }), summary(41)]);
  expect(page.send(action('open', 'enter'))).toEqual([
    {
      kind: 'open',
      request: { screen: 'run', environment: 'production', source: { kind: 'follow', run: 43 } },
    },
  ]);
  page.send(action('down'));
  expect(page.send(action('open', 'enter'))).toEqual([
    { kind: 'open', request: { screen: 'run-detail', run: 41 } },
  ]);
});

test('the filter keeps the runs that hold the letters, and esc clears it before it leads back', () => {
  const page = opened([summary(42, { environment: 'staging' }), summary(41)]);
  page.send(action('filter', '/'));
  for (const letter of 'stag') page.send({ kind: 'key', key: keyNamed(letter) });
  expect(page.text().join('\n')).not.toContain('41 production');
  expect(page.send(action('back', 'esc'))).toEqual([]);
  expect(page.text().join('\n')).toContain('41 production');
  expect(page.send(action('back', 'esc'))).toEqual([{ kind: 'back' }]);
});

test('without any run it says which key makes the first', () => {
  expect(opened([]).text()[0]).toBe('  No run yet. d on an environment makes the first.');
});

test('a long list stays within its rows, at every width', () => {
  const list = Array.from({ length: 300 }, (_, index) => summary(300 - index));
  for (const columns of [160, 120, 80, 60]) {
    const page = opened(list, context(columns, 20));
    page.send(action('last', 'G'));
    expect(page.text()).toHaveLength(20);
    expect(page.text().join('\n')).toMatch(/▸ .* 1 production/);
  }
});

test('where there is no run the footer leads back instead of listing what cannot be done', () => {
  const here = context(80, 12);
  const { state } = runs.open({ screen: 'runs', environment: undefined }, here);
  const shown = runs.bindings.filter(
    ({ footer }) => (typeof footer === 'function' ? footer(state, here) : footer) !== undefined,
  );
  expect(shown.map(({ action }) => action)).toContain('back');
  expect(shown.filter(({ blocked }) => blocked?.(state, here) !== undefined)).toEqual([]);
});

test('the report of a run is to be had before the run itself was read', () => {
  const { send } = opened([summary(8), summary(7)]);
  send(action('down'));
  expect(send(action('export', 'x'))).toEqual([
    { kind: 'report', args: ['show', '7', '--report'], name: 'run-7.md' },
  ]);
});

test('of a run that was cut off nothing is shown as still at work', () => {
  const cut = summary(41, { outcome: 'cut-off', inside: { database: 'app', tag: '0014_orders_due_date' } });
  const events = [...dryRun, ...deployBegun];
  const report = { schemaVersion: 1, kind: 'run', summary: cut, events, log: undefined } as const;
  const list = opened([cut], context(120, 30));
  list.send({ kind: 'answer', id: 'detail', report });
  const here = context(120, 33);
  const asking = runDetail.open({ screen: 'run-detail', run: 41 }, here).state;
  const { state } = runDetail.reduce(asking, { kind: 'answer', id: 'run', report }, here);
  const page = render(createElement(runDetail.View, { state, context: here }));
  for (const text of [list.text().join('\n'), page.lastFrame() ?? '']) {
    expect(text).toMatch(/apply.*cut off: its process ended here/);
    expect(text).not.toContain(signs.running);
    expect(text).not.toContain('longer than in the dry-run');
  }
  page.unmount();
});
