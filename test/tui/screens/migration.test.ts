import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { MigrationReport } from '../../../src/operations/reports.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import type { Context, Message } from '../../../src/tui/screen.ts';
import { migration } from '../../../src/tui/screens/migration/screen.tsx';
import { asRewritten, bodyLines, headLines } from '../../../src/tui/screens/migration/text.ts';
import { knowing } from '../recorded/applied.ts';
import { context, keyNamed } from '../recorded/screen.ts';

const report: MigrationReport = {
  schemaVersion: 1,
  kind: 'migration',
  database: 'app',
  tag: '0002_rebuild',
  hash: 'a',
  file: 'drizzle/0002_rebuild.sql',
  statements: [{ number: 1, line: 1, sql: 'DROP TABLE users' }],
  companions: {},
  findings: [
    {
      rule: 'rebuild-cascades',
      severity: 'error',
      database: 'app',
      tag: '0002_rebuild',
      statement: 1,
      line: 1,
      message: 'DROP TABLE users deletes the rows of posts (ON DELETE CASCADE): D1 keeps foreign keys on.',
      fix: "migrate-tui migration 0002_rebuild --keep-children staging prints this migration with the rows copied aside and put back, --write puts that in the file's place.",
    },
  ],
  environments: [
    { environment: 'local', state: 'pending' },
    { environment: 'staging', state: 'pending' },
  ],
};

const rewritten = {
  environment: 'staging',
  text: 'CREATE TABLE "__keep_posts" ("id");\n--> statement-breakpoint\nDROP TABLE users;\n',
  keeps: [{ table: 'posts', why: 'its rows are copied to __keep_posts and put back' }],
};
const kept = { ...report, rewritten };
const args = ['migration', '0002_rebuild', '--database', 'app', '--keep-children', 'staging'];

function opened(of: MigrationReport = report, at: Context = context(100, 30)) {
  let { state } = migration.open(
    { screen: 'migration', database: 'app', tag: of.tag, environment: 'staging' },
    at,
  );
  const send = (message: Message) => {
    const step = migration.reduce(state, message, at);
    state = step.state;
    return step.effects ?? [];
  };
  send({ kind: 'answer', id: 'migration', report: of });
  const text = () => {
    const shown = state.rewritten ? asRewritten(of, state.rewritten) : of;
    const all = bodyLines(shown, 100);
    const head = headLines(signs, shown, { context: at, text: all, from: 0, page: 20 });
    return [...head, ...all.body.map((line) => line(signs))].map((line) => textOf(line).trimEnd()).join('\n');
  };
  const blocked = (key: string) => {
    const binding = migration.bindings.find(({ keys }) => keys.includes(key));
    return binding?.blocked?.(state, at);
  };
  return { send, text, blocked };
}

const action = (name: string, key: string): Message => ({ kind: 'action', action: name, key: keyNamed(key) });

test('a rebuild that takes rows along is shown with the way out, and rewritten on a key', () => {
  const page = opened();
  expect(page.text().replaceAll(/\s+/g, ' ')).toContain(
    'migration 0002_rebuild --keep-children staging prints',
  );
  expect(page.blocked('p')).toBe('f rewrites it first');
  expect(page.send(action('keep', 'f'))).toEqual([{ kind: 'ask', id: 'keep', args }]);
  page.send({ kind: 'answer', id: 'keep', report: kept });
  expect(page.text()).toContain('2 statements, rewritten for staging, posts as before');
  expect(page.text()).toContain('1  CREATE TABLE "__keep_posts" ("id");');
  expect(page.send(action('copy', 'y'))).toMatchObject([{ kind: 'copy', text: rewritten.text }]);

  expect(page.send(action('write', 'p'))).toEqual([{ kind: 'ask', id: 'write', args: [...args, '--write'] }]);
  const written = { ...rewritten, written: { before: '.migrate-tui/replaced/0002_rebuild-a.sql' } };
  expect(page.send({ kind: 'answer', id: 'write', report: { ...report, rewritten: written } })).toMatchObject(
    [
      { kind: 'say', text: expect.stringContaining('.migrate-tui/replaced/0002_rebuild-a.sql') },
      { kind: 'ask', id: 'migration' },
    ],
  );
  expect(page.blocked('p')).toBe('f rewrites it first');
});

test('the same key shows the file as it is again, and why there is no other', () => {
  const page = opened();
  page.send({ kind: 'answer', id: 'keep', report: kept });
  page.send(action('keep', 'f'));
  expect(page.text()).toContain('1 statement, 1 finding');
  const notRewritten = {
    environment: 'staging',
    reason: 'not-possible',
    why: 'users is renamed first.',
  } as const;
  expect(page.send({ kind: 'answer', id: 'keep', report: { ...report, notRewritten } })).toEqual([
    { kind: 'say', level: 'error', text: 'users is renamed first.' },
  ]);
  const error = { code: 'refused', message: 'local has run 0002_rebuild.', next: undefined };
  expect(page.send({ kind: 'ended', id: 'write', exitCode: 4, error })).toEqual([
    { kind: 'say', level: 'error', text: 'local has run 0002_rebuild.' },
  ]);
  expect(page.text()).toContain('1 statement, 1 finding');
});

test('a long name of an environment stands apart from its state, and a time is never cut', () => {
  const name = 'production-of-the-whole-wide-world-in-europe';
  const environments = [
    { environment: name, state: 'pending' },
    { environment: '本番環境', state: 'applied', appliedAt: '2026-11-20T13:00:00Z' },
  ] as const;
  const lines = (columns: number) =>
    headLines(
      signs,
      { ...report, environments },
      {
        context: context(columns, 20),
        text: bodyLines(report, columns),
        from: 0,
        page: 20,
      },
    ).map((line) => textOf(line).trimEnd());
  expect(lines(80)[0]).toMatch(/^ {2}product\S*…\S*europe {2}○ pending$/);
  expect(lines(80)[1]).toMatch(/ ago, 20 Nov 13:00 UTC$/);
  expect(lines(60)[1]).toMatch(/✓ applied +\S+ \S+ ago$/);
});

test('a long row of SQL goes on in the next, and a finding still stands below its statement', () => {
  const sql = `CREATE VIEW cheap AS SELECT ${'orders.code, '.repeat(12)}orders.price FROM orders`;
  const long = { ...report, statements: [{ number: 1, line: 1, sql }] };
  const { body, begins } = bodyLines(long, 60);
  const rows = body.map((line) => textOf(line(signs)));
  expect(rows.join('').replaceAll(/\s+/g, ' ')).toContain(sql.replaceAll(/\s+/g, ' '));
  for (const row of rows) expect(row.length).toBeLessThanOrEqual(60);
  expect(begins.get(1)).toBe(0);
  expect(rows.findIndex((row) => row.includes('error: DROP TABLE'))).toBeGreaterThan(2);
});

test('of an INSERT of megabytes on one line the beginning is drawn', () => {
  const sql = `INSERT INTO t VALUES ${"('x'), ".repeat(50_000)}`;
  const { body } = bodyLines({ ...report, statements: [{ number: 1, line: 1, sql }], findings: [] }, 80);
  expect(body).toHaveLength(20);
  expect(textOf(body.at(-1)?.(signs) ?? [])).toMatch(/…$/);
});

test('where nothing takes rows along the key says so', () => {
  expect(opened({ ...report, findings: [] }).blocked('f')).toBe('it takes no rows of other tables along');
});

const staging = { name: 'staging' };

test('u takes it back in the environment that the page was opened from, in its own database, or says why not', () => {
  const at = knowing({ '0001_first': 'applied', '0002_rebuild': 'applied', '0003_last': 'applied' }, staging);
  const page = opened(report, { ...at, database: 'another' });
  expect(page.blocked('u')).toBeUndefined();
  expect(page.send(action('rollback', 'u'))).toMatchObject([
    {
      kind: 'open',
      request: {
        screen: 'review',
        environment: 'staging',
        way: { back: { to: '0001_first', tags: ['0003_last', '0002_rebuild'] } },
      },
    },
  ]);
  const pending = opened(report, knowing({ '0001_first': 'applied', '0002_rebuild': 'pending' }, staging));
  expect(pending.blocked('u')).toBe('0002_rebuild is not applied in staging');
});
