import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { foldRun } from '../../../src/tui/present/run.ts';
import { statementLine } from '../../../src/tui/present/statements.ts';
import { stepLines } from '../../../src/tui/present/steps.ts';
import { wayBackWords } from '../../../src/tui/present/way-back.ts';
import { at, deployBegun, deployDone, deployFailed, dryRun, evidence } from '../recorded/deploy.ts';

const now = Date.parse('2026-11-20T14:02:44.500Z');
const steps = (events: Parameters<typeof foldRun>[0], width = 120): readonly string[] =>
  stepLines(signs, foldRun(events), { width, now }).map((line) => textOf(line).trimEnd());

test('before anything ran, the steps to come are named', () => {
  expect(steps(dryRun.slice(0, 1))).toEqual([
    '  ○ backup                  back up, read back',
    '  ○ dry-run                 restore the backup and run the plan on its rows',
  ]);
});

test('a step that runs says how far it is', () => {
  expect(steps(dryRun.slice(0, 3))[0]).toBe('  ● backup     33.5 s       236 MiB of 412 MiB');
});

test('a dry-run that runs says which statement it is at', () => {
  const begun = at(40, '14:02:20', {
    kind: 'statement',
    step: 'dry-run',
    database: 'app',
    tag: '0016_first_filling_of_the_table',
    number: 2,
    of: 4,
    phase: 'begun',
  });
  const events = [...dryRun.slice(0, 5), begun];
  expect(steps(events)[1]).toMatch(/● dry-run .* 0016_first_filling_of_the_table, statement 2 of 4$/);
  expect(steps(events, 60)[1]).toMatch(/● dry-run +[\d.]+ s +statement 2 of 4$/);
});

test('a dry-run that found a loss says so where it is narrow, and not that all is well', () => {
  const found = dryRun.map((event) =>
    event.kind === 'step-finished' && event.step === 'dry-run' && event.evidence
      ? {
          ...event,
          says: 'b41 restored, 1 migration in 6.4 s, members loses 500 rows that no statement asks for, 0 new violations',
          evidence: {
            ...event.evidence,
            losses: [{ kind: 'rows', table: 'members', rows: 500, likely: 'a cascade' } as const],
          },
        }
      : event,
  );
  expect(steps(found, 80)[1]).toMatch(/✓ dry-run +6.2 s +1 loss that no statement asks for$/);
});

test('a dry-run that failed names the migration and the statement first, where it is narrow, too', () => {
  const failed = at(40, '14:02:20', {
    kind: 'step-failed',
    step: 'dry-run',
    database: 'app',
    tag: '0016_slug',
    statement: 1204,
    code: 'rehearsal-failed',
    message: 'The dry-run of production stopped at 0016_slug.',
    took: 120,
  });
  expect(steps([...dryRun.slice(0, 5), failed], 80)[1]).toBe(
    '  ✗ dry-run    120 ms       0016_slug, statement 1,204…',
  );
});

test('a deploy after its dry-run is shown as one way', () => {
  expect(steps([...dryRun, ...deployBegun])).toEqual([
    '  ✓ backup     1.9 s        b41, 412 MiB, 13 tables, 1,204,118 rows, checksum read back',
    '  ✓ dry-run    6.2 s        b41 restored, 1 migration in 6.4 s, order_drafts -312 rows, asked for, 0 new violations',
    '  ✓ confirmed               production typed at 14:02:40 UTC; files, schema and history are those of the evidence',
    '  ● apply      4.3 s        statement 7 of 12, about 2.1 s left of the 6.4 s expected from the dry-run',
    '  ○ verify                  schema, rows, foreign keys, integrity',
  ]);
});

test('where it is narrow the steps keep what matters: how they ended, and how far the running one is', () => {
  const events = [...dryRun, ...deployBegun];
  expect(steps(events, 80)).toEqual([
    '  ✓ backup     1.9 s        b41, 412 MiB, checksum read back',
    '  ✓ dry-run    6.2 s        order_drafts -312 rows, asked for, 0 new violations',
    '  ✓ confirmed               14:02:40 UTC; still as rehearsed',
    '  ● apply      4.3 s        statement 7 of 12, about 2.1 s left of 6.4 s',
    '  ○ verify                  schema, rows, foreign keys, integrity',
  ]);
  expect(steps(events, 60)).toEqual([
    '  ✓ backup     1.9 s  b41, 412 MiB, checksum read back',
    '  ✓ dry-run    6.2 s  order_drafts -312 rows, asked for…',
    '  ✓ confirmed         14:02:40 UTC; still as rehearsed',
    '  ● apply      4.3 s  statement 7 of 12',
    '  ○ verify            schema, rows, foreign keys, integrity',
  ]);
});

test('the way back is the backup, and the dry-run is what proves it', () => {
  expect(foldRun(dryRun.slice(0, 4)).wayBack).toMatchObject({ backup: 'b41', proof: 'read-back' });
  expect(foldRun(dryRun).wayBack).toMatchObject({ backup: 'b41', proof: 'proven' });
});

test('a backup that the server keeps in its own history is not said to be restored by a dry-run on a copy', () => {
  const events = dryRun.map((event) => {
    if (event.kind !== 'step-finished') return event;
    return event.step === 'backup'
      ? { ...event, keptBy: 'server' as const }
      : { ...event, evidence: { ...evidence, rows: 'copy' as const } };
  });
  const { wayBack } = foldRun(events);
  expect(wayBack).toMatchObject({ backup: 'b41', proof: 'kept-by-server' });
  expect(wayBackWords(foldRun(events))).toBe("b41 of 14:02:13 UTC, kept in the server's own history");
});

test('when rows moved since the backup, the way back names the fresh one and says why', () => {
  const renewed = at(41, '14:02:40', {
    kind: 'backup-renewed',
    database: 'app',
    backup: 'b42',
    because: 'rows changed',
  });
  const events = [...dryRun, ...deployBegun.slice(0, 2), renewed, ...deployBegun.slice(2)];
  expect(foldRun(events).wayBack).toMatchObject({ backup: 'b42', because: 'rows changed' });
  expect(steps(events)[2]).toContain('rows changed: fresh backup b42 taken');
});

test('what stopping would do is said until the run is over', () => {
  expect(foldRun([...dryRun, ...deployBegun]).stopping).toContain('undoes 0014 in full');
  expect(foldRun([...dryRun, ...deployDone]).stopping).toBeUndefined();
});

test('statements show what they took beside what they took in the dry-run', () => {
  const view = foldRun([...dryRun, ...deployBegun]);
  const [migration] = view.migrations;
  if (!migration) throw new Error('no migration');
  const line = (number: number) =>
    textOf(
      statementLine(signs, view, migration, number, {
        width: 100,
        now,
        sql: new Map(),
        unread: 'settled' as const,
        cursor: 7,
      }),
    );
  expect(line(4)).toContain('✓  4  statement 4');
  expect(line(4)).toMatch(/11 ms {6}9 ms/);
  expect(line(7)).toMatch(/^▸ ● {2}7 .* 2\.2 s {5}2\.4 s {3}━+─/);
  expect(line(8)).toMatch(/○ {2}8 .* 410 ms/);
});

test('a run that stopped part-way says what stayed, what failed and what was not begun', () => {
  const view = foldRun(deployFailed);
  expect(view.outcome).toMatchObject({ kind: 'failed', exitCode: 5, applied: [{ tag: '0017_team_slugs' }] });
  expect(view.migrations.map(({ state }) => state)).toEqual(['done', 'failed', 'to-come']);
  expect(view.migrations[1]?.statements.get(3)?.state).toBe('failed');
  expect(view.steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
    'lock not-started',
    'migrate failed',
    'verify not-started',
  ]);
});

test('events of a newer version are passed over', () => {
  const unknown = { schemaVersion: 1, run: 40, at: '2026-11-20T14:02:20Z', kind: 'weather' };
  const events = JSON.parse(JSON.stringify([...dryRun, unknown]));
  expect(foldRun(events).steps).toEqual(foldRun(dryRun).steps);
});
