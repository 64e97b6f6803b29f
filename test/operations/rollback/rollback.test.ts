import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/bookkeeping/bookkeeping.ts';
import { MigrateError } from '../../../src/lib/errors.ts';
import type { Migration } from '../../../src/migrations/migration.ts';
import type { History, HistoryItem } from '../../../src/operations/history/history.ts';
import { commandBack } from '../../../src/operations/rollback/command.ts';
import type { RollbackDatabase } from '../../../src/operations/rollback/database.ts';
import { planRollback } from '../../../src/operations/rollback/plan-rollback.ts';

describe('how far a rollback goes', () => {
  const app = database('app', ['0001_users', '0003_posts', '0006_tags']);
  const auth = database('auth', ['0002_keys', '0004_rooms', '0005_roles']);

  test.each([
    ['a tag stays, and everything after it goes', '0003_posts', ['0006_tags'], []],
    ['the beginning of a tag is enough', '0004', ['0006_tags'], ['0005_roles']],
    ['a number is a threshold in each', '3', ['0006_tags'], ['0005_roles', '0004_rooms']],
    [
      'nothing stays at 0',
      '0',
      ['0006_tags', '0003_posts', '0001_users'],
      ['0005_roles', '0004_rooms', '0002_keys'],
    ],
    ['nothing to do at the newest', '6', [], []],
  ])('%s (%s)', (_what, to, ofApp, ofAuth) => {
    expect(undone([app, auth], to)).toEqual([ofApp, ofAuth]);
  });

  test('a number that no migration has is no threshold', () => {
    expect(refusal([app, auth], '7')).toMatchObject({
      code: 'not-found',
      message: 'No migration of app or auth has the number 7. Nothing was changed.',
      next: 'app has 1, 3, 6, auth has 2, 4 to 5: the next below is --to 6.',
    });
    expect(refusal([auth], '3')).toMatchObject({
      code: 'not-found',
      next: 'auth has 2, 4 to 5: the next below is --to 2.',
    });
    expect(refusal([auth], '1')).toMatchObject({
      next: 'auth has 2, 4 to 5: all of them are above it, and --to nothing takes them back.',
    });
    expect(refusal([app, auth], '20250101')).toMatchObject({ code: 'not-found' });
  });

  test('0 says two things where the first migration has that number', () => {
    const drizzle = database('app', ['0000_first', '0001_second']);
    expect(refusal([drizzle], '0')).toMatchObject({ code: 'usage' });
    expect(undone([drizzle], '0000')).toEqual([['0001_second']]);
    expect(undone([drizzle], 'nothing')).toEqual([['0001_second', '0000_first']]);
  });

  test('the beginning of a time is no number', () => {
    const tags = ['20260101000000_a', '20260102000000_b', '20260102000001_c'];
    expect(refusal([database('app', tags)], '20260102')).toMatchObject({
      code: 'not-found',
      message: '2 migrations begin with 20260102',
    });
    expect(undone([database('app', tags)], '20260101')).toEqual([['20260102000001_c', '20260102000000_b']]);
  });

  test('what is not applied cannot be what stays, unless nothing came after it', () => {
    const behind = database('app', ['0001_a', '0002_b', '0003_c'], { '0002_b': 'skipped' });
    expect(refusal([behind], '0002_b')).toMatchObject({
      code: 'refused',
      next: 'The one before it that is applied: --to 0001_a',
    });
    const last = database('app', ['0001_a', '0002_b'], { '0002_b': 'pending' });
    expect(undone([last], '0002')).toEqual([[]]);
  });
});

describe('what a rollback runs', () => {
  test('is the rollback file of each, without its verify queries, and the record that each has', () => {
    const [found] = planRollback([database('app', ['0001_a', '0002_b'])], { to: '1', environment: 'dev' });
    expect(found).toMatchObject({ at: '0001_a', undone: [{ tag: '0002_b', hash: 'hash of 0002_b' }] });
    expect(found?.undone[0]?.statements.map(({ sql }) => sql)).toEqual(['DROP 0002_b']);
    expect(found?.undone[0]).not.toHaveProperty('verify');
    expect(found?.erases.get('0002_b')).toMatchObject({ rowid: 2 });
  });

  test.each([
    ['changed', 'was edited after it was applied'],
    ['half', 'is half-finished'],
    ['unrecorded', 'has no record, but the schema is as if it had run'],
  ] as const)('is refused where one is %s', (state, why) => {
    const found = refusal([database('app', ['0001_a', '0002_b'], { '0002_b': state })], '1');
    expect(found).toMatchObject({ code: 'refused', exitCode: 4 });
    expect(found.message).toContain(`0002_b ${why}`);
  });

  test('is refused for all reasons at once, over all databases', () => {
    const app = database('app', ['0001_a', '0003_c'], { '0003_c': 'changed' });
    const auth = database('auth', ['0002_b', '0004_d'], {}, { without: ['0004_d'] });
    const { message } = refusal([app, auth], '1');
    expect(message).toContain('app: 0003_c was edited');
    expect(message).toContain('auth: 0004_d has no rollback file');
  });

  test('is refused where a migration has several records', () => {
    const one = database('app', ['0001_a', '0002_b']);
    const twice = { ...one, entries: [...one.entries, entryOf('0002_b', 3)] };
    expect(refusal([twice], '1').message).toContain('0002_b has several records');
  });

  test('is refused where a record after it has no file', () => {
    const one = database('app', ['0001_a', '0002_b']);
    const orphan = { kind: 'orphan', entry: entryOf('0003_c', 3) } as const;
    const history: History = { ...one.history, items: [...one.history.items, orphan] };
    expect(refusal([{ ...one, history }], '1').message).toContain('the record 0003_c has no file here');
    expect(refusal([{ ...one, history }], 'nothing').message).toContain('the record 0003_c');
  });
});

describe('the command that takes back what a run applied', () => {
  const [one, two, three] = ['0001_a', '0002_b', '0003_c'].map((tag) => migrationOf(tag));
  const migrations = [one, two, three].flatMap((each) => each ?? []);
  const back = (applied: readonly (Migration | undefined)[], before: readonly (Migration | undefined)[]) =>
    commandBack({
      environment: 'dev',
      databases: undefined,
      applied: applied.flatMap((each) => each ?? []),
      before: before.flatMap((each) => each ?? []),
      migrations,
    });

  test('leads to what was newest before it', () => {
    expect(back([two, three], [one])).toBe('migrate-tui rollback dev --to 0001_a');
    expect(back([one, two], [])).toBe('migrate-tui rollback dev --to nothing');
  });

  test('is none where others would go with it, or one has no rollback file', () => {
    expect(back([two], [one, three])).toBeUndefined();
    expect(back([two && without(two)], [one])).toBeUndefined();
  });
});

type State = Exclude<HistoryItem['kind'], 'orphan' | 'squashed'>;

function database(
  name: string,
  tags: readonly string[],
  states: Readonly<Record<string, State>> = {},
  { without: missing = [] }: { readonly without?: readonly string[] } = {},
): RollbackDatabase {
  const migrations = tags.map((tag) => {
    const migration = migrationOf(tag);
    return missing.includes(tag) ? without(migration) : migration;
  });
  const items = migrations.map((migration, index) =>
    itemOf(migration, states[migration.tag] ?? 'applied', index + 1),
  );
  return {
    database: name,
    history: { kind: 'drizzle-1', items, notes: [] },
    migrations,
    entries: items.flatMap((item) => ('entry' in item ? [item.entry] : [])),
    bookkeeping: { kind: 'drizzle-1', nameOf: ({ tag }) => tag },
  };
}

function itemOf(migration: Migration, kind: State, rowid: number): HistoryItem {
  if (kind === 'applied' || kind === 'changed')
    return { kind, migration, entry: entryOf(migration.tag, rowid) };
  return kind === 'half' ? { kind, migration, after: 1, of: 2 } : { kind, migration };
}

function entryOf(name: string, rowid: number): Entry {
  return { rowid, name, hash: `hash of ${name}`, createdAt: rowid };
}

function migrationOf(tag: string): Migration {
  const companion = (sql: string) => ({ file: `/drizzle/${tag}.sql`, statements: [{ sql, line: 1 }] });
  return {
    tag,
    hash: `hash of ${tag}`,
    when: 0,
    ...companion(`CREATE ${tag}`),
    rollback: companion(`DROP ${tag}`),
    verify: companion(`SELECT ${tag}`),
  };
}

function without({ rollback: _rollback, ...migration }: Migration): Migration {
  return migration;
}

function undone(databases: readonly RollbackDatabase[], to: string): readonly (readonly string[])[] {
  return planRollback(databases, { to, environment: 'dev' }).map((each) => each.undone.map(({ tag }) => tag));
}

function refusal(databases: readonly RollbackDatabase[], to: string): MigrateError {
  try {
    planRollback(databases, { to, environment: 'dev' });
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
