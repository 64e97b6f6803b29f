import { expect, test } from 'vitest';
import { unicodeSigns } from '../../../../src/lib/signs.ts';
import type { MigrationReport } from '../../../../src/operations/reports.ts';
import { textOf } from '../../../../src/tui/present/line.ts';
import { detailLines } from '../../../../src/tui/screens/environments/detail.ts';
import { gridOf } from '../../../../src/tui/screens/environments/grid.ts';
import type { Context } from '../../../../src/tui/screen.ts';
import { contextWith, noon, openingOf, statusOf } from '../../../support/status.ts';

const tags = ['0000_init', '0001_users'];
const names = Array.from({ length: 30 }, (_, index) => `region-${index + 1}`);
const pending = { '0001_users': 'pending' } as const;

const report: MigrationReport = {
  schemaVersion: 1,
  kind: 'migration',
  database: 'app',
  tag: '0001_users',
  hash: 'a',
  file: 'drizzle/0001_users.sql',
  statements: [{ number: 1, sql: 'DROP TABLE notes', line: 1 }],
  companions: {},
  findings: [
    {
      rule: 'drop-table',
      database: 'app',
      line: 1,
      severity: 'warning',
      tag: '0001_users',
      statement: 1,
      message: 'The table notes is dropped with its rows.',
    },
  ],
  environments: [],
};

test.each([
  ['below', 120, 18],
  ['below', 80, 20],
  ['beside', 52, 30],
] as const)(
  'of 30 environments those in sight are named and the others counted, and no finding is pushed out (%s, %i wide)',
  (place, width, height) => {
    const text = shown(contextWith(openingOf(tags, names), all()), { place, width, height });
    expect(text).toContain('The table notes is dropped');
    expect(text).toMatch(/\d+ more environments/);
    const named = [...text.matchAll(/region-\d+ /g)].length;
    expect(named + Number(/(\d+) more/.exec(text)?.[1])).toBe(30 + 1);
  },
);

test.each([
  [80, 'applied 2 h ago, 20 Nov 12:00 UTC ─'],
  [44, 'applied 2 h ago ─'],
  [36, 'applied ─'],
])('of the time only as much is said as has room (%i wide)', (width, says) => {
  const appliedAt = '2026-11-20T12:00:00Z';
  const report = statusOf(tags, 'dev', {});
  const environments = report.environments.map((environment) => ({
    ...environment,
    targets: environment.targets.map((target) => ({
      ...target,
      items: target.items.map((item) => ({ ...item, appliedAt })),
    })),
  }));
  const text = shown(contextWith(openingOf(tags, ['dev']), [{ ...report, environments }]), {
    place: 'below',
    width,
    height: 6,
  });
  expect(text.split('\n')[0]).toContain(says);
});

test('on a small screen the rows that the findings leave free show the SQL', () => {
  const text = shown(contextWith(openingOf(tags, ['dev']), [statusOf(tags, 'dev', pending)]), {
    place: 'below',
    width: 80,
    height: 10,
  });
  expect(text).toMatch(/1 {2}DROP TABLE notes[^]*findings\n.* 1 +The table notes is dropped/);
  const low = shown(contextWith(openingOf(tags, ['dev']), [statusOf(tags, 'dev', pending)]), {
    place: 'below',
    width: 80,
    height: 9,
  });
  expect(low).toContain('The table notes is dropped');
});

test('where the moment of an environment does not fit it is said how long ago it was', () => {
  const named = ['production-of-the-whole-wide-world', 'dev'];
  const applied = named.map((name) =>
    statusOf(
      tags,
      name,
      {},
      { items: [{ tag: '0001_users', state: 'applied', appliedAt: '2026-11-20T13:00:00Z' }] },
    ),
  );
  const text = shown(contextWith(openingOf(tags, named), applied), {
    place: 'below',
    width: 120,
    height: 18,
  });
  expect(text).toMatch(/✓ produ\S*…\S*world +1 h ago *$/m);
  const wide = shown(contextWith(openingOf(tags, ['dev']), applied.slice(1)), {
    place: 'below',
    width: 120,
    height: 18,
  });
  expect(wide).toMatch(/✓ dev +1 h ago {2}20 Nov 13:00 UTC/);
});

test('an environment that is being asked says so', () => {
  const text = shown(
    contextWith(openingOf(tags, ['region-1', 'uat']), [statusOf(tags, 'region-1', pending)]),
    {
      place: 'below',
      width: 120,
      height: 18,
    },
  );
  expect(text).toMatch(/uat +asking/);
});

function all() {
  return names.map((name) => statusOf(tags, name, pending));
}

function shown(
  context: Context,
  size: { readonly place: 'below' | 'beside'; readonly width: number; readonly height: number },
): string {
  const grid = gridOf(context, { filter: '', shows: 'all' });
  return detailLines(unicodeSigns, {
    grid,
    row: grid.rows[0],
    column: grid.columns[0],
    index: 0,
    known: { kind: 'read', report },
    blocked: undefined,
    now: noon,
    ...size,
  })
    .map(textOf)
    .join('\n');
}
