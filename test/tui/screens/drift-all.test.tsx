import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import type { DriftTableReport } from '../../../src/operations/reports.ts';
import { widthOf } from '../../../src/tui/present/width.ts';
import { driftAll } from '../../../src/tui/screens/drift-all/screen.tsx';
import { environment } from '../../../src/tui/screens/environment/screen.tsx';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';
import { context, keyNamed } from '../recorded/screen.ts';

const report: DriftTableReport = {
  schemaVersion: 1,
  kind: 'drift-all',
  environments: [
    {
      environment: 'local',
      targets: [
        { database: 'app', state: 'differs', fingerprint: 'aaaabbbbccccdddd', objects: 5, at: '0016_drop' },
        { database: 'auth', state: 'equal', fingerprint: '9999888877776666', at: '0002_lock', ignored: 2 },
      ],
    },
    { environment: 'dev', targets: [{ database: 'app', state: 'missing' }] },
    {
      environment: 'staging',
      targets: [{ database: 'app', state: 'unreachable', why: 'It did not answer in 10 s.' }],
    },
    {
      environment: 'production',
      targets: [{ database: 'app', state: 'not-replayed', why: 'At 0006, because its file is missing.' }],
    },
  ],
};

function opened(columns = 100, rows = 21) {
  const here = context(columns, rows);
  let { state, effects = [] } = driftAll.open({ screen: 'drift-all' }, here);
  const asked = effects;
  const answer = driftAll.reduce(state, { kind: 'answer', id: 'page', report }, here);
  state = answer.state;
  const act = (action: string, key = 'enter') => {
    const step = driftAll.reduce(state, { kind: 'action', action, key: keyNamed(key) }, here);
    state = step.state;
    return step.effects ?? [];
  };
  const text = (): string => {
    const page = render(<driftAll.View state={state} context={here} />);
    const frame = page.lastFrame() ?? '';
    page.unmount();
    return frame;
  };
  return { asked, answered: answer.effects, act, text, header: () => driftAll.header(state, here) };
}

test('every environment with its own migrations is a line, with its fingerprint and where it is', () => {
  const page = opened();
  expect(page.asked).toEqual([{ kind: 'ask', id: 'page', args: ['drift', '--all'] }]);
  expect(page.answered).toEqual([{ kind: 'refresh' }]);
  const text = page.text();
  expect(text).toMatch(/▸ local, app +≠ 5 objects differ +aaaabbbbcccc +at 0016_drop/);
  expect(text).toMatch(/local, auth +✓ no drift, 2 allowed +999988887777/);
  expect(text).toMatch(/dev, app +· not there yet/);
  expect(text).toMatch(/staging, app +\? unreachable/);
  expect(text).toMatch(/production, app +\? cannot be replayed/);
  expect(page.header().right[0]?.text).toBe('1 of 5 databases drifted');
});

test('the line under the cursor says why, and enter opens what differs there', () => {
  const page = opened();
  expect(page.text()).toContain('enter shows what differs. Its fingerprint: aaaabbbbccccdddd.');
  expect(page.act('open')).toEqual([
    { kind: 'database', name: 'app' },
    { kind: 'open', request: { screen: 'drift', environment: 'local' } },
  ]);
  for (let step = 0; step < 3; step += 1) page.act('down', 'j');
  expect(page.text()).toContain('It did not answer in 10 s.');
});

test.each([160, 80, 60, 40])('it fits %i columns', (columns) => {
  for (const line of opened(columns).text().split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
});

test('of an environment that drifted its page names the key that shows how', () => {
  const drifted = statusOf([], 'dev', {}, { state: ['drifted'], driftAskedAt: '2026-11-20T13:00:00Z' });
  const here = { ...contextWith(openingOf([], ['dev']), [drifted]), columns: 80, rows: 20 };
  const { state } = environment.open({ screen: 'environment', environment: 'dev' }, here);
  const page = render(<environment.View state={state} context={here} />);
  expect(page.lastFrame()).toMatch(/≠ drifted 1 h ago[^]*c shows what differs/);
  page.unmount();
});
