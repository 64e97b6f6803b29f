import { expect, test } from 'vitest';
import { asciiSigns, unicodeSigns } from '../../../../src/lib/signs.ts';
import { emptyLines } from '../../../../src/tui/screens/environments/empty.ts';
import { bindings } from '../../../../src/tui/screens/environments/keys.ts';
import { firstState } from '../../../../src/tui/screens/environments/state.ts';
import { gridOf } from '../../../../src/tui/screens/environments/grid.ts';
import { layoutOf } from '../../../../src/tui/screens/environments/layout.ts';
import { matrixLines } from '../../../../src/tui/screens/environments/matrix.ts';
import { tabLines } from '../../../../src/tui/screens/environments/tabs.ts';
import { textOf } from '../../../../src/tui/present/line.ts';
import { withStatus } from '../../../../src/tui/app/status.ts';
import type { Context } from '../../../../src/tui/screen.ts';
import { contextWith, noon, openingOf, statusOf } from '../../../support/status.ts';

const tags = ['0000_init', '0001_users', '0002_orders', '0003_orders_due_date'];
const names = ['local', 'dev', 'staging', 'production'];

test('what is applied everywhere folds into one row, and what is not stands by itself', () => {
  const context = contextWith(openingOf(tags, names), [
    statusOf(tags, 'local'),
    statusOf(tags, 'dev', { '0003_orders_due_date': 'half' }),
    statusOf(tags, 'staging', { '0002_orders': 'skipped' }),
    statusOf(tags, 'production', { '0003_orders_due_date': 'pending' }),
  ]);
  expect(shown(context, { columns: 120 }).slice(-4)).toEqual([
    '  0003_orders_due_date  ▸ ✓ applied             ◐ half                ✓ applied             ○ pending',
    '  0002_orders             ✓ applied             ✓ applied             ↷ skipped             ✓ applied',
    '  0000 to 0001            ✓ 2 migrations applied everywhere',
    '',
  ]);
});

test('records of squashed files fold into one row, also where an environment was tidied', () => {
  const files = tags.slice(2);
  const records = { '0000_init': 'squashed', '0001_users': 'squashed' } as const;
  const context = contextWith(openingOf(files, ['local', 'dev']), [
    statusOf(tags, 'local', records),
    statusOf(tags, 'dev', records),
  ]);
  expect(shown(context, { columns: 120 }).join('\n')).toMatch(
    /0002 to 0003 +▸ ✓ 2 migrations applied everywhere\n +0000 to 0001 +≡ 2 records squashed everywhere/,
  );
  const tidied = withStatus(context, statusOf(files, 'dev'), noon);
  expect(shown(tidied, { columns: 120 }).join('\n')).toMatch(/0000 to 0001 +≡ 2 squashed +·/);
});

test('a folder without migrations says what makes the first, by the tool that runs them', () => {
  const opening = openingOf([], ['local']);
  const saidWith = (format: string) => {
    const databases = opening.databases.map((database) => ({ ...database, format }));
    return emptyLines(firstState, contextWith({ ...opening, databases }, []))
      .map(textOf)
      .join('\n');
  };
  expect(saidWith('drizzle-0')).toContain('yet. drizzle-kit generate makes the first;');
  expect(saidWith('wrangler')).toContain(
    'yet. migrate-tui new NAME or drizzle-kit generate makes the first;',
  );
});

test('a long name has the room that is there, and loses its middle where there is none', () => {
  const long = ['local', 'staging-of-the-european-union'];
  const context = contextWith(
    openingOf(tags, long),
    long.map((name) => statusOf(tags, name)),
  );
  expect(shown(context, { columns: 120 }).join('\n')).toContain('2 staging-of-the-european-union');
  const many = [...long, 'production-of-the-european-union', 'production-of-the-united-states'];
  const text = shown(contextWith(openingOf(tags, many), []), { columns: 80 }).join('\n');
  expect(text).toMatch(/ 3 \S+…\S+ion +4 \S+…\S+tes/);
});

test('an environment that has not answered keeps nobody from folding, and nothing is claimed of it', () => {
  const context = contextWith(openingOf(tags, ['local', 'dev']), [statusOf(tags, 'local')]);
  const text = shown(context, { columns: 120 }).join('\n');
  expect(text).toMatch(/0000 to 0003 .*✓ 4 applied +·/);
  expect(text).not.toContain('everywhere');
});

test('an environment that stopped answering keeps its last values', () => {
  const before = contextWith(openingOf(tags, ['local', 'dev']), [
    statusOf(tags, 'local'),
    statusOf(tags, 'dev', { '0003_orders_due_date': 'pending' }),
  ]);
  const later = { ...before, now: noon + 360_000 };
  const gone = withStatus(
    later,
    statusOf(
      [],
      'dev',
      {},
      {
        state: ['unreachable'],
        items: [],
        error: { code: 'unreachable', message: 'dev did not answer.', next: undefined },
      },
    ),
    noon + 360_000,
  );
  const text = shown(gone, { columns: 120 }).join('\n');
  expect(text).toContain('? unreachable');
  expect(text).toContain('read 6 min ago');
  expect(text).toMatch(/0003_orders_due_date .*○ pending/);
});

test('a record without a file stands where the database has it', () => {
  const context = contextWith(openingOf(tags, ['local']), [
    statusOf(['0000_init', '9f31c2ab', '0001_users', '0002_orders', '0003_orders_due_date'], 'local', {
      '9f31c2ab': 'orphan',
    }),
  ]);
  const rows = gridOf(context, { filter: '', shows: 'all' }).rows;
  expect(rows.map(({ key }) => key)).toEqual([
    'migration:0003_orders_due_date',
    'migration:0002_orders',
    'migration:0001_users',
    'orphan:9f31c2ab',
    'migration:0000_init',
  ]);
});

test.each([160, 120, 100, 80])(
  'at %i columns no row is wider than the screen and no sign stands alone',
  (columns) => {
    const long = [...tags, '0004_a_very_long_name_that_has_to_lose_its_middle_somewhere_here'];
    const context = contextWith(
      openingOf(long, names),
      names.map((name) =>
        statusOf(long, name, {
          '0001_users': 'unrecorded',
          '0004_a_very_long_name_that_has_to_lose_its_middle_somewhere_here': 'pending',
        }),
      ),
    );
    for (const line of shown(context, { columns })) {
      expect(line.length).toBeLessThanOrEqual(columns);
      expect(line).not.toMatch(/[◇○](?! \w)/);
    }
  },
);

test('under 80 columns one environment is shown, with the signs of the others in its tabs', () => {
  const context = contextWith(
    openingOf(tags, names),
    names.map((name) => statusOf(tags, name, { '0003_orders_due_date': 'pending' })),
  );
  const { grid, layout } = at(context, 60, 1);
  const lines = tabLines(unicodeSigns, {
    grid,
    layout,
    row: 0,
    column: 1,
    top: 0,
    now: noon,
    filter: '',
  }).map(textOf);
  expect(lines[0]).toMatch(/^ +1 ○ local +▸2 ○ dev +3 ○ staging +4 ○ production/);
  expect(lines[2]).toMatch(/^ ▸ 0003_orders_due_date +○ pending/);
});

test('how long ago it drifted is left out where it would be cut, and stands where it fits', () => {
  const long = ['0014_orders_due_date', ...tags];
  const drifted = (driftAskedAt: string) =>
    contextWith(openingOf(long, names), [
      statusOf(long, 'local', {}, { state: ['drifted'], driftAskedAt }),
      statusOf(long, 'dev'),
    ]);
  expect(shown(drifted('2026-11-20T13:15:00Z'), { columns: 102 }).join('\n')).toMatch(/≠ drifted +✓ current/);
  expect(shown(drifted('2026-11-20T13:15:00Z'), { columns: 120 }).join('\n')).toMatch(
    /≠ drifted 45 min ago +✓ current/,
  );
});

test('at 80 columns the names of four environments are whole', () => {
  const long = ['0014_orders_due_date', ...tags];
  const context = contextWith(openingOf(long, names), []);
  expect(shown(context, { columns: 80 }).join('\n')).toMatch(/1 local +2 dev +3 staging +4 production$/m);
});

test('under 80 columns long names lose their middle before any sign is out of sight', () => {
  const long = ['local', 'staging-of-the-european-union', 'production-of-the-united-states', '開発環境'];
  const context = contextWith(openingOf(tags, long), [
    statusOf(tags, '開発環境', {}, { state: ['drifted'] }),
  ]);
  const { grid, layout } = at(context, 60, 0);
  const [tabs = ''] = tabLines(unicodeSigns, {
    grid,
    layout,
    row: 0,
    column: 0,
    top: 0,
    now: noon,
    filter: '',
  }).map(textOf);
  expect(tabs.trimEnd()).toMatch(/^ ▸1 . local +2 . \S+…\S+ +3 . \S+…\S+ +4 ≠ 開発環境$/);
});

test('under 80 columns the signs of nine environments are in sight, and what fits of a long name', () => {
  const nine = [
    'dev',
    'production-of-the-whole-wide-world-in-europe-central-1',
    'a',
    'b',
    'c',
    'd',
    'e',
    'f',
    'g',
  ];
  const context = contextWith(openingOf(tags, nine), [statusOf(tags, 'g', {}, { state: ['drifted'] })]);
  const { grid, layout } = at(context, 60, 1);
  const [tabs = ''] = tabLines(unicodeSigns, {
    grid,
    layout,
    row: 0,
    column: 1,
    top: 0,
    now: noon,
    filter: '',
  }).map(textOf);
  expect(tabs).toMatch(/^ {2}1 · ?▸2 · produ\S*…\S+ 3 · .* 8 · {1,2}9 ≠$/);
  expect(tabs.length).toBeLessThanOrEqual(60);
});

test('under 80 columns a long list makes room for why an environment does not answer', () => {
  const many = Array.from({ length: 60 }, (_, index) => `${String(index).padStart(4, '0')}_step`);
  const why = 'http://127.0.0.1:8080 cannot be reached: nothing listens there. Start the server.';
  const pending = Object.fromEntries(many.map((tag) => [tag, 'pending' as const]));
  const context = contextWith(openingOf(many, names), [statusOf(many, 'local', pending, { says: [why] })]);
  const { grid, layout } = at(context, 60, 0);
  const lines = tabLines(unicodeSigns, { grid, layout, row: 59, column: 0, top: 0, now: noon, filter: '' });
  const text = lines.map(textOf).join('\n');
  expect(lines).toHaveLength(2 + layout.list);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(why);
  expect(text).toContain('▸ 0000_step');
});

test('under 80 columns, why an environment does not answer stands in full below the list', () => {
  const why = `${'postgres://me@a.long.name.of.a.server.test/shop '.repeat(2)}does not answer.`;
  const context = contextWith(openingOf(tags, names), [statusOf(tags, 'local', {}, { says: [why] })]);
  const { grid, layout } = at(context, 60, 0);
  const view = { grid, layout, row: 0, column: 0, top: 0, now: noon, filter: '' };
  const lines = tabLines(unicodeSigns, view).map(textOf);
  expect(lines.join('').replaceAll(/\s+/g, ' ')).toContain(why);
  const low = tabLines(unicodeSigns, { ...view, layout: { ...layout, list: 3 } }).map(textOf);
  expect(low).toHaveLength(3);
  expect(low[1]).toMatch(/postgres:.*…$/);
});

test('with ASCII signs no other character is drawn', () => {
  const context = contextWith(
    openingOf(tags, names),
    names.map((name) => statusOf(tags, name, { '0003_orders_due_date': 'half' })),
  );
  const { grid, layout } = at(context, 120, 0);
  const lines = matrixLines(asciiSigns, {
    grid,
    layout,
    row: 0,
    column: 0,
    top: 0,
    now: noon,
    filter: '',
  }).map(textOf);
  expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
});

test('2,000 migrations in 8 environments are drawn window by window', () => {
  const many = Array.from({ length: 2000 }, (_one, index) => `${String(index).padStart(4, '0')}_step`);
  const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const pending = Object.fromEntries(
    many.filter((_tag, index) => index % 2 === 0).map((tag) => [tag, 'pending' as const]),
  );
  const context = contextWith(
    openingOf(many, eight),
    eight.map((name) => statusOf(many, name, pending)),
  );
  const { grid, layout } = at(context, 160, 0);
  expect(grid.rows).toHaveLength(2000);
  expect(gridOf(context, { filter: '', shows: 'exceptions' })).toBe(grid);
  const lines = matrixLines(unicodeSigns, {
    grid,
    layout,
    row: 1999,
    column: 0,
    top: 0,
    now: noon,
    filter: '',
  });
  expect(lines.length).toBeLessThan(40);
  for (const columns of [160, 80, 60]) {
    const text = shown(context, { columns }).join('\n');
    expect(text).toMatch(/behind 1,000( |$)/m);
    expect(text).not.toMatch(/\b1000\b/);
  }
});

function shown(context: Context, { columns }: { readonly columns: number }): readonly string[] {
  const { grid, layout } = at(context, columns, 0);
  const view = { grid, layout, row: 0, column: 0, top: 0, now: context.now, filter: '' };
  return matrixLines(unicodeSigns, view).map((line) => textOf(line).trimEnd());
}

function at(context: Context, columns: number, column: number) {
  const grid = gridOf(context, { filter: '', shows: 'exceptions' });
  return { grid, layout: layoutOf(grid, { columns, rows: 33, column, zoom: 'none' }) };
}

test('a squash is offered while no protected environment has run any of the history', () => {
  const squash = bindings.find(({ keys }) => keys.includes('s'));
  const offered = (context: Context) =>
    typeof squash?.footer === 'function' ? squash.footer(firstState, context) : squash?.footer;
  const opening = openingOf(tags, ['local', 'production']);
  const pending = Object.fromEntries(tags.map((tag) => [tag, 'pending'] as const));
  const known = contextWith(opening, [statusOf(tags, 'local'), statusOf(tags, 'production', pending)]);
  const guarded = (context: Context): Context => ({
    ...context,
    environments: new Map(
      [...context.environments].map(([name, one]) => [name, { ...one, protected: name === 'production' }]),
    ),
  });
  expect(offered(guarded(known))).toBeDefined();
  expect(offered(guarded(contextWith(opening, [statusOf(tags, 'local')])))).toBeUndefined();
  const there = withStatus(known, statusOf(tags, 'production'), noon);
  expect(offered(guarded(there))).toBeUndefined();
  expect(squash?.blocked?.(firstState, guarded(there))).toBeUndefined();
});

test.each([
  ['local', { state: ['drifted'] }, 'offered'],
  ['local', { state: ['behind'] }, 'offered'],
  ['local', { state: ['current'] }, 'not offered'],
  ['production', { state: ['behind'] }, 'not offered'],
  ['local', { state: ['behind'], engine: 'libsql-remote' }, 'not offered'],
] as const)('the data of another environment for %s that is %j is %s', (name, target, expected) => {
  const fetch = bindings.find(({ keys }) => keys.includes('f'));
  const other = statusOf(tags, 'other');
  const context = contextWith(openingOf(tags, [name, 'other']), [statusOf(tags, name, {}, target), other]);
  const footer = typeof fetch?.footer === 'function' ? fetch.footer(firstState, context) : fetch?.footer;
  expect(footer === undefined ? 'not offered' : 'offered').toBe(expected);
});
