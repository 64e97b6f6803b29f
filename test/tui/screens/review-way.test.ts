import { describe, expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { RunEvent } from '../../../src/operations/events.ts';
import type { PlanReport } from '../../../src/operations/reports.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { foldRun } from '../../../src/tui/present/run.ts';
import type { ChosenWay, Context, Effect, Message } from '../../../src/tui/screen.ts';
import { review, reviewLines } from '../../../src/tui/screens/review/screen.tsx';
import { runLines } from '../../../src/tui/screens/run/lines.ts';
import { run } from '../../../src/tui/screens/run/screen.tsx';
import { at as told, plan } from '../recorded/deploy.ts';
import { rehearsalOfWay, restore, resume, unproven, unrecorded, wayOf } from '../recorded/recovery.ts';
import { context, keyNamed } from '../recorded/screen.ts';

/** What `plan ENV` says of an environment that is half-finished: not what is pending, but what it is. */
function asked(is: 'protected' | 'open'): PlanReport {
  return { ...plan, environment: 'dev', protected: is === 'protected', databases: [] };
}

function opened(way: ChosenWay, is: 'protected' | 'open' = 'open', at: Context = context(120, 33)) {
  let { state, effects = [] } = review.open({ screen: 'review', environment: 'dev', begin: 'look', way }, at);
  const first = effects;
  const send = (message: Message): readonly Effect[] => {
    const step = review.reduce(state, message, at);
    state = step.state;
    return step.effects ?? [];
  };
  send({ kind: 'answer', id: 'plan', report: asked(is) });
  return {
    first,
    send,
    press: (name: string): readonly Effect[] => {
      const key = keyNamed(name);
      const listening = review.listens?.(state) === 'text' && key.text !== '';
      const binding = listening ? undefined : review.bindings.find(({ keys }) => keys.includes(name));
      if (binding?.blocked?.(state, at) !== undefined) return [];
      return send(binding ? { kind: 'action', action: binding.action, key } : { kind: 'key', key });
    },
    type(text: string) {
      for (const letter of text) this.press(letter);
    },
    hears(events: readonly RunEvent[]) {
      for (const event of events) send({ kind: 'event', id: 'dry-run', event });
    },
    blocked: (action: string) => review.bindings.find((one) => one.action === action)?.blocked?.(state, at),
    label: (action: string) => {
      const label = review.bindings.find((one) => one.action === action)?.label;
      return typeof label === 'function' ? label(state, at) : label;
    },
    text: () => reviewLines(signs, state, at).map(textOf).join('\n'),
    header: () => review.header(state, at).path,
  };
}

test('a way out that is to be rehearsed before its page is there is rehearsed then', () => {
  const at = context(120, 33);
  const opening = review.open(
    { screen: 'review', environment: 'dev', begin: 'look', way: wayOf(resume) },
    at,
  );
  const pressed = review.reduce(
    opening.state,
    { kind: 'action', action: 'dry-run', key: keyNamed('t') },
    at,
  ).state;
  const { effects } = review.reduce(pressed, { kind: 'answer', id: 'plan', report: asked('open') }, at);
  expect(effects).toMatchObject([{ kind: 'start', id: 'dry-run' }]);
});

/** The words of what is started, and where a refusal leads back to. */
function started(effects: readonly Effect[]) {
  const [effect] = effects;
  if (effect?.kind !== 'replace' || effect.request.screen !== 'run') return undefined;
  const { source, way } = effect.request;
  return source.kind === 'start' ? { args: source.args, before: source.before, way } : undefined;
}

/** What was rehearsed for the page is not rehearsed again. */
const plan50 = ['--plan', '/plans/50-dev.json'];
const choose = ['recover', 'dev', '--choose', 'resume', '--database', 'app'];

describe('a way that runs statements', () => {
  test('shows what it runs with the numbers of the file, and asks for its rehearsal first', () => {
    const page = opened(wayOf(resume));
    expect(page.first).toEqual([{ kind: 'ask', id: 'plan', args: ['plan', 'dev', '--database', 'app'] }]);
    expect(page.header()).toEqual(['app', 'dev', 'ways out', 'review']);
    expect(page.text()).toContain('Go on from statement 5 in dev, database app: 8 statements.');
    expect(page.text()).toContain('Recommended: Only the rename is left of the rebuild');
    expect(page.text()).toMatch(/1 {2}ALTER TABLE __new_orders RENAME TO orders +5 in the file/);
    expect(page.text()).not.toContain('Deploy');
    expect(page.blocked('write')).toBe('t first');
    expect(page.press('!')).toEqual([]);
    expect(page.press('t')).toEqual([{ kind: 'start', id: 'dry-run', args: choose }]);
  });

  test('that nobody has agreed to it yet is no failure of its rehearsal', () => {
    const page = opened(wayOf(resume));
    page.press('t');
    page.hears(rehearsalOfWay());
    expect(page.text()).toMatch(/Backup and dry-run are done; dev is\s+unchanged\./);
    expect(page.text()).not.toContain('failed');
    // The steps behind the consent stand there once.
    expect(page.text().match(/^ {2}. apply/gm)).toHaveLength(1);
    expect(page.label('write')).toBe('go on from statement 5');
    const begun = started(page.press('!'));
    expect(begun).toMatchObject({
      args: [...choose, ...plan50, '--yes', '--confirm', 'dev@c0ffee0012345678'],
      way: wayOf(resume),
    });
    // What it showed stays on the page of the run, and what it left to do is announced by that run.
    const [first] = rehearsalOfWay();
    const view = foldRun([...(begun?.before ?? []), ...(first ? [first] : [])]);
    expect(view.evidence).not.toEqual([]);
    expect(view.outcome).toEqual({ kind: 'running' });
    expect(view.steps.filter(({ step }) => step === 'migrate')).toHaveLength(1);
  });

  test('where it destroys rows the name is typed', () => {
    const page = opened(wayOf(resume));
    page.press('t');
    page.hears(rehearsalOfWay({ destroys: true }));
    expect(page.text()).toContain('This destroys rows or values in dev. To go on, type its name:');
    page.type('dev');
    expect(started(page.press('enter'))?.args).toEqual([
      ...choose,
      ...plan50,
      '--yes',
      '--confirm',
      'dev@c0ffee0012345678',
      '--agreed',
      'typed',
    ]);
  });

  test('on a protected environment an error asks for a reason, and the finding is accepted by name', () => {
    const page = opened(wayOf(resume), 'protected');
    page.press('t');
    const finding = {
      rule: 'drop-table',
      severity: 'error',
      database: 'app',
      tag: '0014_orders_due_date',
      statement: 1,
      line: 1,
      message: 'A table is dropped.',
    } as const;
    page.hears(rehearsalOfWay({ findings: [finding] }));
    expect(page.text()).toContain('dev is protected, and 1 finding above is an error.');
    page.type('checked');
    page.press('enter');
    page.type('dev');
    expect(started(page.press('enter'))?.args.join(' ')).toBe(
      `${[...choose, ...plan50].join(' ')} --yes --confirm dev@c0ffee0012345678 --accept drop-table:0014_orders_due_date --reason checked --agreed typed`,
    );
  });

  test('a loss that no statement asks for stops it until it is accepted by name', () => {
    const page = opened(wayOf(resume));
    page.press('t');
    page.hears(rehearsalOfWay({ losses: [{ kind: 'rows', table: 'items', rows: 12, likely: 'a cascade' }] }));
    expect(page.text()).toContain('items loses 12 rows and no statement says so.');
    page.type('items=12');
    page.press('enter');
    page.type('dev');
    expect(started(page.press('enter'))?.args).toContain('items=12');
  });

  test('a rehearsal that fails says why, and nothing can be confirmed', () => {
    const page = opened(wayOf(resume));
    page.press('t');
    const events = rehearsalOfWay();
    page.hears(events.slice(0, 2));
    page.hears([
      told(50, '14:02:15', {
        kind: 'failed',
        exitCode: 4,
        code: 'rehearsal-failed',
        message: 'Statement 1 fails on the copy. dev was not changed.',
        next: undefined,
        applied: [],
        failed: undefined,
        notBegun: [],
      }),
    ]);
    expect(page.text()).toContain('The dry-run failed; dev is unchanged.');
    expect(page.text()).toContain('✗ Statement 1 fails on the copy.');
    expect(page.blocked('write')).toBe('t first');
  });

  test('little is known of a target in that state: the way is reviewed all the same, with the most careful consent', () => {
    const way = wayOf(resume);
    const here = context(120, 33);
    let { state } = review.open({ screen: 'review', environment: 'dev', begin: 'look', way }, here);
    const error = { code: 'unreachable', message: 'no plan', next: undefined };
    state = review.reduce(state, { kind: 'ended', id: 'plan', exitCode: 1, error }, here).state;
    expect(reviewLines(signs, state, here).map(textOf).join('\n')).toContain('Go on from statement 5');
    expect(state.plan).toMatchObject({ kind: 'read', report: { protected: true } });
  });

  test('what refuses it when it is taken brings the review back with why, to rehearse anew', () => {
    const here = context(120, 33);
    const way = wayOf(resume);
    const source = { kind: 'start', args: choose, before: [] } as const;
    const taken = run.open({ screen: 'run', environment: 'dev', source, way }, here);
    const event = told(51, '14:03:00', {
      kind: 'failed',
      exitCode: 4,
      code: 'refused',
      message: 'Nothing in dev is to be recovered with resume. Nothing was changed.',
      next: undefined,
      applied: [],
      failed: undefined,
      notBegun: [],
    });
    const { effects = [] } = run.reduce(taken.state, { kind: 'event', id: 'run', event }, here);
    const [back] = effects;
    if (back?.kind !== 'replace' || back.request.screen !== 'review') throw new Error('no review');
    expect(back.request.way).toEqual(way);
    let { state } = review.open(back.request, here);
    state = review.reduce(state, { kind: 'answer', id: 'plan', report: asked('open') }, here).state;
    const text = reviewLines(signs, state, here).map(textOf).join('\n');
    expect(text).toContain('✗ Nothing in dev is to be recovered with resume.');
    expect(text).toContain('t rehearses anew.');
    const write = review.bindings.find(({ action }) => action === 'write');
    expect(write?.blocked?.(state, here)).toBe('t rehearses anew');
  });

  test('while it runs the statements on the screen are its own, with its own numbers', () => {
    const here = context(120, 33);
    const way = wayOf(resume);
    const source = { kind: 'start', args: choose, before: [] } as const;
    let { state } = run.open({ screen: 'run', environment: 'dev', source, way }, here);
    const effects: Effect[] = [];
    for (const event of rehearsalOfWay().slice(0, 2)) {
      const step = run.reduce(state, { kind: 'event', id: 'run', event }, here);
      state = step.state;
      effects.push(...(step.effects ?? []));
    }
    expect(runLines(signs, state, here).map(textOf).join('\n')).toMatch(
      / 1 {2}ALTER TABLE __new_orders RENAME/,
    );
    expect(effects).toEqual([]);
  });
});

describe('a way that runs no statement of a migration', () => {
  const [record] = unrecorded('0013_user_api_keys').options;
  const [doubtful] = unproven.options;
  if (!record || !doubtful) throw new Error('The recorded cases have no way.');

  test('puts records right at one key, and has nothing to rehearse', () => {
    const page = opened(wayOf(record, { found: unrecorded('0013_user_api_keys') }));
    expect(page.text()).toContain('Record 0013 as applied in dev, database app.');
    expect(page.text()).toContain('the tracking table alone');
    expect(page.blocked('dry-run')).toBe('no statement of a migration is run');
    expect(started(page.press('!'))?.args.join(' ')).toBe('recover dev --choose record --database app --yes');
  });

  test('of several cases names its own, or takes all of them where that is meant', () => {
    const found = unrecorded('0013_user_api_keys');
    const one = opened(wayOf(record, { found, takes: 'one-of-several' }));
    expect(started(one.press('!'))?.args).toContain('--only');
    const all = opened(wayOf(record, { found, takes: 'all-of-several' }));
    expect(all.text()).toContain('Record all of them as applied in dev, database app.');
    expect(started(all.press('!'))?.args).not.toContain('--only');
  });

  test('needs the typed name on a protected environment', () => {
    const page = opened(wayOf(record, { found: unrecorded('0013_user_api_keys') }), 'protected');
    expect(page.blocked('write')).toBe('type what the frame asks for');
    page.type('dev');
    expect(started(page.press('enter'))?.args.join(' ')).toBe(
      'recover dev --choose record --database app --yes --confirm dev --agreed typed',
    );
  });

  test('what nobody can prove is answered for in words', () => {
    const page = opened(wayOf(doubtful, { found: unproven }));
    expect(page.text()).toContain('nobody can tell from the schema');
    page.type('looked at the totals');
    page.press('enter');
    expect(started(page.press('!'))?.args.join(' ')).toBe(
      'recover dev --choose record --database app --yes --accept data-unproven:0015_invoice_totals --reason looked at the totals --agreed typed',
    );
  });

  test('a restore says that it overwrites, and asks for the name everywhere', () => {
    const page = opened(wayOf(restore));
    expect(page.text()).toContain('Last resort: loses 94 orders');
    expect(page.text()).toContain('This overwrites what dev holds now. To go on, type its name:');
    expect(page.text()).toContain('A backup of the present state is taken first');
    page.type('dev');
    expect(started(page.press('enter'))?.args.join(' ')).toBe(
      'recover dev --choose restore --database app --yes --agreed typed',
    );
  });

  test('refused once, it can be asked again by a key', () => {
    const found = unrecorded('0013_user_api_keys');
    const here = context(120, 33);
    const error = { code: 'locked', message: 'ana@ci-7 has held the lock for 40 s.', next: undefined };
    const request = { screen: 'review', environment: 'dev', begin: 'look' } as const;
    const refused = { rehearsal: [], error };
    let { state } = review.open({ ...request, way: wayOf(record, { found }), refused }, here);
    state = review.reduce(state, { kind: 'answer', id: 'plan', report: asked('open') }, here).state;
    const text = () => reviewLines(signs, state, here).map(textOf).join('\n');
    expect(text()).toContain('✗ ana@ci-7 has held the lock for 40 s.');
    const action = { kind: 'action', action: 'refresh', key: keyNamed('r') } as const;
    state = review.reduce(state, action, here).state;
    expect(text()).not.toContain('ana@ci-7');
  });
});
