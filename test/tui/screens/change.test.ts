import { describe, expect, test } from 'vitest';
import { runAgain } from '../../../src/lib/errors.ts';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { BoundAccount } from '../../../src/operations/consent/account.ts';
import type { RunEvent, RunEventBody } from '../../../src/operations/events.ts';
import type { BackupSummary } from '../../../src/operations/reports.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import type { Context, Effect, Message, RequestOf } from '../../../src/tui/screen.ts';
import { backups } from '../../../src/tui/screens/backups/screen.tsx';
import { change, changeLines } from '../../../src/tui/screens/change/screen.tsx';
import { failedLines } from '../../../src/tui/screens/failed/lines.ts';
import { failed } from '../../../src/tui/screens/failed/screen.tsx';
import { runLines } from '../../../src/tui/screens/run/lines.ts';
import { run } from '../../../src/tui/screens/run/screen.tsx';
import { context, keyNamed } from '../recorded/screen.ts';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';

const reset: BoundAccount = {
  operation: 'reset',
  environment: 'local',
  protected: false,
  says: ['local would be emptied: app has 15 tables with 4,007 rows.'],
  words: ['reset', 'local'],
  databases: [{ database: 'app', loses: '15 tables with 4,007 rows', writes: '2 migrations' }],
  steps: [
    { step: 'backup', database: 'app', label: 'take the backup' },
    { step: 'lock', database: 'app', label: 'take the lock' },
    { step: 'empty', database: 'app', label: 'drop everything in it' },
    { step: 'migrate', database: 'app', tag: '0000_teams', statements: 3, label: '0000_teams' },
    { step: 'migrate', database: 'app', tag: '0001_members', statements: 1, label: '0001_members' },
    { step: 'verify', database: 'app', label: 'schema, rows, foreign keys, integrity' },
  ],
  destroys: true,
  consent: { confirm: 'not-needed', accept: [] },
  hash: 'a1b2',
};

const mark: BoundAccount = {
  ...reset,
  operation: 'mark',
  says: ['Records 0001_members in __drizzle_migrations as applied; none of its statements is run.'],
  words: ['mark', 'local', '0001_members', 'applied'],
  databases: [{ database: 'app', writes: '1 record', loses: undefined }],
  steps: [
    { step: 'backup', database: 'app', label: 'take the backup' },
    { step: 'mark', database: 'app', label: 'Records 0001_members' },
  ],
  destroys: false,
};

const differing: BoundAccount = {
  ...mark,
  operation: 'baseline',
  words: ['baseline', 'local', '--at', '0001_members'],
  consent: {
    confirm: 'not-needed',
    accept: [
      {
        flag: '--accept',
        value: 'schema-differs:0001_members',
        says: 'local is not what the migrations up to 0001_members make: table mine is here and no file makes it.',
        reason: 'needed',
      },
    ],
  },
};

const leftOpen: BoundAccount = {
  ...differing,
  words: ['baseline', 'local'],
  says: ['local is what no place of the folder makes; nearest is 0001_members.'],
  steps: [],
  consent: { confirm: 'not-needed', accept: [] },
  choices: [
    {
      name: '0001_members',
      words: ['baseline', 'local', '--at', '0001_members'],
      fits: 'no',
      says: ['table mine is here and no file makes it'],
    },
    {
      name: '0000_teams',
      words: ['baseline', 'local', '--at', '0000_teams'],
      fits: 'no',
      says: ['table mine is here and no file makes it', 'table members is here and no file makes it'],
    },
  ],
};

function told(body: RunEventBody): RunEvent {
  return { schemaVersion: 1, run: 7, at: '2026-11-20T14:02:00.000Z', ...body };
}

const refusal = {
  kind: 'failed',
  exitCode: 4,
  code: 'not-confirmed',
  message: 'Nobody agreed to that yet.',
  next: undefined,
  applied: [],
  failed: undefined,
  notBegun: [],
} as const;

function opened(
  account: BoundAccount,
  at: Context = context(120, 33),
  more: Partial<RequestOf<'change'>> = {},
) {
  const { environment, words } = account;
  const request = { screen: 'change', environment, words, ...more } as const;
  let { state, effects = [] } = change.open(request, at);
  const first = effects;
  const send = (message: Message): readonly Effect[] => {
    const step = change.reduce(state, message, at);
    state = step.state;
    return step.effects ?? [];
  };
  const hears = (...bodies: readonly RunEventBody[]) => {
    for (const body of bodies) send({ kind: 'event', id: 'account', event: told(body) });
    send({ kind: 'ended', id: 'account', exitCode: 4, error: undefined });
  };
  return {
    first,
    send,
    hears,
    press: (name: string, how = {}): readonly Effect[] => {
      const key = keyNamed(name, how);
      const listening = change.listens?.(state) === 'text' && key.text !== '';
      const binding = listening ? undefined : change.bindings.find(({ keys }) => keys.includes(name));
      if (binding?.blocked?.(state, at) !== undefined) return [];
      return send(binding ? { kind: 'action', action: binding.action, key } : { kind: 'key', key });
    },
    type(text: string) {
      for (const letter of text) this.press(letter);
    },
    blocked: (action: string) => change.bindings.find((one) => one.action === action)?.blocked?.(state, at),
    label: (action: string) => {
      const label = change.bindings.find((one) => one.action === action)?.label;
      return typeof label === 'function' ? label(state, at) : label;
    },
    text: () => changeLines(signs, state, at).map(textOf).join('\n'),
    lines: () => changeLines(signs, state, at).map(textOf),
    header: () => change.header(state, at),
  };
}

function reviewed(account: BoundAccount, at?: Context) {
  const page = opened(account, at);
  page.hears({ kind: 'review', ...account }, refusal);
  return page;
}

function started(effects: readonly Effect[]) {
  const [effect] = effects;
  if (effect?.kind !== 'replace' || effect.request.screen !== 'run') return undefined;
  const { source, change: words } = effect.request;
  return source.kind === 'start' ? { args: source.args, words } : undefined;
}

describe('the page of a change without a rehearsal', () => {
  test('runs it without consent, and shows what goes, what comes and the steps', () => {
    const page = opened(reset);
    expect(page.first).toEqual([{ kind: 'ask', id: 'account', args: ['reset', 'local'] }]);
    expect(page.blocked('write')).toBe('it is being asked');
    page.hears({ kind: 'review', ...reset }, refusal);
    expect(page.header().path).toEqual(['app', 'local', 'reset']);
    expect(page.text()).toContain('local would be emptied: app has 15 tables with 4,007 rows.');
    expect(page.text()).toMatch(/app {2}- 15 tables with 4,007 rows {3}\+ 2 migrations/);
    expect(page.text()).toMatch(/○ apply +2 migrations, 4 statements, each migration and its record/);
    expect(page.text()).toContain('migrate-tui reset local --yes');
    // It is not agreed to: that is why the page is here, and no failure.
    expect(page.text()).not.toContain('Nobody agreed');
  });

  test('asks for the typed name where something is destroyed, and starts exactly what it shows', () => {
    const page = reviewed(reset);
    expect(page.text()).toContain('This takes away what local holds now. To go on, type its name:');
    expect(page.blocked('write')).toBe('type what the frame asks for');
    page.type('loca');
    expect(page.press('enter')).toEqual([]);
    expect(page.text()).toContain('That is not local. Nothing was changed.');
    page.type('l');
    expect(started(page.press('enter'))).toEqual({
      args: ['reset', 'local', '--yes', '--confirm', 'local@a1b2', '--agreed', 'typed'],
      words: ['reset', 'local'],
    });
  });

  test('pasted text and a held key confirm nothing', () => {
    const page = reviewed(reset);
    page.send({ kind: 'paste', text: 'local' });
    expect(page.text()).toContain('Pasted text does not confirm.');
    expect(page.press('enter')).toEqual([]);
    const harmless = reviewed(mark);
    expect(harmless.press('!', { press: 'repeat' })).toEqual([]);
    expect(harmless.press('!', { read: 'together' })).toEqual([]);
  });

  test('where nothing is destroyed one key writes, and says what', () => {
    const page = reviewed(mark);
    expect(page.label('write')).toBe('write 1 record');
    expect(started(page.press('!'))).toEqual({
      args: ['mark', 'local', '0001_members', 'applied', '--yes', '--confirm', 'local@a1b2'],
      words: ['mark', 'local', '0001_members', 'applied'],
    });
  });

  test('a protected environment is named in any case', () => {
    const page = reviewed({ ...mark, protected: true, consent: { confirm: 'protected', accept: [] } });
    expect(page.header().right[0]).toEqual({ text: 'LOCAL', tone: 'badge' });
    expect(page.text()).toContain('This writes to local. To unlock it for this run alone, type its name:');
    page.type('local');
    expect(started(page.press('enter'))?.args).toEqual([
      ...mark.words,
      '--yes',
      '--confirm',
      'local@a1b2',
      '--agreed',
      'typed',
    ]);
  });

  test('what cannot be proven is answered for in words, which are recorded', () => {
    const page = reviewed(differing);
    expect(page.text()).toContain('table mine is here and no file makes it');
    page.type('ok');
    expect(page.press('enter')).toEqual([]);
    expect(page.text()).toContain('Say it in words');
    page.type(' it was made by hand');
    expect(page.press('enter')).toEqual([]);
    expect(started(page.press('!'))?.args).toEqual([
      ...differing.words,
      '--yes',
      '--confirm',
      'local@a1b2',
      '--accept',
      'schema-differs:0001_members',
      '--reason',
      'ok it was made by hand',
      '--agreed',
      'typed',
    ]);
  });

  test('what was typed under one account does not confirm another', () => {
    const page = reviewed(differing);
    page.type('made by hand');
    page.press('enter');
    page.send({ kind: 'shown' });
    expect(page.blocked('write')).toBe('it is being asked again');
    page.hears({ kind: 'review', ...differing, says: ['Another one.'] }, refusal);
    expect(page.text()).toContain('Why is it right all the same?');
  });

  test('several places are chosen from, each with what differs there', () => {
    const page = reviewed(leftOpen);
    expect(page.blocked('write')).toBe('choose first');
    expect(page.text()).toMatch(/▸ 0001_members +≠ differs: table mine is here/);
    page.press('j');
    expect(page.text()).toContain('table members is here and no file makes it');
    expect(page.press('enter')).toEqual([
      {
        kind: 'open',
        request: {
          screen: 'change',
          environment: 'local',
          words: ['baseline', 'local', '--at', '0000_teams'],
          from: 'choice',
        },
      },
    ]);
  });

  test('where it is narrow its steps are said in fewer words, not cut', () => {
    for (const columns of [80, 60]) {
      const page = reviewed(reset, context(columns, 33));
      expect(page.lines().filter((line) => /^ +○ /.test(line))).toHaveLength(4);
      expect(page.text()).not.toContain('…');
      expect(page.text()).toMatch(/○ backup +the present state.* read back/);
      expect(page.text()).toMatch(/○ empty +all in it is dropped, in one transaction/);
      expect(page.text()).toMatch(/○ apply +2 migrations, 4 statements/);
    }
  });

  test('says that there is nothing to do', () => {
    const page = opened(mark);
    page.hears({
      kind: 'done',
      exitCode: 0,
      message: 'Nothing to do: 0001_members is applied in local already.',
      applied: [],
      took: 3,
    });
    expect(page.text()).toContain('Nothing to do: 0001_members is applied in local already. esc back.');
    expect(page.blocked('write')).toBe('nothing to do');
  });

  test('what is refused altogether says why and what leads out, and r asks again', () => {
    const page = opened(reset);
    const locked = {
      ...refusal,
      code: 'locked',
      message: 'ana@ci-7 has held the lock for 40 s. Nothing was changed.',
      next: 'It goes on by itself.',
    };
    page.hears(locked);
    expect(page.text()).toContain('✗ ana@ci-7 has held the lock for 40 s. Nothing was changed.');
    expect(page.text()).toContain('r asks again. It goes on by itself.');
    expect(page.press('r')).toEqual([{ kind: 'ask', id: 'account', args: ['reset', 'local'] }]);
  });

  test('an answer that never came is said', () => {
    const page = opened(reset);
    page.send({
      kind: 'ended',
      id: 'account',
      exitCode: 2,
      error: { code: 'usage', message: 'local has 2 databases.', next: 'Name one.' },
    });
    expect(page.text()).toContain('✗ local has 2 databases.');
  });

  test('a run that is refused leads back here with why', () => {
    const at = context(120, 33);
    const request = {
      screen: 'run',
      environment: 'local',
      source: { kind: 'start', args: ['reset', 'local', '--yes'], before: [] },
      change: reset.words,
    } as const;
    const { state } = run.open(request, at);
    const error = { ...refusal, code: 'locked', message: 'Somebody holds the lock.' };
    const { effects = [] } = run.reduce(state, { kind: 'event', id: 'run', event: told(error) }, at);
    const [back] = effects;
    if (back?.kind !== 'replace' || back.request.screen !== 'change') throw new Error('It leads elsewhere.');
    const { refused } = back.request;
    const page = opened(reset, at, refused && { refused });
    page.hears({ kind: 'review', ...reset }, refusal);
    expect(page.text()).toContain('✗ Somebody holds the lock.');
    expect(page.blocked('write')).toBe('refused, r asks again');
    page.press('r');
    page.hears({ kind: 'review', ...reset }, refusal);
    expect(page.text()).not.toContain('Somebody holds the lock.');
  });

  test.each([
    [120, 33],
    [80, 21],
    [60, 17],
    [40, 10],
  ])('fills exactly %i × %i cells, the frame always in sight', (columns, rows) => {
    const page = reviewed(reset, context(columns, rows));
    expect(page.lines()).toHaveLength(rows);
    expect(page.lines().every((line) => line.length <= columns)).toBe(true);
    expect(page.text()).toContain('━ local');
  });
});

const copied: BoundAccount = {
  ...reset,
  operation: 'resync',
  says: ['local would take the schema, the records and the rows of production.'],
  words: ['resync', 'local', '--from', 'production'],
  databases: [{ database: 'app', loses: '2 tables with 8 rows', writes: '3 tables with 1,212 rows' }],
  steps: [
    { step: 'backup', database: 'app', label: 'take the backup' },
    { step: 'copy', database: 'app', label: 'take what production has' },
    { step: 'verify', database: 'app', label: 'schema, rows, foreign keys, integrity' },
  ],
  tables: [
    { database: 'app', table: 'audit_log', rows: 1000, how: 'kept', columns: [] },
    {
      database: 'app',
      table: 'users',
      rows: 212,
      how: 'as-is',
      columns: [
        { column: 'name', rule: 'hash', looksLike: 'the name of a person' },
        { column: 'email', rule: 'none', looksLike: 'an e-mail address' },
      ],
    },
  ],
  consent: {
    confirm: 'not-needed',
    accept: [
      {
        flag: '--accept-unmasked',
        value: 'users.email',
        says: 'users.email looks like an e-mail address and has no rule.',
        reason: 'not-needed',
      },
    ],
  },
};

/** The same once its column is under a rule. */
const ruled: BoundAccount = {
  ...copied,
  tables: (copied.tables ?? []).map((table) => ({
    ...table,
    how: table.table === 'users' ? 'masked' : table.how,
    columns: table.columns.map((column) => ({ ...column, rule: 'hash' as const })),
  })),
  consent: { confirm: 'not-needed', accept: [] },
};

const base = ['resync', 'local', '--from', 'production'];

/** The words that the page asks with. */
function asked(effects: readonly Effect[]): readonly string[] | undefined {
  const [effect] = effects;
  return effect?.kind === 'ask' ? effect.args : undefined;
}

test('at Cloudflare the way back of a change is a place in the history of the server, and so it is called', () => {
  const restore: BoundAccount = {
    ...reset,
    operation: 'restore',
    words: ['restore', 'local', 'b1'],
    steps: [
      { step: 'backup', database: 'app', label: 'take the backup' },
      { step: 'restore', database: 'app', label: 'restore b1' },
    ],
  };
  const told = (engine: string): string => {
    const here = {
      ...contextWith(openingOf([], ['local']), [statusOf([], 'local', {}, { engine })]),
      columns: 120,
      rows: 30,
    };
    const opened = change.open({ screen: 'change', environment: 'local', words: restore.words }, here).state;
    const event: RunEvent = {
      schemaVersion: 1,
      run: 1,
      at: '2026-11-20T14:00:00Z',
      kind: 'review',
      ...restore,
    };
    return changeLines(
      signs,
      change.reduce(opened, { kind: 'event', id: 'account', event }, here).state,
      here,
    )
      .map(textOf)
      .join('\n');
  };
  expect(told('d1-remote')).toMatch(
    /kept in the server's history[^]*its place in the server's own history is noted[^]*takes the whole database back[^]*Its present place/,
  );
  expect(told('libsql')).toMatch(
    /kept in the backup[^]*read back and checked[^]*A backup of the present state/,
  );
});

test('enter on a backup opens the review of its restore; of several databases one is chosen first', () => {
  const at = context(120, 33);
  const database = {
    database: 'app',
    location: 'local.db',
    tags: ['0013_user_api_keys'],
    tables: 13,
    rows: 1204,
    fingerprint: 'f',
  };
  const one = {
    id: 'b41',
    environment: 'local',
    takenAt: '2026-11-20T13:00:00Z',
    size: 1,
    proof: 'proven',
    path: '/backups/b41',
    keptUntil: undefined,
    databases: [database],
  } as const;
  const enter = (backup: BackupSummary): Effect | undefined => {
    const { state } = backups.open({ screen: 'backups', environment: 'local' }, at);
    const report = { schemaVersion: 1, kind: 'backups', backups: [backup] } as const;
    const read = backups.reduce(state, { kind: 'answer', id: 'page', report }, at).state;
    return backups.reduce(read, { kind: 'action', action: 'open', key: keyNamed('enter') }, at).effects?.[0];
  };
  expect(enter(one)).toEqual({
    kind: 'open',
    request: { screen: 'change', environment: 'local', words: ['restore', 'local', 'b41'] },
  });
  const effect = enter({ ...one, databases: [database, { ...database, database: 'auth' }] });
  if (effect?.kind !== 'open' || effect.request.screen !== 'change') throw new Error('It opens no change.');
  const page = opened({ ...reset, words: effect.request.words }, at, effect.request);
  expect(page.text()).toContain('A restore takes one database of local back to b41. Which one?');
  expect(page.text()).toMatch(/▸ app +13 tables, 1,204 rows, 0013_user_api_keys/);
  page.press('j');
  expect(page.press('enter')).toMatchObject([
    { request: { words: ['restore', 'local', 'b41', '--database', 'auth'] } },
  ]);
});

test('y on a backup of several databases copies a command for each, in one line', () => {
  const at = context(120, 33);
  const database = { location: 'local.db', tags: [], tables: 1, rows: 1, fingerprint: 'f' };
  const backup = {
    id: 'b41',
    environment: 'local',
    takenAt: '2026-11-20T13:00:00Z',
    size: 1,
    proof: 'proven',
    path: '/backups/b41',
    keptUntil: undefined,
    databases: [
      { ...database, database: 'app' },
      { ...database, database: 'auth' },
    ],
  } as const;
  const { state } = backups.open({ screen: 'backups', environment: 'local' }, at);
  const report = { schemaVersion: 1, kind: 'backups', backups: [backup] } as const;
  const read = backups.reduce(state, { kind: 'answer', id: 'page', report }, at).state;
  const { effects } = backups.reduce(read, { kind: 'action', action: 'copy', key: keyNamed('y') }, at);
  const command = 'npx migrate-tui restore local b41 --database';
  expect(effects).toEqual([
    {
      kind: 'copy',
      text: `${command} app && ${command} auth`,
      what: 'the commands that restore b41',
    },
  ]);
});

test('before the backups are read no key says that there is none', () => {
  const at = context(80, 21);
  const { state } = backups.open({ screen: 'backups', environment: 'local' }, at);
  const enter = backups.bindings.find(({ action }) => action === 'open');
  expect(enter?.blocked?.(state, at)).toBe('the backups are still being read');
});

describe('the page of a copy', () => {
  test('names its direction, shows every table, and stands on the column that nobody decided about', () => {
    const page = reviewed(copied);
    expect(page.header().path).toEqual(['app', 'local ‹ production', 'resync']);
    expect(page.text()).toMatch(/○ audit_log +1,000 {2}kept/);
    expect(page.text()).toMatch(/▲ users +212 {2}as is +email has no rule and looks like an e-mail address/);
    expect(page.text()).toMatch(/▸ +email +no rule +looks like an e-mail address/);
    expect(page.text()).toContain('users.email looks personal and has no rule.');
    expect(page.blocked('write')).toBe('space decides about what has no rule');
  });

  test('space gives the column one rule after the other, for this once, then says that it comes as it is', () => {
    const page = reviewed(copied);
    expect(asked(page.press('space'))).toEqual([...base, '--mask', 'users.email=hash']);
    page.hears({ kind: 'review', ...ruled, words: [...base, '--mask', 'users.email=hash'] }, refusal);
    expect(page.text()).toContain('type its name:');
    expect(asked(page.press('space'))).toEqual([...base, '--mask', 'users.email=null']);
    page.hears({ kind: 'review', ...ruled }, refusal);
    expect(asked(page.press('space'))).toEqual(base);
    page.hears({ kind: 'review', ...copied }, refusal);
    expect(page.text()).toMatch(/▸ +email +as it is/);
    page.type('local');
    expect(started(page.press('enter'))?.args).toEqual([
      ...base,
      '--yes',
      '--confirm',
      'local@a1b2',
      '--accept-unmasked',
      'users.email',
      '--agreed',
      'typed',
    ]);
  });

  test('a rule that does not fit is taken back with why, and not offered again', () => {
    const page = reviewed(copied);
    page.press('space');
    page.hears({ kind: 'review', ...ruled }, refusal);
    page.press('space');
    page.hears({ ...refusal, code: 'usage', message: 'users.email is NOT NULL.' });
    expect(page.text()).toContain('▲ users.email is NOT NULL.');
    expect(page.text()).toMatch(/▸ +email +hash/);
    expect(asked(page.press('space'))).toEqual(base);
  });

  test('space on a table leaves its rows behind, and takes them again', () => {
    const page = reviewed(copied);
    page.press('g');
    expect(asked(page.press('space'))).toEqual([...base, '--exclude', 'audit_log']);
    page.hears({ kind: 'review', ...copied }, refusal);
    expect(asked(page.press('space'))).toEqual(base);
  });

  test('down goes through the columns of the table under the cursor, and up back again', () => {
    const page = reviewed(ruled);
    const cursor = () => /▸ +(?:○ |▲ )?(\S+)/.exec(page.text())?.[1];
    const seen = [cursor()];
    for (const key of ['j', 'j', 'j', 'j', 'k', 'k', 'k']) {
      page.press('tab');
      page.press(key);
      page.press('tab');
      seen.push(cursor());
    }
    expect(seen).toEqual(['audit_log', 'users', 'name', 'email', 'email', 'name', 'users', 'audit_log']);
  });

  test('what to copy from is chosen first; nothing is asked before', () => {
    const source = { words: [...base], note: 'protected', blocked: undefined };
    const page = opened({ ...copied, words: ['resync', 'local'] }, context(120, 33), {
      sources: [
        { ...source, name: 'staging', blocked: 'staging is unreachable, r asks again' },
        { ...source, name: 'production' },
      ],
    });
    expect(page.first).toEqual([]);
    expect(page.text()).toMatch(/▸ production +protected/);
    expect(page.press('enter')).toEqual([
      { kind: 'open', request: { screen: 'change', environment: 'local', words: base, from: 'choice' } },
    ]);
    page.press('k');
    expect(page.press('enter')).toEqual([
      { kind: 'say', level: 'info', text: 'staging: staging is unreachable, r asks again' },
    ]);
  });

  test('once what was chosen is carried out, esc leads to the environments and not to the choice', () => {
    const page = opened(mark, context(120, 33), { from: 'choice' });
    page.hears({ kind: 'review', ...mark }, refusal);
    const [first, then] = page.press('!');
    expect(first).toEqual({ kind: 'home' });
    expect(then).toMatchObject({ kind: 'open', request: { screen: 'run', environment: 'local' } });
  });

  test('the run shows each table with its rows so far, then its migrations', () => {
    const at = context(120, 33);
    const request = {
      screen: 'run',
      environment: 'local',
      source: { kind: 'start', args: [...base, '--yes'], before: [] },
      change: base,
      tables: ruled.tables ?? [],
    } as const;
    let { state } = run.open(request, at);
    const hears = (body: RunEventBody) => {
      ({ state } = run.reduce(state, { kind: 'event', id: 'run', event: told(body) }, at));
    };
    const { operation, environment, steps } = ruled;
    const who = { by: 'mira', host: 'kestrel', version: '1', git: undefined };
    const databases = ['app'];
    hears({ kind: 'started', operation, environment, protected: false, databases, steps, ...who });
    hears({ kind: 'step-started', step: 'copy', database: 'app', stopping: 'ctrl-c leaves local as it was' });
    const records = { name: '__drizzle_migrations', done: 3, total: 3 };
    const copying = { kind: 'progress', step: 'copy', database: 'app', unit: 'rows', total: 1212 } as const;
    hears({ ...copying, done: 3, what: 'copying __drizzle_migrations', table: records });
    hears({
      kind: 'progress',
      step: 'copy',
      database: 'app',
      done: 1100,
      total: 1212,
      unit: 'rows',
      what: 'copying users',
      table: { name: 'users', done: 106, total: 212 },
      left: 2000,
    });
    const text = runLines(signs, state, at).map(textOf).join('\n');
    expect(run.header(state, at).path).toEqual(['app', 'local ‹ production', 'run 7']);
    expect(text).toMatch(/● copy .*copying users, 1,100 of 1,212 rows, about 2.0 s left/);
    expect(text).toMatch(/● users +212 +106 {2}masked +━{9}─{9}/);
    expect(text).toMatch(/○ audit_log +1,000 +- {2}kept/);
    expect(text).not.toContain('__drizzle_migrations');
  });

  test('a copy that was cut says that nothing came of it, and f opens its review again', () => {
    const at = context(120, 33);
    const cut = {
      ...refusal,
      exitCode: 1,
      code: 'unreachable',
      message: 'The connection was cut at events.',
    } as const;
    const request = { screen: 'failed', environment: 'local', events: [told(cut)], change: base } as const;
    const { state } = failed.open(request, at);
    const again = failed.bindings.find(({ keys }) => keys.includes('f'));
    expect(again?.blocked?.(state, at)).toBeUndefined();
    const { effects } = failed.reduce(state, { kind: 'action', action: 'fetch', key: keyNamed('f') }, at);
    expect(effects).toEqual([
      { kind: 'open', request: { screen: 'change', environment: 'local', words: base } },
    ]);
    const stopped = { ...cut, exitCode: 130, code: 'interrupted', next: runAgain } as const;
    const view = failed.open({ ...request, events: [told(stopped)] }, at).state;
    const text = failedLines(signs, view, { width: 120, now: at.now, place: '' }).map(textOf).join('\n');
    expect(text).toContain('local is as it was; f opens the review again.');
    const deploy = failed.open({ screen: 'failed', environment: 'local', events: [told(cut)] }, at).state;
    expect(again?.blocked?.(deploy, at)).toBe('no data was fetched here');
  });

  test.each([
    [120, 33],
    [80, 21],
    [60, 17],
  ])('fills exactly %i × %i cells, the cursor and the frame in sight', (columns, rows) => {
    const page = reviewed(copied, context(columns, rows));
    expect(page.lines()).toHaveLength(rows);
    expect(page.lines().every((line) => line.length <= columns)).toBe(true);
    expect(page.text()).toMatch(/▸ +email/);
    expect(page.text()).toContain('━ no rule');
  });
});
