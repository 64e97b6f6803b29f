import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import type { DoctorReport } from '../../../src/operations/reports.ts';
import { doctor } from '../../../src/tui/screens/doctor/screen.tsx';
import { environments } from '../../../src/tui/screens/environments/screen.tsx';
import { firstState } from '../../../src/tui/screens/environments/state.ts';
import { contextWith, openingOf } from '../../support/status.ts';
import { context, keyNamed } from '../recorded/screen.ts';

const here = context(80, 21);

const report: DoctorReport = {
  schemaVersion: 1,
  kind: 'doctor',
  checks: [
    { check: 'configuration', state: 'ok', says: 'migrate-tui.config.ts in /project.' },
    { check: 'note', state: 'warning', says: 'drizzle.config.js is ignored.' },
    { check: 'dev', state: 'problem', says: 'dev did not answer in 10 s.', next: 'Start its server.' },
  ],
};

test('what is said of the project is counted above the environments, and a key leads to it', () => {
  const quiet = contextWith(openingOf(['0000_init'], ['dev']), []);
  expect(rightOf(quiet)).not.toContain('note');
  const opening = { ...openingOf(['0000_init'], ['dev']), notes: ['drizzle.config.js is ignored.'] };
  const noted = contextWith(opening, []);
  expect(rightOf(noted)).toContain('1 note');
  const key = environments.bindings.find(({ keys }) => keys.includes('i'));
  expect(typeof key?.footer === 'function' && key.footer(firstState, noted)).toBe(4);
  expect(typeof key?.footer === 'function' && key.footer(firstState, quiet)).toBeUndefined();
  const pressed = { kind: 'action', action: key?.action ?? '', key: keyNamed('i') } as const;
  expect(environments.reduce(firstState, pressed, noted).effects).toContainEqual({
    kind: 'open',
    request: { screen: 'doctor' },
  });
});

test('what stands in the way is said first, with what to do', () => {
  const text = drawn(report);
  expect(text).toMatch(
    /✗ 1 problem and 1 thing to look at[^]*▸ ✗ dev .*\n.*Start its server[^]*▲ note [^]*✓ configuration/,
  );
  expect(drawn({ ...report, checks: report.checks.slice(0, 1) })).toContain('✓ Nothing stands in the way.');
});

function rightOf(at: typeof here): string {
  return environments
    .header(firstState, at)
    .right.map(({ text }) => text)
    .join(', ');
}

function drawn(answer: DoctorReport): string {
  const opened = doctor.open({ screen: 'doctor' }, here).state;
  const { state } = doctor.reduce(opened, { kind: 'answer', id: 'page', report: answer }, here);
  const page = render(<doctor.View state={state} context={here} />);
  const frame = page.lastFrame() ?? '';
  page.unmount();
  return frame;
}
