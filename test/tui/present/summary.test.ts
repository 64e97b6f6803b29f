import { expect, test } from 'vitest';
import { placeFlags } from '../../../src/lib/command-line.ts';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import { summary } from '../../../src/tui/present/summary.ts';
import { deployDone, deployFailed, dryRun } from '../recorded/deploy.ts';
import { context } from '../recorded/screen.ts';

const at = context(80, 24);

test('what was done stays readable after the screen is left', () => {
  expect(summary({ runs: [[...dryRun, ...deployDone]], context: at, exitCode: 0 }, signs)).toBe(
    `migrate-tui: 1 run, app, 20 Nov 14:02 to 14:02 UTC                        exit 0
✓ production  0014_orders_due_date applied, 12 statements, 16.1 s (run 41)
              verified: schema, foreign keys, integrity, rows
              order_drafts -312: asked for by statement 9 of
              0014_orders_due_date, seen in the dry-run and confirmed
  backup      b41, 412 MiB, proven to restore by the dry-run
  to restore  npx migrate-tui restore production b41
  record      npx migrate-tui show 41`,
  );
});

test('a backup of several databases has a command for each, as a restore is of one', () => {
  const events = [...dryRun, ...deployDone].map((event) =>
    event.kind === 'step-finished' && event.step === 'backup' ? { ...event, database: 'app, auth' } : event,
  );
  expect(summary({ runs: [events], context: at, exitCode: 0 }, signs)).toContain(
    `  to restore  npx migrate-tui restore production b41 --database app
              npx migrate-tui restore production b41 --database auth
`,
  );
});

test('its commands work where the screen was opened: they say where the project is', () => {
  const place = placeFlags({ project: 'apps/worker', config: 'other.config.ts' });
  const text = summary({ runs: [[...dryRun, ...deployDone]], context: { ...at, place }, exitCode: 0 }, signs);
  const flags = '--project apps/worker --config other.config.ts';
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`npx migrate-tui restore ${flags} production b41`);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`npx migrate-tui show ${flags} 41`);
});

test('a run that stopped says so in full, with what to do next', () => {
  const text = summary({ runs: [deployFailed], context: at, exitCode: 5 }, signs);
  expect(text).toContain('exit 5');
  expect(text).toContain('✗ staging     staging stopped at 0018_slug_unique, statement 3 of 5.');
  expect(text).toContain('npx migrate-tui show 42');
});

test('how to go on from a dry-run stays readable, too', () => {
  const next = 'To apply exactly this: migrate-tui deploy production --yes --plan plan.json';
  const events = [...dryRun, ...deployDone].map((event) =>
    event.kind === 'done' ? { ...event, next } : event,
  );
  const text = summary({ runs: [events], context: at, exitCode: 0 }, signs);
  expect(text).toContain('  next        To apply exactly this: ');
  expect(text.replaceAll(/\s+/g, ' ')).toContain(next);
});

test('it fits 80 columns and holds no escape sequence', () => {
  for (const runs of [[[...dryRun, ...deployDone]], [deployFailed], [dryRun, deployFailed]]) {
    for (const line of summary({ runs, context: at, exitCode: 0 }, signs).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line).not.toContain('\x1b');
    }
  }
});

test('nothing done is one line', () => {
  expect(summary({ runs: [], context: at, exitCode: 0 }, signs)).toBe(
    'migrate-tui: nothing was started, nothing was changed.',
  );
});
