import { expect, test } from 'vitest';
import type { MigrationReport } from '../../../../src/operations/reports.ts';
import { unicodeSigns } from '../../../../src/lib/signs.ts';
import { textOf } from '../../../../src/tui/present/line.ts';
import type { Context, Effect, Message } from '../../../../src/tui/screen.ts';
import { detailLines } from '../../../../src/tui/screens/environments/detail.ts';
import { reduce } from '../../../../src/tui/screens/environments/reduce.ts';
import {
  columnAt,
  firstState,
  gridFor,
  knownAt,
  migrationId,
  rowAt,
  type EnvironmentsState,
} from '../../../../src/tui/screens/environments/state.ts';
import { contextWith, openingOf, statusOf } from '../../../support/status.ts';
import { keyNamed } from '../../recorded/screen.ts';

const tags = ['0000_init', '0001_users', '0002_orders'];
const context = contextWith(openingOf(tags, ['local', 'dev']), [
  statusOf(tags, 'local', { '0000_init': 'changed', '0001_users': 'pending', '0002_orders': 'pending' }),
  statusOf(tags, 'dev', { '0000_init': 'changed', '0001_users': 'pending', '0002_orders': 'pending' }),
]);

test('a migration is asked about once the cursor rests on it, and a row that is passed is asked about no more', () => {
  const first = moved(firstState, 'shown');
  expect(asks(first.effects)).toEqual(['0002_orders']);
  const second = moved(first.state, 'down');
  expect(asks(second.effects)).toEqual(['0001_users']);
  expect(second.effects.map((effect) => effect.kind === 'ask' && effect.after)).toEqual([150]);
  const read = answered(second.state, '0001_users');
  const back = moved(moved(read, 'up').state, 'down');
  expect(back.effects).toContainEqual({ kind: 'forget', id: 'migration' });
  expect(asks(back.effects)).toEqual([]);
});

test('a file that was edited since is read again', () => {
  const known = answered(moved(firstState, 'shown').state, '0002_orders');
  expect(asks(moved(known, 'shown').effects)).toEqual([]);
  const opening = openingOf(tags, ['local', 'dev']);
  const databases = opening.databases.map((one) => ({
    ...one,
    migrations: one.migrations.map((migration) => ({ ...migration, hash: 'edited' })),
  }));
  const edited = contextWith({ ...opening, databases }, []);
  expect(asks(moved(known, 'shown', edited).effects)).toEqual(['0002_orders']);
});

test('the part below says what the cursor is on, and the next key, before and after its SQL came', () => {
  const asked = moved(firstState, 'shown').state;
  expect(detailOf(asked)).toMatch(/0002_orders in local[^]*○ dev +pending[^]*d opens the review/);
  const known = answered(asked, '0002_orders');
  expect(detailOf(known)).toMatch(/○ 1 {2}CREATE TABLE t[^]*d opens the review/);
});

test('of what is half-finished it says how far it came and the key that leads out, not the command as well', () => {
  const says = [
    '0002_orders stopped after statement 1 of 2: the schema shows it. migrate-tui recover local offers the ways out.',
  ];
  const half = statusOf(tags, 'local', { '0002_orders': 'half' }, { says });
  const seen = contextWith(openingOf(tags, ['local']), [half]);
  const text = detailOf(moved(firstState, 'shown', seen).state, seen);
  expect(text.replaceAll(/\s+/g, ' ')).toMatch(/the schema shows it\. w shows the ways out\./);
});

test('on the name of an environment, too, the key that leads out stands in the place of its command', () => {
  const says = [
    '1 migration in the schema without a record. None has one: migrate-tui baseline --project app local finds the place of the history that the schema is.',
    '1 more. migrate-tui recover local proves it and offers to record.',
  ];
  const seen = contextWith(openingOf(tags, ['local']), [statusOf(tags, 'local', {}, { says })]);
  const onName = moved(moved(firstState, 'shown', seen).state, 'up', seen).state;
  const text = detailOf(onName, seen).replaceAll(/\s+/g, ' ');
  expect(text).toContain('None has one: m finds the place of the history that the schema is.');
  expect(text).toContain('w proves it and offers to record. enter shows its state.');
});

test('n and N go through what the filter finds, round its ends', () => {
  const filtered = { ...firstState, filter: { text: '000', typing: 'set' } } as const;
  const second = moved(filtered, 'next-match').state;
  expect(second.row).toBe('migration:0001_users');
  expect(moved(second, 'last-match').state.row).toBe('migration:0002_orders');
  expect(moved(filtered, 'last-match').state.row).toBe('migration:0000_init');
});

function moved(state: EnvironmentsState, action: string, at: Context = context) {
  const message: Message =
    action === 'shown' ? { kind: 'shown' } : { kind: 'action', action, key: keyNamed('j') };
  const step = reduce(state, message, at);
  return { state: step.state, effects: step.effects ?? [] };
}

function asks(effects: readonly Effect[]): readonly (string | undefined)[] {
  return effects.flatMap((effect) => (effect.kind === 'ask' ? [effect.args[1]] : []));
}

function answered(state: EnvironmentsState, tag: string): EnvironmentsState {
  return reduce(state, { kind: 'answer', id: 'migration', report: reportOf(tag) }, context).state;
}

function reportOf(tag: string): MigrationReport {
  return {
    schemaVersion: 1,
    kind: 'migration',
    database: 'app',
    tag,
    hash: '',
    file: `drizzle/${tag}.sql`,
    statements: [{ number: 1, line: 1, sql: 'CREATE TABLE t (id integer)' }],
    companions: {},
    findings: [],
    environments: [],
  };
}

function detailOf(state: EnvironmentsState, at: Context = context): string {
  const grid = gridFor(state, at);
  const row = rowAt(state, grid);
  const id = migrationId(row, at)?.id;
  const column = columnAt(state, grid);
  const known = id === undefined ? undefined : knownAt(state, id);
  const size = { width: 120, height: 16, place: 'below' } as const;
  return detailLines(unicodeSigns, {
    grid,
    row,
    column,
    index: 0,
    known,
    blocked: undefined,
    now: at.now,
    ...size,
  })
    .map(textOf)
    .join('\n');
}
