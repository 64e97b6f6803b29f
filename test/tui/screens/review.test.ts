import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { RunEvent } from '../../../src/operations/events.ts';
import type { PlanReport } from '../../../src/operations/reports.ts';
import type { Key } from '../../../src/tui/keyboard/key.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import type { Context, Effect, Message } from '../../../src/tui/screen.ts';
import { review, reviewLines } from '../../../src/tui/screens/review/screen.tsx';
import { dryRun, plan, rehearsedPlan } from '../recorded/deploy.ts';
import { context, keyNamed } from '../recorded/screen.ts';

/** A review driven by messages alone, as the app drives it. */
function opened({ at = context(120, 33) }: { at?: Context } = {}) {
  let { state, effects = [] } = review.open(
    { screen: 'review', environment: 'production', begin: 'look' },
    at,
  );
  const all: Effect[] = [...effects];
  const send = (message: Message): readonly Effect[] => {
    const step = review.reduce(state, message, at);
    state = step.state;
    all.push(...(step.effects ?? []));
    return step.effects ?? [];
  };
  return {
    send,
    effects: all,
    press: (name: string, how: Partial<Key> = {}) => {
      const key = keyNamed(name, how);
      const listening = review.listens?.(state) === 'text' && key.text !== '';
      const binding = listening ? undefined : review.bindings.find(({ keys }) => keys.includes(name));
      if (binding?.blocked?.(state, at) !== undefined) return [];
      return send(binding ? { kind: 'action', action: binding.action, key } : { kind: 'key', key });
    },
    type(text: string) {
      for (const letter of text) this.press(letter);
    },
    blocked: (action: string) => review.bindings.find((one) => one.action === action)?.blocked?.(state, at),
    text: () => reviewLines(signs, state, at).map(textOf).join('\n'),
    listens: () => review.listens?.(state),
  };
}

function rehearsed(report: PlanReport = rehearsedPlan, at?: Context) {
  const page = opened(at ? { at } : {});
  page.send({
    kind: 'answer',
    id: 'plan',
    report: plan,
  });
  page.press('t');
  for (const event of dryRun) page.send({ kind: 'event', id: 'dry-run', event });
  page.send({ kind: 'answer', id: 'plan', report });
  return page;
}

const startOf = (effects: readonly Effect[]): readonly string[] | undefined => {
  for (const effect of effects) {
    if (
      effect.kind === 'replace' &&
      effect.request.screen === 'run' &&
      effect.request.source.kind === 'start'
    ) {
      return effect.request.source.args;
    }
  }
  return undefined;
};

const unprotectedPlan: PlanReport = {
  ...rehearsedPlan,
  protected: false,
  evidence: rehearsedPlan.evidence?.map((one) => ({ ...one, tables: one.tables.slice(1) })) ?? [],
};

test('before the dry-run the page says what it will do to D1, by where it is and how it is rehearsed', () => {
  const [database] = plan.databases;
  if (!database) throw new Error('The recorded plan has no database.');
  const of = (engine: string, rehearse: PlanReport['rehearse']) => {
    const page = opened();
    page.send({
      kind: 'answer',
      id: 'plan',
      report: { ...plan, rehearse, databases: [{ ...database, engine }] },
    });
    return page.text();
  };
  const local = of('d1-local', 'full');
  expect(local).toContain("the plan is run on the backup, restored into a copy, by D1's rules");
  expect(local).toContain('in one transaction');
  const remote = of('d1-remote', 'full');
  expect(remote).toContain("its place in the server's own history is noted");
  expect(remote).toContain("the plan is run on a copy of the rows, by D1's rules");
  expect(remote).toContain('sent as one batch');
  expect(remote).toContain('production is only read');
  const inside = of('d1-remote', 'in-target');
  expect(inside).toContain('run in the database itself, in a request that undoes it');
  expect(inside).not.toContain('only read');
  expect(of('libsql-file', 'in-target')).toContain('restored into a copy');
  expect(of('d1-remote', 'structure')).toContain('proves nothing about rows');
});

test.each([80, 60])('at %i columns a migration that ran nowhere else is not said to be applied', (width) => {
  const page = opened({ at: context(width, 21) });
  const tags = ['0001_first_filling_of_the_table', '0002_second_filling'];
  const databases = plan.databases.map((one) => ({
    ...one,
    migrations: one.migrations.flatMap((each) =>
      tags.map((tag, index) => ({
        ...each,
        tag,
        elsewhere: index === 0 ? [] : [{ environment: 'staging', at: '2026-11-18T13:40:00Z', took: 5900 }],
      })),
    ),
  }));
  page.send({ kind: 'answer', id: 'plan', report: { ...plan, databases } });
  const rows = page.text().split('\n');
  expect(rows.find((row) => row.includes('○ 0001_'))).toMatch(/ statements {3}(?:applied )?nowhere else/);
  expect(rows.find((row) => row.includes('○ 0002_'))).toMatch(/ statements {3}on staging/);
});

test('a migration that is not one transaction is not called one', () => {
  const steps = [
    { first: 1, last: 1 },
    { first: 2, last: 2, alone: 'CREATE INDEX CONCURRENTLY' },
  ];
  const of = (more: object) => {
    const page = opened();
    const databases = plan.databases.map((one) => ({
      ...one,
      migrations: one.migrations.map((migration) => ({ ...migration, ...more })),
    }));
    page.send({ kind: 'answer', id: 'plan', report: { ...plan, databases } });
    return page.text();
  };
  expect(of({})).toContain('each migration and its record in one transaction, under a lock');
  const parted = of({ steps });
  expect(parted).toContain('step by step, the record in the last, under a lock');
  expect(parted).not.toContain('in one transaction');
});

test('nothing can be confirmed before it was rehearsed', () => {
  const page = opened();
  page.send({ kind: 'answer', id: 'plan', report: plan });
  expect(page.text()).toContain('Nothing was done yet: t takes the backup');
  expect(page.blocked('write')).toBe('t first');
  expect(page.text()).not.toContain('type its name');
  page.press('!');
  page.press('enter');
  expect(startOf(page.effects)).toBeUndefined();
});

test('t starts the dry-run, and its plan is read back with the evidence', () => {
  const page = opened();
  page.send({ kind: 'answer', id: 'plan', report: plan });
  expect(page.press('t')).toEqual([{ kind: 'start', id: 'dry-run', args: ['dry-run', 'production'] }]);
  expect(page.blocked('dry-run')).toBe('it is running');
  expect(page.text()).toMatch(/○ backup .*\n +○ dry-run .*\n +○ apply /);
  for (const event of dryRun) page.send({ kind: 'event', id: 'dry-run', event });
  expect(page.effects.at(-1)).toEqual({
    kind: 'ask',
    id: 'plan',
    args: ['plan', 'production', '--plan', '/tmp/plan-40.json'],
  });
});

test('a protected environment is confirmed by typing its name, and the plan on the page is what runs', () => {
  const page = rehearsed();
  expect(page.listens()).toBe('text');
  page.type('production');
  const effects = page.press('enter');
  expect(startOf(effects)).toEqual([
    'deploy',
    'production',
    '--plan',
    '/tmp/plan-40.json',
    '--yes',
    '--confirm',
    'production@9ad0c4e117aa0017',
    '--agreed',
    'typed',
  ]);
});

test('pasted text does not confirm', () => {
  const page = rehearsed();
  page.send({ kind: 'paste', text: 'production' });
  expect(page.text()).toContain('Pasted text does not confirm.');
  expect(startOf(page.press('enter'))).toBeUndefined();
});

test('enter counts only by itself, a moment after the last letter, and not while it is held', () => {
  for (const how of [{ since: 5 }, { read: 'with-others' }, { press: 'repeat' }] as const) {
    const page = rehearsed();
    page.type('production');
    expect(startOf(page.press('enter', how))).toBeUndefined();
    expect(startOf(page.press('enter'))).toBeDefined();
  }
});

test('another name, a part of the name and a held letter do not confirm', () => {
  for (const typed of ['', 'prod', 'Production', 'staging', 'production ']) {
    const page = rehearsed();
    page.type(typed);
    expect(startOf(page.press('enter'))).toBeUndefined();
  }
  const held = rehearsed();
  held.press('p');
  held.press('p', { press: 'repeat' });
  held.type('roduction');
  expect(startOf(held.press('enter'))).toBeDefined();
});

test('the name is never prefilled, and what was typed does not outlive the page it was typed on', () => {
  const page = rehearsed();
  expect(page.text()).toContain('type its name: ▏');
  page.type('production');
  page.send({ kind: 'answer', id: 'plan', report: { ...rehearsedPlan, hash: 'ffff' } });
  expect(page.text()).toContain('type its name: ▏');
  expect(startOf(page.press('enter'))).toBeUndefined();
});

test('an environment that is not protected takes one key, when nothing is destroyed', () => {
  const page = rehearsed(unprotectedPlan);
  expect(page.listens()).toBe('keys');
  expect(startOf(page.press('!', { press: 'repeat' }))).toBeUndefined();
  expect(startOf(page.press('!', { read: 'with-others' }))).toBeUndefined();
  expect(startOf(page.press('!'))).toContain('--yes');
});

test('where a statement destroys rows, the name is asked for everywhere', () => {
  const page = rehearsed({ ...rehearsedPlan, protected: false });
  expect(page.blocked('write')).toBe('type what the frame asks for');
  expect(page.text()).toContain('This destroys rows or values in production.');
});

test('a loss that no statement asks for takes the place of the frame until it is typed with its number', () => {
  const page = rehearsed({
    ...rehearsedPlan,
    evidence: (rehearsedPlan.evidence ?? []).map((one) => ({
      ...one,
      losses: [{ kind: 'rows', table: 'order_items', rows: 1204, likely: 'a cascade' }],
    })),
  });
  expect(page.text()).toContain(
    'order_items loses 1,204 rows and no statement says so. Nothing was changed.',
  );
  page.type('production');
  expect(startOf(page.press('enter'))).toBeUndefined();
  page.press('ctrl-k');
  page.type('order_items=1204');
  page.press('enter');
  page.type('production');
  expect(startOf(page.press('enter'))).toEqual(
    expect.arrayContaining(['--accept-loss', 'order_items=1204', '--confirm', 'production@9ad0c4e117aa0017']),
  );
});

test('an error finding on a protected environment asks for a reason in words first', () => {
  const [first, ...rest] = rehearsedPlan.findings;
  if (!first) throw new Error('no finding');
  const page = rehearsed({ ...rehearsedPlan, findings: [{ ...first, severity: 'error' }, ...rest] });
  expect(page.text()).toContain('1 finding above is an error');
  page.press('enter');
  expect(page.text()).toContain('Say it in words');
  page.type('agreed with finance');
  page.press('enter');
  page.type('production');
  expect(startOf(page.press('enter'))).toEqual(
    expect.arrayContaining([
      '--accept',
      'delete-rows:0014_orders_due_date',
      '--reason',
      'agreed with finance',
    ]),
  );
});

test('after a dry-run that stopped at a migration it is marked, and its SQL is a key away', () => {
  const [database] = plan.databases;
  const [migration] = database?.migrations ?? [];
  if (!database || !migration) throw new Error('The recorded plan has no migration.');
  const migrations = [migration, { ...migration, tag: '0015_slugs' }];
  const page = opened();
  const low = opened({ at: context(60, 9) });
  const report = { ...plan, databases: [{ ...database, migrations }] };
  for (const one of [page, low]) {
    one.send({ kind: 'answer', id: 'plan', report });
    one.press('t');
  }
  const [begun] = dryRun;
  if (!begun) throw new Error('The recorded dry-run has no event.');
  const failed: RunEvent = {
    schemaVersion: 1,
    run: begun.run,
    at: begun.at,
    kind: 'failed',
    exitCode: 4,
    code: 'rehearsal-failed',
    message: 'The dry-run of production stopped at 0015_slugs, statement 2 of 2: UNIQUE constraint failed.',
    next: undefined,
    applied: [],
    failed: undefined,
    notBegun: [],
  };
  for (const event of [begun, failed]) {
    for (const one of [page, low]) one.send({ kind: 'event', id: 'dry-run', event });
  }
  // What happened is read first, however low the window is.
  expect(low.text()).toMatch(/^ {2}Deploy [^]*The dry-run failed/);
  expect(page.text()).toMatch(/ {4}○ 0014_orders_due_date[^]*▸ ✗ 0015_slugs/);
  expect(page.press('z')).toContainEqual({
    kind: 'open',
    request: { screen: 'migration', database: 'app', tag: '0015_slugs', environment: 'production' },
  });
});

test('what waits, and why, stands on the page after the dry-run as before it, with the key that leads out', () => {
  const why = 'a newer migration is recorded, so Drizzle never runs it; --out-of-order does';
  const first: PlanReport = {
    ...plan,
    databases: plan.databases.map((one) => ({ ...one, waiting: [{ tag: '0012_team_rooms', why }] })),
    warnings: ['0012_team_rooms would silently never run (its journal time is old); --out-of-order runs it.'],
  };
  const rehearsedAlone = {
    ...rehearsedPlan,
    databases: rehearsedPlan.databases.map((one) => ({ ...one, waiting: [] })),
    warnings: [],
  };
  for (const columns of [120, 80]) {
    const page = opened({ at: context(columns, 60) });
    page.send({ kind: 'answer', id: 'plan', report: first });
    page.press('t');
    for (const event of dryRun) page.send({ kind: 'event', id: 'dry-run', event });
    page.send({ kind: 'answer', id: 'plan', report: rehearsedAlone });
    const text = page.text().replaceAll(/\s+/g, ' ');
    expect(text).toContain('Deploy 1 of 2 pending migrations to production');
    expect(text).toMatch(
      /· 0012_team_rooms waits: a newer migration is recorded, so Drizzle never runs it; w leads out/,
    );
    expect(text).toContain('would silently never run (its journal time is old); w leads out.');
    page.press('tab');
    expect(page.press('w')).toEqual([
      { kind: 'open', request: { screen: 'recovery', environment: 'production' } },
    ]);
  }
});

test('evidence that no longer fits leaves only a new dry-run', () => {
  const page = rehearsed({
    ...rehearsedPlan,
    refusals: [{ code: 'target-changed', message: 'production has one more record.', next: undefined }],
  });
  expect(page.text()).toContain('production changed since the dry-run');
  expect(page.blocked('write')).toBe('t rehearses anew');
  expect(page.blocked('dry-run')).toBeUndefined();
  expect(page.listens()).toBe('keys');
});

test('a rehearsed plan that is refused because something moved starts over with what is pending now', () => {
  const message = 'production changed since the rehearsal: the file of 0016 was edited. Nothing was changed.';
  const moved: PlanReport = {
    ...rehearsedPlan,
    databases: [],
    findings: [],
    refusals: [{ code: 'target-changed', message, next: undefined }],
  };
  const page = rehearsed(moved);
  page.send({ kind: 'answer', id: 'plan', report: plan });
  expect(page.text()).toContain(message);
  expect(page.text()).toContain('t rehearses anew.');
  expect(page.blocked('dry-run')).toBeUndefined();
  expect(page.blocked('write')).toBe('t first');
});

test('a lock that somebody holds is named, and nothing can begin', () => {
  const page = opened();
  const message = 'ana@ci-7 has held the lock for 40 s, since 14:01:30 UTC. Nothing was changed.';
  page.send({
    kind: 'answer',
    id: 'plan',
    report: { ...plan, refusals: [{ code: 'locked', message, next: 'r asks again.' }] },
  });
  expect(page.text()).toContain(message);
  expect(page.blocked('dry-run')).toBe('refused, r asks again');
});

test('tab leads from the field to the page, where letters are keys again', () => {
  const page = rehearsed();
  page.press('tab');
  expect(page.listens()).toBe('keys');
  page.press('n');
  expect(page.text()).toMatch(/▸ ▲ warning/);
  page.press('tab');
  page.press('n');
  expect(page.text()).toContain('type its name: n▏');
});

test('nothing pending is one sentence', () => {
  const page = opened();
  page.send({
    kind: 'answer',
    id: 'plan',
    report: {
      ...plan,
      databases: plan.databases.map((one) => ({ ...one, migrations: [], waiting: [] })),
      findings: [],
    },
  });
  expect(page.text().trim()).toBe(
    'Nothing to deploy: production has no migration that may run now. esc back.',
  );
});

test('the frame stays in sight at every size, and the page is exactly as high as the body', () => {
  for (const [columns, rows] of [
    [160, 47],
    [120, 33],
    [80, 21],
    [60, 17],
    [40, 8],
  ] as const) {
    const page = rehearsed(rehearsedPlan, context(columns, rows));
    expect(page.text().split('\n')).toHaveLength(rows);
    expect(page.text()).toContain('type');
  }
});

test('a dry-run that is asked for while the plan is being read begins once it is there', () => {
  const page = opened();
  expect(page.press('t')).toEqual([]);
  const effects = page.send({ kind: 'answer', id: 'plan', report: plan });
  expect(effects).toEqual([{ kind: 'start', id: 'dry-run', args: ['dry-run', 'production'] }]);
});

test('on a low screen what the dry-run showed is in sight before anything is typed', () => {
  const page = rehearsed(rehearsedPlan, context(60, 17));
  expect(page.text()).toMatch(/order_drafts +1,040 rows, then +728 +-312/);
  expect(page.text()).toContain('statement 9: DELETE FROM order_drafts');
  expect(page.text()).toMatch(/rows? above; \d+ rows below, ctrl-d/);
  expect(page.text()).toMatch(/type its name: ▏/);
  page.press('home');
  expect(page.text()).toContain('Deploy 1 of 3 pending migrations to production');
  page.press('end');
  expect(page.text()).toContain('checked before the commit.');
});

test('of a thousand migrations those round the cursor are listed, and the findings stay a page away', () => {
  const [database] = plan.databases;
  const [migration] = database?.migrations ?? [];
  if (!database || !migration) throw new Error('The recorded plan has no migration.');
  const migrations = Array.from({ length: 1000 }, (_one, at) => ({
    ...migration,
    tag: `${String(at).padStart(4, '0')}_step`,
  }));
  const page = opened({ at: context(80, 21) });
  page.send({ kind: 'answer', id: 'plan', report: { ...plan, databases: [{ ...database, migrations }] } });
  expect(page.text()).toContain('1 to 7 of 1,000 migrations, j k');
  expect(page.text()).toContain('▲ warning');
  for (let press = 0; press < 20; press += 1) page.press('j');
  expect(page.text()).toMatch(/▸ ○ 0020_step/);
  expect(page.text()).toContain('18 to 24 of 1,000 migrations');
  page.press('G');
  expect(page.text()).toMatch(/▸ ○ 0999_step|destroys rows/);
});

test('the field stays where it is while the name is typed, also where it is narrow', () => {
  for (const columns of [120, 80, 60]) {
    const page = rehearsed(rehearsedPlan, context(columns, 21));
    const place = (): string | undefined =>
      page
        .text()
        .split('\n')
        .find((row) => row.endsWith('▏') || / name: /.test(row))
        ?.split('name:')[0];
    const before = place();
    expect(before).toBeDefined();
    for (const letter of 'production') {
      page.press(letter);
      expect(page.text()).toMatch(/name: production|name: p/);
      expect(place()).toBe(before);
    }
  }
});
