import { expect, test } from 'vitest';
import { styleFor } from '../../src/cli/output/style.ts';
import { checkText } from '../../src/cli/text/check.ts';
import { doctorText } from '../../src/cli/text/doctor.ts';
import type { CheckFinding } from '../../src/operations/reports.ts';

const style = styleFor({ stream: {}, env: {}, colour: 'never', ascii: 'as-fits' });

test('doctor says once what to do about several checks, below the last of them', () => {
  const problem = (check: string, next: string) => ({ check, state: 'problem', says: 'no', next }) as const;
  const checks = [
    problem('staging', 'Set TOKEN.'),
    problem('production', 'Set TOKEN.'),
    problem('git', 'Commit.'),
  ];
  expect(doctorText({ schemaVersion: 1, kind: 'doctor', checks }, style)).toEqual([
    '✗ problem staging  no',
    '✗ problem production  no',
    '    Set TOKEN.',
    '✗ problem git  no',
    '    Commit.',
  ]);
});

test('check says once what to do about several findings, also of several databases', () => {
  const finding = (message: string): CheckFinding => {
    return { kind: 'folder', severity: 'error', message, next: 'migrate-tui check --repair' };
  };
  const databases = ['app', 'auth'].map((database) => ({
    database,
    schema: { state: 'current', says: '' } as const,
    findings: [finding(`${database}: one.`), finding(`${database}: two.`)],
  }));
  const text = checkText({ schemaVersion: 1, kind: 'check', databases }, style);
  expect(text[0]).toBe('✓ app  The schema is not ahead of the migrations: drizzle-kit would write none.');
  expect(text.filter((line) => line.includes('--repair'))).toHaveLength(1);
  expect(text.at(-1)).toBe('    migrate-tui check --repair');
});
