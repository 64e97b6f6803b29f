import { describe, expect, test } from 'vitest';
import { asciiSigns, unicodeSigns, type Signs } from '../../../src/lib/signs.ts';
import type { BackupSummary, DriftReport, RecoveryReport } from '../../../src/operations/reports.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { widthOf } from '../../../src/tui/present/width.ts';
import type { Context, Effect, Message, RequestOf } from '../../../src/tui/screen.ts';
import { driftLines } from '../../../src/tui/screens/drift/lines.ts';
import { drift } from '../../../src/tui/screens/drift/screen.tsx';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';
import { added, driftReport, keys, users } from '../recorded/drift.ts';
import { reportOf, unrecorded } from '../recorded/recovery.ts';
import { keyNamed } from '../recorded/screen.ts';

const tags = ['0012_team_rooms', '0013_user_api_keys'];

/** Four environments, of which local has a migration without a record. */
function here(columns = 120, rows = 33): Context {
  const names = ['local', 'dev', 'staging', 'production'];
  const statuses = [statusOf(tags, 'local', { '0013_user_api_keys': 'unrecorded' }), statusOf(tags, 'dev')];
  return { ...contextWith(openingOf(tags, names), statuses), columns, rows };
}

/** The page driven by messages alone, as the app drives it. */
function opened(
  report: DriftReport | 'not-yet' = driftReport(),
  { at: first = here(), request = {} }: { at?: Context; request?: Partial<RequestOf<'drift'>> } = {},
) {
  let at = first;
  let { state, effects = [] } = drift.open({ screen: 'drift', environment: 'local', ...request }, at);
  const asked = effects;
  const send = (message: Message): readonly Effect[] => {
    const step = drift.reduce(state, message, at);
    state = step.state;
    return step.effects ?? [];
  };
  const answered = report === 'not-yet' ? [] : send({ kind: 'answer', id: 'drift', report });
  const press = (name: string): readonly Effect[] => {
    if (drift.listens?.(state) === 'text' && name.length === 1)
      return send({ kind: 'key', key: keyNamed(name) });
    const binding = drift.bindings.find(({ keys: all }) => all.includes(name));
    if (!binding) throw new Error(`No key ${name}`);
    const why = binding.blocked?.(state, at);
    return why === undefined
      ? send({ kind: 'action', action: binding.action, key: keyNamed(name) })
      : [{ kind: 'say', level: 'info', text: why }];
  };
  const rows = (signs: Signs = unicodeSigns) => driftLines(signs, state, at).map(textOf);
  return {
    asked,
    answered,
    send,
    press,
    resized: (columns: number, rows: number) => (at = { ...at, columns, rows }),
    later: (milliseconds: number) => (at = { ...at, now: at.now + milliseconds }),
    type: (text: string) => text.split('').forEach((letter) => press(letter)),
    rows,
    text: (signs?: Signs) => rows(signs).join('\n'),
    tones: () => driftLines(unicodeSigns, state, at).flatMap((line) => line.map(({ tone }) => tone)),
    label: (action: string) => {
      const label = drift.bindings.find((one) => one.action === action)?.label;
      return typeof label === 'function' ? label(state, at) : label;
    },
    right: () =>
      drift
        .header(state, at)
        .right.map(({ text }) => text)
        .join('  '),
    path: () => drift.header(state, at).path,
  };
}

const opens = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'open');
const asks = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'ask' ? [effect.args.join(' ')] : []));

describe('what it says', () => {
  test('how much differs, the objects, and a likely cause worded as a guess', () => {
    const page = opened();
    const text = page.text();
    expect(text).toContain('≠ 3 objects differ, 42 are equal. Nothing was changed.');
    expect(text).toMatch(/▸ ≠ table users[^]*\+ table user_api_keys[^]*- index users_mail_idx/);
    expect(text).toContain('likely cause:');
    expect(page.path()).toEqual(['local', 'compare']);
    expect(page.right()).toContain('local with its migrations  read 0 s ago');
  });

  test('at 120 columns both texts stand beside each other, line by line', () => {
    const page = opened();
    expect(page.text()).toMatch(/── migrations say ─+ local has ─/);
    expect(page.text()).toMatch(/- {2}plan TEXT DEFAULT 'free', +\+ {2}plan TEXT DEFAULT 'trial',/);
    expect(page.text()).toMatch(/ {3}team_id INTEGER, {20,}team_id INTEGER,/);
  });

  test('under 120 columns they are one text below the list, with whose sign is which', () => {
    const text = opened(driftReport(), { at: here(80, 21) }).text();
    expect(text).toMatch(/── table users ── - migrations say ── \+ local has ─/);
    expect(text).toMatch(/- {2}plan TEXT DEFAULT 'free',\n +\+ {2}plan TEXT DEFAULT 'trial',/);
    expect(text).toContain('likely cause: in no migration: set by hand');
  });

  test('what only one side has takes the whole pane, and the title says who has it', () => {
    const page = opened();
    page.press('j');
    expect(page.text()).toMatch(/── table user_api_keys ── \+ only local has it ─/);
    page.press('G');
    expect(page.text()).toMatch(/── index users_mail_idx ── - only its migrations have it ─/);
  });

  test('with another environment the titles name both, and so does the header', () => {
    const page = opened(driftReport(), { request: { than: { kind: 'environment', name: 'staging' } } });
    expect(page.asked).toEqual([{ kind: 'ask', id: 'drift', args: ['drift', 'local', 'staging'] }]);
    expect(page.text()).toMatch(/── staging has ─+ local has ─/);
    expect(page.path()).toEqual(['local', 'compare with staging']);
  });

  test('nothing for a moment, then what is being read', () => {
    const page = opened('not-yet');
    expect(page.asked).toEqual([{ kind: 'ask', id: 'drift', args: ['drift', 'local'] }]);
    expect(page.text().trim()).toBe('');
    page.later(200);
    expect(page.text()).toContain('· reading local and replaying 2 migrations in an empty database');
  });

  test('no drift says so, and what else can be compared', () => {
    const page = opened(driftReport([]));
    expect(page.text()).toContain('✓ No drift: local is what its migrations say (42 objects).');
    expect(page.text()).toContain('c compares it with another environment or a backup.');
    expect(page.press('n')).toEqual([{ kind: 'say', level: 'info', text: 'nothing differs' }]);
    expect(page.press('x')).toEqual([{ kind: 'say', level: 'info', text: 'nothing differs' }]);
  });

  test('an error says that nothing was changed', () => {
    const page = opened('not-yet');
    const message = 'The migrations of local cannot be replayed: at 0006, because its file is missing.';
    page.send({
      kind: 'ended',
      id: 'drift',
      exitCode: 1,
      error: { code: 'migrations', message, next: undefined },
    });
    expect(page.text()).toContain(`✗ ${message}`);
    expect(page.text()).toContain('Nothing was changed. r asks again.');
  });

  test('what could not be read again stays, dim, with what was known before', () => {
    const page = opened();
    expect(page.tones()).toContain('removed');
    page.press('r');
    expect(page.right()).toContain('reading again');
    const error = { code: 'unreachable', message: 'local did not answer in 10 s.', next: undefined };
    page.send({ kind: 'ended', id: 'drift', exitCode: 1, error });
    expect(page.text()).toContain('✗ local did not answer in 10 s.');
    expect(page.text()).toContain('Below is what was known before.');
    expect(page.text()).toContain('table users');
    expect(page.tones()).not.toContain('removed');
  });

  test('what may differ stands behind the rest, with the reason', () => {
    const ignored = [
      {
        database: 'app',
        type: 'table',
        name: 'scratch_a',
        change: 'added',
        reason: 'the report job owns it',
      },
    ] as const;
    const page = opened(driftReport([users], { ignored }));
    expect(page.text()).toContain(
      '1 object differs, 42 are equal. Nothing was changed. 1 more differs, and may.',
    );
    page.press('G');
    expect(page.text()).toMatch(/▸ · table scratch_a/);
    expect(page.text()).toContain('the report job owns it.');
    const only = opened(driftReport([], { ignored }));
    expect(only.text()).toContain(
      '✓ No drift: local is what its migrations say (42 objects). 1 more differs, and may.',
    );
    expect(only.text()).toContain('table scratch_a');
  });

  test('names with escapes, and wide letters, are shown and never acted on', () => {
    const odd = added('table', 'evil\u001B[31m\u202Ename', {
      lines: ['+CREATE TABLE x (', `+  "日本語" TEXT DEFAULT '${'長い'.repeat(60)}\u0007'`, '+)'],
    });
    for (const [columns, rows] of sizes) {
      const page = opened(driftReport([odd]), { at: here(columns, rows) });
      for (const hidden of ['\u001B', '\u0007', '\u202E']) expect(page.text()).not.toContain(hidden);
      for (const line of page.rows()) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    }
    expect(opened(driftReport([odd])).text()).toContain('evil␛[31m<U+202E>name');
  });

  test('a line that is too long goes on below: nothing of a difference is cut off', () => {
    const long = `CHECK (plan IN (${Array.from({ length: 30 }, (_, at) => `'plan_${at}'`).join(', ')}))`;
    const object = {
      ...users,
      lines: [' CREATE TABLE users (', `-  ${long}`, '+  CHECK (plan IS NULL)', ' )'],
    };
    const text = opened(driftReport([object])).text();
    for (const at of [0, 15, 29]) expect(text).toContain(`'plan_${at}'`);
  });

  test('texts that are too long to compare stand there as they are', () => {
    const { lines: _lines, ...long } = users;
    const text = opened(driftReport([long])).text();
    expect(text).toContain('too long to be compared line by line');
    expect(text).toMatch(/- {2}team_id INTEGER +\+ {2}team_id INTEGER,/);
  });
});

const sizes = [
  [160, 47],
  [120, 33],
  [80, 21],
  [60, 17],
  [40, 7],
] as const;

test.each(sizes)('%i × %i: the cursor is in sight, and every row fits, in ASCII too', (columns, rows) => {
  const many = Array.from({ length: 60 }, (_, at) => added('table', `table_${String(at).padStart(3, '0')}`));
  const page = opened(driftReport([users, ...many, keys]), { at: here(columns, rows) });
  for (let step = 0; step < 62; step += 1) {
    expect(page.rows()).toHaveLength(rows);
    for (const line of page.rows()) expect(line.length).toBeLessThanOrEqual(columns);
    expect(page.text()).toMatch(/▸ [≠+] table/);
    page.press('j');
  }
  page.press('z');
  expect(page.rows()).toHaveLength(rows);
  expect(page.text(asciiSigns)).toMatch(/^[ -~\n]*$/);
  page.press('c');
  expect(page.rows()).toHaveLength(rows);
});

describe('moving', () => {
  test('n goes from difference to difference, then on to the next object, and round the end; N goes back', () => {
    const page = opened();
    expect(page.text()).toContain('difference 1 of 2 in this table');
    page.press('n');
    expect(page.text()).toContain('difference 2 of 2 in this table');
    page.press('n');
    expect(page.text()).toMatch(/▸ \+ table user_api_keys/);
    page.press('n');
    page.press('n');
    expect(page.text()).toContain('difference 1 of 2 in this table');
    page.press('N');
    expect(page.text()).toMatch(/▸ - index users_mail_idx/);
    page.press('N');
    page.press('N');
    expect(page.text()).toContain('difference 2 of 2 in this table');
  });

  test('the first difference of a long table is in sight at once, and n brings the next one', () => {
    const column = (at: number) => `   column_${at} TEXT,`;
    const lines = Array.from({ length: 200 }, (_, at) =>
      at === 120 || at === 180 ? `+  new_${at} TEXT,` : column(at),
    );
    const page = opened(driftReport([{ ...users, lines }]), { at: here(80, 21) });
    expect(page.text()).toContain('+  new_120 TEXT,');
    expect(page.text()).toMatch(/difference 1 of 2 in this table; \d+ rows? (above|below)/);
    page.press('n');
    expect(page.text()).toContain('+  new_180 TEXT,');
    page.press('tab');
    page.press('g');
    expect(page.text()).toContain('column_0 TEXT');
    page.press('G');
    expect(page.text()).toContain('column_199 TEXT');
  });

  test('tab decides what the moving keys move through', () => {
    const page = opened();
    expect(page.label('pane')).toBe('text');
    page.press('tab');
    expect(page.label('pane')).toBe('objects');
    page.press('j');
    expect(page.text()).toMatch(/▸ ≠ table users/);
    page.press('h');
    page.press('j');
    expect(page.text()).toMatch(/▸ \+ table user_api_keys/);
  });

  test('z gives the whole screen to the text, and esc leads back step by step', () => {
    const page = opened();
    page.press('z');
    expect(page.text()).not.toContain('objects differ');
    expect(page.text()).toContain("plan TEXT DEFAULT 'trial'");
    expect(page.press('esc')).toEqual([]);
    expect(page.text()).toContain('objects differ');
    expect(page.press('esc')).toEqual([{ kind: 'back' }]);
  });

  test('/ leaves objects whose name, kind or cause has the letters; the eye stays where it can', () => {
    const page = opened();
    page.press('j');
    page.press('/');
    page.type('0013');
    expect(page.text()).toMatch(/▸ \+ table user_api_keys/);
    expect(page.text()).not.toContain('index users_mail_idx');
    expect(page.right()).toContain('/ 0013');
    page.press('enter');
    page.press('esc');
    expect(page.text()).toMatch(/▸ \+ table user_api_keys/);
    expect(page.text()).toContain('index users_mail_idx');
    page.press('/');
    page.type('zzz');
    expect(page.text()).toContain(
      'No object that differs has "zzz" in its name or cause. esc clears the filter.',
    );
  });

  test('five thousand objects: only what is in sight is drawn, and the keys answer', () => {
    const many = Array.from({ length: 5000 }, (_, at) =>
      added('table', `table_${String(at).padStart(5, '0')}`),
    );
    const page = opened(driftReport(many));
    page.press('G');
    expect(page.rows()).toHaveLength(33);
    expect(page.text()).toMatch(/▸ \+ table table_04999/);
    expect(page.text()).toMatch(/49\d\d above *$/m);
    page.press('/');
    page.type('_00042');
    expect(page.text()).toMatch(/▸ \+ table table_00042/);
  });

  test('in a window that became smaller the object under the cursor is still in sight', () => {
    const many = Array.from({ length: 25 }, (_, at) => added('table', `table_${at}`));
    const page = opened(driftReport(many), { at: here(120, 33) });
    page.press('G');
    page.press('k');
    page.resized(80, 12);
    expect(page.text()).toMatch(/▸ \+ table table_23/);
  });

  test('after reading again the eye is on the same object, even when others came before it', () => {
    const page = opened();
    page.press('j');
    page.send({ kind: 'answer', id: 'drift', report: driftReport([added('table', 'aaa'), users, keys]) });
    expect(page.text()).toMatch(/▸ \+ table user_api_keys/);
  });
});

describe('what leads on', () => {
  test('what was found with its migrations is asked of its status, too, as the matrix shows it', () => {
    expect(opened().answered).toEqual([{ kind: 'refresh', environments: ['local'] }]);
    const other = opened(driftReport(), { request: { than: { kind: 'environment', name: 'dev' } } });
    expect(other.answered).toEqual([]);
  });

  test('c shows what else it can be compared with: its migrations, environments, all, backups', () => {
    const page = opened();
    expect(asks(page.press('c'))).toEqual(['backups local']);
    expect(page.text()).toMatch(/compare local with[^]*▸ 1 its migrations +on the screen now/);
    expect(page.text()).toMatch(/2 dev[^]*3 staging[^]*4 production[^]*5 all environments/);
    expect(page.text()).toContain('its backups are being looked up');
    page.send({ kind: 'answer', id: 'backups', report: backupsReport });
    expect(page.text()).toMatch(/6 backup b41/);
    expect(asks(page.press('3'))).toEqual(['drift local staging']);
    expect(page.path()).toEqual(['local', 'compare with staging']);
  });

  test('a backup, all of them, and the way out of the list', () => {
    const page = opened();
    page.press('c');
    page.send({ kind: 'answer', id: 'backups', report: backupsReport });
    page.press('G');
    expect(asks(page.press('enter'))).toEqual(['drift local --against b41']);
    page.send({ kind: 'answer', id: 'drift', report: driftReport() });
    expect(page.text()).toMatch(/── b41 has ─+ local has/);
    page.press('c');
    expect(opens(page.press('5'))).toEqual([{ kind: 'open', request: { screen: 'drift-all' } }]);
    page.press('c');
    expect(page.press('esc')).toEqual([]);
    expect(page.text()).not.toContain('compare local with');
  });

  const draft = [{ database: 'app', statements: ['DROP TABLE a;', 'DROP TABLE b;'] }];
  const drafted = (id: string): Message => ({
    kind: 'answer',
    id,
    report: driftReport([users], { draft }),
  });

  test('x drafts the SQL of what is on the page, and writes it as a file', () => {
    const page = opened();
    expect(asks(page.press('x'))).toEqual(['drift local --format sql']);
    const [effect] = page.send(drafted('draft-file'));
    expect(effect).toMatchObject({ kind: 'export', name: 'drift-local.sql' });
    expect(effect).toMatchObject({
      content: expect.stringMatching(
        /^-- A draft that would bring local to its migrations: [^]*\nDROP TABLE a;\n--> statement-breakpoint\nDROP TABLE b;\n$/,
      ),
    });
    expect(page.text()).toContain('table users');
  });

  test('a draft names the command that makes it a migration where the project is', () => {
    const page = opened(driftReport(), { at: { ...here(), place: ' --project apps/worker' } });
    page.press('x');
    const [effect] = page.send(drafted('draft-file'));
    expect(effect).toMatchObject({
      content: expect.stringContaining('-- migrate-tui new --project apps/worker NAME --from FILE makes it'),
    });
  });

  test('between two environments x asks whether it becomes a file or a new migration', () => {
    const page = opened(driftReport(), { request: { than: { kind: 'environment', name: 'staging' } } });
    expect(page.press('x')).toEqual([]);
    expect(page.text()).toMatch(/SQL that brings local to staging, as[^]*▸ 1 a file[^]*2 a new migration/);
    expect(page.text()).toContain('local_like_staging in drizzle, for every environment');
    expect(asks(page.press('2'))).toEqual(['drift local staging --format sql']);
    const effects = page.send(drafted('draft-migration'));
    expect(effects[0]).toMatchObject({ kind: 'export', name: 'drift-local-staging.sql' });
    expect(asks(effects)).toEqual([
      'new local_like_staging --from /project/.migrate-tui/exports/drift-local-staging.sql',
    ]);
    const message = '0017_local_like_staging is in the folder of app.';
    const done = {
      schemaVersion: 1,
      run: 0,
      at: '',
      kind: 'done',
      exitCode: 0,
      applied: [],
      took: 1,
    } as const;
    expect(page.send({ kind: 'event', id: 'new', event: { ...done, message } })).toEqual([
      { kind: 'say', level: 'info', text: message },
      { kind: 'refresh' },
    ]);
  });

  test('where nothing is to be changed no file is written, and an error is said', () => {
    const page = opened();
    page.press('x');
    const nothing = driftReport([users], { draft: [{ database: 'app', statements: [] }] });
    expect(page.send({ kind: 'answer', id: 'draft-file', report: nothing })).toMatchObject([
      { kind: 'say', text: 'There is nothing to change.' },
    ]);
    const error = { code: 'unreachable', message: 'local did not answer.', next: undefined };
    expect(page.send({ kind: 'ended', id: 'draft-file', exitCode: 1, error })).toMatchObject([
      { kind: 'say', level: 'error' },
    ]);
    expect(page.text()).toContain('table users');
  });

  test('m opens the review of recording what is there without a record', () => {
    const page = opened();
    expect(page.label('record')).toBe('record 0013');
    expect(asks(page.press('m'))).toEqual(['recover local']);
    const report: RecoveryReport = { ...reportOf(unrecorded('0013_user_api_keys')), environment: 'local' };
    expect(page.send({ kind: 'answer', id: 'record', report })).toMatchObject([
      {
        kind: 'open',
        request: {
          screen: 'review',
          environment: 'local',
          begin: 'look',
          way: { found: { tag: '0013_user_api_keys' }, option: { id: 'record' } },
        },
      },
    ]);
  });

  test('m says why not, where nothing is unrecorded or the proof does not hold', () => {
    const dev = opened(driftReport(), { request: { environment: 'dev' } });
    expect(dev.press('m')).toEqual([
      { kind: 'say', level: 'info', text: 'nothing is there without a record' },
    ]);
    const page = opened();
    page.press('m');
    expect(page.send({ kind: 'answer', id: 'record', report: reportOf() })).toMatchObject([
      { kind: 'say', text: 'No migration of local is there without a record.' },
    ]);
  });

  test('w leads to the ways out where the likely cause is something unfinished', () => {
    const half = statusOf(tags, 'dev', { '0013_user_api_keys': 'half' }, { state: ['half-finished'] });
    const at = { ...contextWith(openingOf(tags, ['dev']), [half]), columns: 120, rows: 33 };
    const page = opened(driftReport(), { at, request: { environment: 'dev' } });
    expect(page.press('w')).toEqual([{ kind: 'open', request: { screen: 'recovery', environment: 'dev' } }]);
    const current = opened(driftReport(), { request: { environment: 'staging' } });
    expect(current.press('w')).toEqual([
      { kind: 'say', level: 'info', text: 'nothing in staging is unfinished' },
    ]);
  });

  test('y copies both texts as one, with the likely cause', () => {
    const [effect] = opened().press('y');
    expect(effect).toMatchObject({ kind: 'copy', what: 'table users' });
    expect(effect).toMatchObject({
      text: expect.stringMatching(
        /^table users: - migrations say, \+ local has\nlikely cause: [^]*\n\+ {2}api_key TEXT/,
      ),
    });
  });

  test('another database is another question', () => {
    const opening = openingOf(tags, ['local']);
    const [app] = opening.databases;
    const [local] = opening.environments;
    if (!app || !local) throw new Error('The recorded opening has both.');
    const both = {
      ...opening,
      databases: [app, { ...app, name: 'auth' }],
      environments: [{ ...local, targets: [...local.targets, { database: 'auth', location: '' }] }],
    };
    const page = opened(driftReport(), { at: { ...contextWith(both, []), columns: 120, rows: 33 } });
    expect(asks(page.asked)).toEqual(['drift local --database app']);
    expect(page.path()).toEqual(['app', 'local', 'compare']);
    const effects = page.press(']');
    expect(effects[0]).toEqual({ kind: 'database', name: 'auth' });
    expect(asks(effects)).toEqual(['drift local --database auth']);
    expect(page.path()).toEqual(['auth', 'local', 'compare']);
  });
});

const b41: BackupSummary = {
  id: 'b41',
  environment: 'local',
  takenAt: '2026-11-20T13:00:00Z',
  size: 1,
  proof: 'proven',
  path: '/backups/b41',
  keptUntil: undefined,
  databases: [],
} as const;
const backupsReport = { schemaVersion: 1, kind: 'backups', backups: [b41] } as const;
