import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/bookkeeping/bookkeeping.ts';
import { d1Bookkeeping } from '../../../src/bookkeeping/d1.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import { lineUp, tagOf } from '../../../src/operations/history/history.ts';
import type { History, LineUpInput } from '../../../src/operations/history/history.ts';
import { select } from '../../../src/operations/history/selection.ts';
import type { Wanted } from '../../../src/operations/history/selection.ts';

const bookkeeping = d1Bookkeeping({ directory: '/m', table: 'd1_migrations' }).withShape([{ name: 'name' }]);
const migrations = ['0001_a', '0002_b', '0003_c'].map(migration);

describe("files lined up with wrangler's records", () => {
  test('what has a record of its name is applied, all else is pending, also in the middle', () => {
    const history = linedUp(['0001_a.sql', '0003_c.sql']);
    expect(states(history)).toEqual(['0001_a applied', '0002_b pending', '0003_c applied']);
    expect(history.notes).toEqual([
      {
        tag: '0002_b',
        message:
          '0002_b is pending although 0003_c after it is applied; a deploy runs it now, as wrangler does, out of order',
      },
    ]);
    expect(linedUp(['0001_a.sql']).notes).toEqual([]);
  });

  test('a record without a file is an orphan, where its name would stand, by its name', () => {
    const history = linedUp(['0001_a.sql', '0000_before.sql', '2_lost.sql', 'unnumbered.sql']);
    expect(states(history)).toEqual([
      '0000_before.sql orphan',
      '0001_a applied',
      '0002_b pending',
      '2_lost.sql orphan',
      '0003_c pending',
      'unnumbered.sql orphan',
    ]);
  });

  test('a record without a name is an orphan, known by its row', () => {
    const entries: readonly Entry[] = [{ rowid: 7, hash: '', createdAt: 0 }];
    expect(states(lineUp({ migrations, bookkeeping, entries })).at(-1)).toBe('row 7 orphan');
  });

  test('a name that differs in one letter or its folder is another', () => {
    expect(
      states(linedUp(['0001_A.sql', 'm/0002_b.sql'])).filter((state) => state.endsWith('applied')),
    ).toEqual([]);
  });

  test('an edit is seen only where the hash of that time is known, and other line ends are none', () => {
    const names = ['0001_a.sql', '0002_b.sql', '0003_c.sql'];
    expect(states(linedUp(names))).toEqual(['0001_a applied', '0002_b applied', '0003_c applied']);
    const knownHashes = new Map([
      ['0001_a', 'hash of 0001_a'],
      ['0002_b', 'another'],
      ['0003_c', 'hash of 0003_c with CRLF'],
    ]);
    const history = linedUp(names, { knownHashes });
    expect(states(history)).toEqual(['0001_a applied', '0002_b changed', '0003_c applied']);
    expect(history.notes).toMatchObject([{ tag: '0003_c' }]);
  });

  test('a hash in the record weighs more than one that is known from elsewhere', () => {
    const entries = [{ ...entry('0001_a.sql', 0), hash: 'hash of 0001_a' }];
    const { items } = lineUp({
      migrations,
      bookkeeping,
      entries,
      knownHashes: new Map([['0001_a', 'another']]),
    });
    expect(items[0]).toMatchObject({ kind: 'applied' });
  });
});

describe('what a deploy runs of a folder of wrangler', () => {
  test('is everything without a record in file order, nothing is ever skipped', () => {
    expect(chosen(['0002_b.sql'])).toEqual({ selected: ['0001_a', '0003_c'], waiting: [] });
  });

  test('--to and --only choose among them', () => {
    expect(chosen(['0002_b.sql'], { to: '0002_b' })).toEqual({
      selected: ['0001_a'],
      waiting: ['0003_c: comes after 0002_b'],
    });
    expect(chosen(['0002_b.sql'], { only: '1' })).toEqual({
      selected: ['0001_a'],
      waiting: ['0003_c: only 0001_a was asked for'],
    });
    expect(chosen(['0002_b.sql'], { only: '3', order: 'out-of-order' }).selected).toEqual(['0003_c']);
    expect(select(linedUp(['0002_b.sql']), wanted({ only: '3' })).refusal?.message).toBe(
      '0001_a is pending before 0003_c',
    );
  });
});

function chosen(names: readonly string[], given: Partial<Wanted> = {}) {
  const { selected, waiting } = select(linedUp(names), wanted(given));
  return {
    selected: selected.map(({ tag }) => tag),
    waiting: waiting.map(({ tag, why }) => `${tag}: ${why}`),
  };
}

function wanted(given: Partial<Wanted>): Wanted {
  return { environment: 'staging', to: undefined, only: undefined, order: 'in-order', ...given };
}

function linedUp(names: readonly string[], more: Pick<LineUpInput, 'knownHashes'> = {}): History {
  return lineUp({ migrations, bookkeeping, entries: names.map(entry), ...more });
}

function entry(name: string, index: number): Entry {
  return { rowid: index + 1, id: index + 1, name, hash: '', createdAt: 0 };
}

function migration(tag: string): Migration {
  const hash = `hash of ${tag}`;
  return {
    tag,
    when: 0,
    hash,
    hashWithOtherLineEnds: `${hash} with CRLF`,
    file: `/m/${tag}.sql`,
    statements: [],
  };
}

function states({ items }: History): readonly string[] {
  return items.map((item) => `${tagOf(item)} ${item.kind}`);
}
