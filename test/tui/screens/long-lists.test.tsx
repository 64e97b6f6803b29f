import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import type {
  BackupSummary,
  DriftTableReport,
  Report,
  VerifyReport,
} from '../../../src/operations/reports.ts';
import type { Context, Screen } from '../../../src/tui/screen.ts';
import { backups } from '../../../src/tui/screens/backups/screen.tsx';
import { driftAll } from '../../../src/tui/screens/drift-all/screen.tsx';
import { unfinished } from '../../../src/tui/screens/unfinished/screen.tsx';
import { verify } from '../../../src/tui/screens/verify/screen.tsx';
import { context, keyNamed } from '../recorded/screen.ts';

const thirty = Array.from({ length: 30 }, (_, index) => index + 1);
const here = context(80, 21);

test('of thirty backups the one under the cursor has its restore command in sight', () => {
  const kept = thirty.map((at) => backupOf(`b${at}`));
  const page = answered(
    backups,
    { screen: 'backups', environment: 'dev' },
    {
      schemaVersion: 1,
      kind: 'backups',
      backups: kept,
    },
  );
  expect(page.text()).toMatch(/▸ b1 [^]*rows below[^]*── b1 ─[^]*migrate-tui restore dev b1/);
  page.act('last');
  expect(page.text()).toMatch(/rows above[^]*── b30 ─[^]*migrate-tui restore dev b30/);
  expect(page.text()).toMatch(/▸ b30 /);
});

test('the commands that restore several databases stand under each other', () => {
  const backup = backupOf('b41');
  const databases = ['app', 'auth'].flatMap((database) =>
    backup.databases.map((one) => ({ ...one, database })),
  );
  const report: Report = { schemaVersion: 1, kind: 'backups', backups: [{ ...backup, databases }] };
  const [, first, second] =
    /^( +to restore +)npx .* app\n( +)npx .* auth$/m.exec(
      answered(backups, { screen: 'backups', environment: 'dev' }, report).text(),
    ) ?? [];
  expect(first).toBeDefined();
  expect(second).toHaveLength(first?.length ?? 0);
});

test('a damaged backup is said to be of no use, and no key restores it', () => {
  const report: Report = {
    schemaVersion: 1,
    kind: 'backups',
    backups: [{ ...backupOf('b41'), proof: 'damaged' }],
  };
  const page = answered(backups, { screen: 'backups', environment: 'dev' }, report);
  expect(page.text()).toContain('b41 cannot be restored: it is not what was written when it was taken.');
  expect(page.text()).not.toContain('migrate-tui restore');
  expect(page.footer()).toEqual(['read again', 'back']);
});

test('of thirty environments the one under the cursor says why it is as it is', () => {
  const report: DriftTableReport = {
    schemaVersion: 1,
    kind: 'drift-all',
    environments: thirty.map((at) => ({
      environment: `region-${at}`,
      targets: [{ database: 'app', state: 'unreachable', why: `Server ${at} did not answer in 10 s.` }],
    })),
  };
  const page = answered(driftAll, { screen: 'drift-all' }, report);
  page.act('last');
  expect(page.text()).toMatch(/▸ region-30 [^]*Server 30 did not answer in 10 s\./);
});

test('checks that take several rows each are all reached by the cursor', () => {
  const report: VerifyReport = {
    schemaVersion: 1,
    kind: 'verify',
    environment: 'production',
    equal: true,
    checks: thirty.map((at) => ({
      database: 'app',
      check: 'verify-file',
      state: 'proven',
      says: `${String(at).padStart(4, '0')}_orders.verify.sql holds for every row of every table of the shop that it names`,
    })),
  };
  const page = answered(verify, { screen: 'verify', environment: 'production' }, report);
  expect(page.text()).toContain('production is what its migrations say');
  page.act('last');
  expect(page.text()).toMatch(/▸ ✓ your checks +0030_orders[^]*that it names/);
});

test('of several runs that were cut off the one under the cursor is in sight', () => {
  const runs = [1, 2, 3, 4, 5, 6].map((run) => ({ ...cutOff, run }));
  let { state } = unfinished.open({ screen: 'unfinished', runs }, here);
  for (let step = 0; step < 5; step += 1)
    state = unfinished.reduce(state, { kind: 'action', action: 'down', key: keyNamed('j') }, here).state;
  const page = render(<unfinished.View state={state} context={here} />);
  expect(page.lastFrame()).toMatch(/▸ . Run 6 on dev was cut off[^]*Started by mira@kestrel/);
  page.unmount();
});

test('a backup that cannot be read stands in the list with why, and with no key that would restore it', () => {
  const kept: BackupSummary = { ...backupOf('b2'), partial: ['orders', 'teams'] };
  const page = answered(
    backups,
    { screen: 'backups', environment: 'dev' },
    {
      schemaVersion: 1,
      kind: 'backups',
      backups: [kept],
      unreadable: [
        {
          id: 'b1',
          says: 'The manifest /backups/b1/manifest.json is not JSON',
          next: 'Remove the folder once nothing in it is needed.',
        },
      ],
    },
  );
  expect(page.header()).toBe('1 backup, 1 unreadable');
  expect(page.text()).toContain('partial: only orders, teams');
  expect(page.footer()).toEqual(['review its restore', 'copy the restore command', 'read again', 'back']);
  page.act('last');
  expect(page.text()).toMatch(/▸ b1 +· +✗ unreadable[^]*── b1 ─[^]*is not JSON\.\n  Remove the folder/);
  expect(page.footer()).toEqual(['read again', 'back']);
});

test.each([
  ['here', /encrypted with the key 3f9a12ab34cd\n/],
  ['not-here', /encrypted with the key 3f9a12ab34cd, which is not here: it cannot be restored\s+until/],
] as const)('a backup under a key that is %s says so', (is, says) => {
  const kept: BackupSummary = { ...backupOf('b2'), encrypted: { key: '3f9a12ab34cd', is } };
  const page = answered(
    backups,
    { screen: 'backups', environment: 'dev' },
    { schemaVersion: 1, kind: 'backups', backups: [kept] },
  );
  expect(page.text()).toMatch(says);
});

test('with nothing to restore no key for it stands in the footer', () => {
  const page = answered(
    backups,
    { screen: 'backups', environment: 'dev' },
    {
      schemaVersion: 1,
      kind: 'backups',
      backups: [],
    },
  );
  expect(page.footer()).toEqual(['read again', 'back']);
});

function backupOf(id: string): BackupSummary {
  return {
    id,
    environment: 'dev',
    takenAt: '2026-11-20T13:00:00Z',
    proof: 'proven',
    size: 5_000_000,
    keptUntil: undefined,
    path: `/backups/${id}`,
    databases: [
      { database: 'app', location: 'dev.db', tables: 3, rows: 10, tags: ['0001_users'], fingerprint: 'f' },
    ],
  };
}

function answered<State, Request>(screen: Screen<State, Request>, request: Request, report: Report) {
  let { state } = screen.open(request, here);
  state = screen.reduce(state, { kind: 'answer', id: 'page', report }, here).state;
  const act = (action: string): void => {
    state = screen.reduce(state, { kind: 'action', action, key: keyNamed('G') }, here).state;
  };
  const text = (): string => {
    const page = render(<screen.View state={state} context={here} />);
    const frame = page.lastFrame() ?? '';
    page.unmount();
    expect(frame.split('\n').length).toBeLessThanOrEqual(here.rows);
    return frame;
  };
  const footer = (): readonly string[] =>
    screen.bindings.flatMap((binding) => {
      const place = typeof binding.footer === 'function' ? binding.footer(state, here) : binding.footer;
      return place === undefined ? [] : [labelOf(binding.label, state, here)];
    });
  const header = (): string =>
    screen
      .header(state, here)
      .right.map(({ text: part }) => part)
      .join(', ');
  return { act, text, footer, header };
}

function labelOf<State>(
  label: string | ((state: State, context: Context) => string),
  state: State,
  at: Context,
): string {
  return typeof label === 'string' ? label : label(state, at);
}

const cutOff = {
  run: 2,
  operation: 'deploy',
  environment: 'dev',
  databases: ['app'],
  startedAt: '2026-11-20T14:02:11Z',
  finishedAt: undefined,
  exitCode: undefined,
  outcome: 'cut-off',
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
