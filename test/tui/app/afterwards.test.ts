import { expect, test } from 'vitest';
import { unicodeSigns } from '../../../src/lib/signs.ts';
import type { RunEvent } from '../../../src/operations/events.ts';
import { afterwards } from '../../../src/tui/app/afterwards.ts';
import { firstState } from '../../../src/tui/app/first-state.ts';
import { at, deployFailed } from '../recorded/deploy.ts';
import { rehearsalOfWay } from '../recorded/recovery.ts';

function left(...runs: readonly (readonly RunEvent[])[]) {
  const state = firstState({ columns: 80, rows: 24, now: 0, motion: 'full', place: '' });
  const started = runs.map((events, index) => ({
    owner: 1,
    id: 'run',
    pid: index,
    events,
    ended: { exitCode: 0 },
  }));
  return afterwards({ ...state, runs: started }, unicodeSigns);
}

const taken: readonly RunEvent[] = [
  ...rehearsalOfWay().slice(0, 4),
  at(51, '14:03:00', { kind: 'confirmed', by: 'mira', how: 'typed', hash: 'c0ffee0012345678' }),
  at(51, '14:03:01', {
    kind: 'step-finished',
    step: 'migrate',
    database: 'app',
    tag: '0014_orders_due_date',
    took: 40,
    says: 'undone, 2 statements, no record',
  }),
  at(51, '14:03:02', {
    kind: 'done',
    exitCode: 0,
    message: 'app in dev is recovered: back-out is done.',
    applied: [],
    took: 4000,
  }),
];

test('a way that was rehearsed and not taken leaves the exit code alone', () => {
  expect(left(rehearsalOfWay()).exitCode).toBe(0);
  expect(left(deployFailed, rehearsalOfWay()).exitCode).toBe(5);
});

test('a way that was rehearsed and taken is one run, in its own words and not as a migration that was applied', () => {
  const { text, exitCode } = left(rehearsalOfWay(), taken);
  expect(exitCode).toBe(0);
  expect(text).toContain('1 run');
  expect(text).toContain('✓ dev');
  expect(text).toContain('back-out is done.');
  expect(text).not.toContain('applied');
});
