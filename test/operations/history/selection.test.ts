import { describe, expect, test } from 'vitest';
import type { Migration } from '../../../src/migrations/migration.ts';
import type { History, HistoryItem } from '../../../src/operations/history/history.ts';
import { select } from '../../../src/operations/history/selection.ts';
import type { Wanted } from '../../../src/operations/history/selection.ts';
import { selectIn } from '../../../src/operations/history/selection-in.ts';

describe('what a deploy runs', () => {
  test('without more words: everything pending, in file order', () => {
    const result = choose(['0000_a applied', '0001_b pending', '0002_c pending']);
    expect(result).toEqual({ selected: ['0001_b', '0002_c'], waiting: [] });
  });

  test('with nothing pending: nothing, and no refusal', () => {
    expect(choose(['0000_a applied', '0001_b changed'])).toEqual({ selected: [], waiting: [] });
  });

  test('--to: up to it and with it, by tag, beginning or number; the rest waits', () => {
    for (const to of ['0001_b', '0001', '1', '01']) {
      expect(choose(['0000_a pending', '0001_b pending', '0002_c pending'], { to })).toEqual({
        selected: ['0000_a', '0001_b'],
        waiting: ['0002_c: comes after 0001_b'],
      });
    }
    expect(choose(['0000_a applied', '0001_b pending'], { to: '0000' })).toMatchObject({ selected: [] });
  });

  test('a beginning that fits none or several is not found, with the candidates', () => {
    const items = ['0010_a pending', '0011_b applied', '0002_c pending'];
    expect(() => choose(items, { to: '9' })).toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: 'No migration begins with 9',
        next: 'The newest are 0010_a, 0011_b, 0002_c.',
      }),
    );
    expect(() => choose(items, { only: '001' })).toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: '2 migrations begin with 001',
        next: 'Write more of the name: 0010_a, 0011_b.',
      }),
    );
    expect(choose(['0001_a pending', '0001_a_b pending'], { to: '0001_a' })).toMatchObject({
      selected: ['0001_a'],
    });
  });

  test('--only: exactly that one, refused while an earlier one is pending, unless out of order', () => {
    const items = ['0000_a pending', '0001_b pending', '0002_c pending'];
    expect(choose(items, { only: '0000' })).toMatchObject({ selected: ['0000_a'] });
    expect(choose(items, { only: '0002' })).toEqual({
      selected: [],
      waiting: expect.arrayContaining([expect.stringContaining('0002_c')]),
      refusal: 'refused: 0000_a and 1 more are pending before 0002_c',
    });
    expect(choose(items, { only: '0002', order: 'out-of-order' })).toEqual({
      selected: ['0002_c'],
      waiting: [
        '0000_a: not asked for; after 0002_c, which is newer, Drizzle never runs it',
        '0001_b: not asked for; after 0002_c, which is newer, Drizzle never runs it',
      ],
    });
    expect(choose(items, { only: '0002', order: 'out-of-order' }, 'drizzle-1').waiting[0]).toBe(
      '0000_a: only 0002_c was asked for',
    );
    expect(choose(['0000_a pending', '0001_b applied'], { only: '0001' })).toMatchObject({ selected: [] });
  });

  test('a skipped one waits, and runs only out of order', () => {
    const items = ['0000_a skipped', '0001_b applied', '0002_c pending'];
    expect(choose(items)).toEqual({
      selected: ['0002_c'],
      waiting: ['0000_a: a newer migration is recorded, so Drizzle never runs it; --out-of-order does'],
    });
    expect(choose(items, { order: 'out-of-order' })).toEqual({ selected: ['0000_a', '0002_c'], waiting: [] });
    expect(choose(items, { only: '0000', order: 'out-of-order' }).selected).toEqual(['0000_a']);
    expect(choose(items, { only: '0000' }).refusal).toMatch('refused: 0000_a was skipped');
    expect(choose(items, { only: '0002' }).selected).toEqual(['0002_c']);
  });

  test('one that stopped half-way is neither run again nor passed by', () => {
    const items = ['0000_a pending', '0001_b half', '0002_c pending'];
    expect(choose(items)).toEqual({
      selected: [],
      waiting: [
        '0000_a: waits for what is refused',
        '0001_b: it is half-finished',
        '0002_c: waits for what is refused',
      ],
      refusal: 'refused: 0001_b stopped after statement 1 of 2 in an earlier run',
    });
    expect(choose(items, { order: 'out-of-order' }).refusal).toBeDefined();
    expect(choose(items, { only: '0001', order: 'out-of-order' }).refusal).toBeDefined();
    expect(choose(items, { to: '0000' })).toMatchObject({ selected: ['0000_a'] });
    expect(choose(items, { only: '0002', order: 'out-of-order' }).selected).toEqual(['0002_c']);
    expect(choose(['0000_a unrecorded', '0001_b pending']).refusal).toMatch(
      '0000_a is not recorded, but the schema',
    );
  });

  test('the way out is named as the command of its environment', () => {
    for (const kind of ['half', 'unrecorded', 'pending']) {
      const items = historyOf([`0000_a ${kind}`, '0001_b half']);
      expect(select(items, wantedOf({})).refusal?.next).toMatch(/^migrate-tui recover staging /);
    }
  });

  test('where nothing at all is recorded, the place of the whole schema is looked for first', () => {
    const next = (...items: readonly string[]) => select(historyOf(items), wantedOf({})).refusal?.next;
    expect(next('0000_a unrecorded', '0001_b pending', '0002_c unrecorded')).toMatch(
      /^No migration is recorded there: migrate-tui baseline staging finds .* migrate-tui recover staging /,
    );
    expect(next('0000_a applied', '0001_b unrecorded')).toMatch(/^migrate-tui recover staging /);
  });
});

describe('over several databases', () => {
  const app = {
    database: 'app',
    history: historyOf(['0000_users pending', '0003_orders pending', '0005_rooms pending']),
  };
  const auth = { database: 'auth', history: historyOf(['0001_keys pending', '0004_locks pending']) };
  const tags = (wanted: Partial<Wanted>) =>
    selectIn([app, auth], wantedOf(wanted)).map(({ selected }) => selected.map(({ tag }) => tag));

  test('a tag is needed in one of them; the others run nothing', () => {
    expect(tags({ to: '0003_orders' })).toEqual([['0000_users', '0003_orders'], []]);
    expect(selectIn([app, auth], wantedOf({ to: '0003_orders' }))[1]?.waiting[0]).toEqual({
      tag: '0001_keys',
      why: '0003_orders is in another database',
    });
    expect(() => tags({ to: 'nope' })).toThrow('No migration begins with nope');
  });

  test('a number is a threshold over all of them', () => {
    expect(tags({ to: '4' })).toEqual([
      ['0000_users', '0003_orders'],
      ['0001_keys', '0004_locks'],
    ]);
    expect(tags({ to: '0000' })).toEqual([['0000_users'], []]);
  });

  test('--only says which database is meant by its tag', () => {
    expect(tags({ only: '0001_keys' })).toEqual([[], ['0001_keys']]);
    expect(() => selectIn([app, { ...app, database: 'copy' }], wantedOf({ only: '0000' }))).toThrow(
      expect.objectContaining({ code: 'not-found', next: 'Say which is meant: --database app.' }),
    );
  });

  test('without more words: everything pending of each', () => {
    expect(tags({}).map(({ length }) => length)).toEqual([3, 2]);
  });
});

function choose(items: readonly string[], wanted: Partial<Wanted> = {}, kind: History['kind'] = 'drizzle-0') {
  const { selected, waiting, refusal } = select(historyOf(items, kind), wantedOf(wanted));
  return {
    selected: selected.map(({ tag }) => tag),
    waiting: waiting.map(({ tag, why }) => `${tag}: ${why}`),
    ...(refusal && { refusal: `${refusal.code}: ${refusal.message}` }),
  };
}

const wantedOf = (wanted: Partial<Wanted>): Wanted => ({
  environment: 'staging',
  to: undefined,
  only: undefined,
  order: 'in-order',
  ...wanted,
});

function historyOf(items: readonly string[], kind: History['kind'] = 'drizzle-0'): History {
  return { kind, notes: [], items: items.map((text, index) => itemOf(text, index)) };
}

function itemOf(text: string, index: number): HistoryItem {
  const [tag = '', kind] = text.split(' ');
  const migration: Migration = { tag, when: index, hash: tag, file: `/${tag}.sql`, statements: [] };
  const entry = { rowid: index, hash: tag, createdAt: index };
  if (kind === 'half') return { kind, migration, after: 1, of: 2 };
  if (kind === 'applied' || kind === 'changed') return { kind, migration, entry };
  if (kind === 'pending' || kind === 'skipped' || kind === 'unrecorded') return { kind, migration };
  throw new Error(`Unknown state ${kind}.`);
}
