import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { RunEvent } from '../../../src/operations/events.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import type { Context, Message, Effect } from '../../../src/tui/screen.ts';
import { failedLines } from '../../../src/tui/screens/failed/lines.ts';
import { failed } from '../../../src/tui/screens/failed/screen.tsx';
import { finishedLines } from '../../../src/tui/screens/finished/lines.ts';
import { finished } from '../../../src/tui/screens/finished/screen.tsx';
import { runLines } from '../../../src/tui/screens/run/lines.ts';
import { run } from '../../../src/tui/screens/run/screen.tsx';
import {
  at,
  deployBegun,
  deployDone,
  deployFailed,
  dryRun,
  migration,
  sentAsOneBegun,
  sentAsOneDone,
} from '../recorded/deploy.ts';
import { runAgain } from '../../../src/lib/errors.ts';
import { knowing } from '../recorded/applied.ts';
import { context, keyNamed } from '../recorded/screen.ts';
import { statusOf } from '../../support/status.ts';

function running(events: readonly RunEvent[], here: Context = context(120, 24)) {
  const source = { kind: 'start', args: ['deploy', 'production'], before: dryRun } as const;
  let { state } = run.open({ screen: 'run', environment: 'production', source }, here);
  const send = (message: Message, when = here) => {
    const step = run.reduce(state, message, when);
    state = step.state;
    return step.effects ?? [];
  };
  for (const event of events) send({ kind: 'event', id: 'run', event });
  send({ kind: 'answer', id: 'sql', report: migration });
  return {
    send,
    text: (size = here) =>
      runLines(signs, state, size)
        .map((line) => textOf(line).trimEnd())
        .join('\n'),
  };
}

const stop: Message = { kind: 'action', action: 'stop', key: keyNamed('ctrl-c') };

test('what stopping would do and the way back are in sight at every size', () => {
  for (const [columns, rows] of [
    [160, 47],
    [120, 33],
    [80, 21],
    [60, 17],
    [40, 9],
  ] as const) {
    const text = running(deployBegun).text(context(columns, rows));
    expect(text.split('\n')).toHaveLength(rows);
    expect(text).toMatch(/stop now +ctrl-c undoes/);
    expect(text).toMatch(/way back +b41/);
  }
});

test('where it is narrow a finished run says what was lost and what is next before how long it took', () => {
  const here = context(60, 17);
  const opened = finished.open({ screen: 'finished', environment: 'production', events: deployDone }, here);
  const text = finishedLines(signs, opened.state, 60).map(textOf).join('\n');
  expect(text).toMatch(/── proven [^]*── rows [^]*order_drafts -312: [^]*── time /);
});

test('until the run tells of itself, stopping is not what it was in the dry-run', () => {
  const text = running([]).text();
  expect(text).toMatch(/stop now +ctrl-c ends it before anything was changed in production/);
  expect(text).not.toContain('only read');
});

test('of hundreds of small migrations the SQL is asked for one at a time, ahead of the one in sight', () => {
  const page = running([]);
  const plan = Array.from({ length: 300 }, (_, number) => ({
    step: 'migrate' as const,
    database: 'app',
    tag: `${String(number).padStart(4, '0')}_step`,
    label: '',
    statements: 1,
  }));
  const asked: string[] = [];
  let open = 0;
  const send = (message: Message): void => {
    for (const effect of page.send(message)) {
      if (effect.kind !== 'ask') continue;
      open += 1;
      expect(open).toBe(1);
      asked.push(effect.args[1] ?? '');
    }
  };
  const answer = (): void => {
    open = 0;
    const tag = asked.at(-1) ?? '';
    send({ kind: 'answer', id: `sql app ${tag}`, report: { ...migration, tag } });
    send({ kind: 'ended', id: `sql app ${tag}`, exitCode: 0, error: undefined });
  };
  const [begun] = deployBegun;
  if (begun?.kind !== 'started') throw new Error('The recorded deploy does not begin.');
  send({ kind: 'event', id: 'run', event: { ...begun, steps: plan } });
  expect(asked).toEqual(['0000_step']);
  answer();
  expect(asked).toEqual(['0000_step', '0001_step']);
  for (const { database, tag } of plan.slice(0, 200)) {
    const event = { schemaVersion: 1, run: begun.run, at: begun.at, step: 'migrate', database, tag } as const;
    send({ kind: 'event', id: 'run', event: { ...event, kind: 'step-started', stopping: '' } });
    send({ kind: 'event', id: 'run', event: { ...event, kind: 'step-finished', took: 1, says: '' } });
  }
  expect(asked).toHaveLength(2);
  answer();
  expect(asked.at(-1)).toBe('0199_step');
});

test('a finished run asks for the SQL of what was slowest, one migration after the other', () => {
  const here = context(120, 33);
  const [begun] = deployBegun;
  if (begun?.kind !== 'started') throw new Error('The recorded deploy does not begin.');
  const tags = Array.from({ length: 30 }, (_one, at) => `00${String(at + 10)}_step`);
  const steps = tags.map((tag) => ({
    step: 'migrate' as const,
    database: 'app',
    tag,
    label: '',
    statements: 1,
  }));
  const slow: Readonly<Record<string, number>> = { '0035_step': 900, '0025_step': 800, '0015_step': 700 };
  const ran = tags.map((tag) => ({
    schemaVersion: 1 as const,
    run: begun.run,
    at: begun.at,
    kind: 'statement' as const,
    phase: 'done' as const,
    database: 'app',
    step: 'migrate' as const,
    tag,
    number: 1,
    of: 1,
    took: slow[tag] ?? 1,
  }));
  const opened = finished.open(
    { screen: 'finished', environment: 'production', events: [{ ...begun, steps }, ...ran] },
    here,
  );
  expect(asksIn(opened.effects)).toEqual(['0035_step']);
  const then = (from: string, state: typeof opened.state) =>
    finished.reduce(state, { kind: 'ended', id: `sql app ${from}`, exitCode: 0, error: undefined }, here);
  const second = then('0035_step', opened.state);
  expect(asksIn(second.effects)).toEqual(['0025_step']);
  const third = then('0025_step', second.state);
  expect(asksIn(third.effects)).toEqual(['0015_step']);
  expect(asksIn(then('0015_step', third.state).effects)).toEqual([]);

  function asksIn(effects: readonly Effect[] = []): readonly string[] {
    return effects.flatMap((effect) =>
      effect.kind === 'ask' && effect.args[0] === 'migration' ? [effect.args[1] ?? ''] : [],
    );
  }
});

test('where the SQL of a migration cannot be read that of the next is asked for all the same', () => {
  const page = running([]);
  const [begun] = deployBegun;
  if (begun?.kind !== 'started') throw new Error('The recorded deploy does not begin.');
  const steps = ['0001_a', '0002_b'].map((tag) => ({
    step: 'migrate' as const,
    database: 'app',
    tag,
    label: '',
  }));
  page.send({ kind: 'event', id: 'run', event: { ...begun, steps } });
  const error = { code: 'io', message: 'The file is gone.', next: undefined };
  expect(page.send({ kind: 'ended', id: 'sql app 0001_a', exitCode: 1, error })).toEqual([
    { kind: 'ask', id: 'sql app 0002_b', args: ['migration', '0002_b', '--database', 'app'] },
  ]);
});

test('a run that had nothing to back up says so while it writes', () => {
  const before = dryRun.map((event) => {
    if (event.kind !== 'step-finished' || event.step !== 'backup') return event;
    const { backup: _backup, ...rest } = event;
    return { ...rest, says: 'nothing to back up: the database does not exist yet' };
  });
  const source = { kind: 'start', args: ['deploy', 'production'], before } as const;
  const here = context(120, 33);
  let { state } = run.open({ screen: 'run', environment: 'production', source }, here);
  for (const event of deployBegun) state = run.reduce(state, { kind: 'event', id: 'run', event }, here).state;
  const text = runLines(signs, state, here).map(textOf).join('\n');
  expect(text).toContain('way back          no backup: there was nothing to back up before this run');
  expect(text).not.toContain('nothing was written');
});

test('before a statement is heard of nothing is said of how they are sent', () => {
  const first = deployBegun.findIndex(({ kind }) => kind === 'statement');
  const text = running(deployBegun.slice(0, first)).text();
  expect(text).toContain('● apply');
  expect(text).not.toContain('one batch');
});

test('where it is narrow the header says what a run does and for how long, as much as fits', () => {
  const rightAt = (columns: number): string => {
    const here = context(columns, 21);
    const source = { kind: 'start', args: [], before: dryRun } as const;
    const opened = run.open({ screen: 'run', environment: 'production', source }, here).state;
    const state = deployBegun.reduce(
      (at, event) => run.reduce(at, { kind: 'event', id: 'run', event }, here).state,
      opened,
    );
    return run
      .header(state, here)
      .right.map(({ text }) => text)
      .join('   ');
  };
  expect(rightAt(120)).toMatch(/^PRODUCTION {3}writing {3}started 14:02:\d\d UTC {3}\d+ s ago$/);
  expect(rightAt(80)).toMatch(/^PRODUCTION {3}writing {2}\d+ s$/);
});

test('a deploy after its dry-run reads its SQL at once, and nothing stands for it until it came', () => {
  const source = { kind: 'start', args: ['deploy', 'production'], before: dryRun } as const;
  const here = context(120, 24);
  const opened = run.open({ screen: 'run', environment: 'production', source }, here);
  expect(opened.effects).toContainEqual(
    expect.objectContaining({
      kind: 'ask',
      args: ['migration', '0014_orders_due_date', '--database', 'app'],
    }),
  );
  const begun = deployBegun.reduce(
    (state, event) => run.reduce(state, { kind: 'event', id: 'run', event }, here).state,
    opened.state,
  );
  expect(statementsOf(begun)).toMatch(/● +7 +[\d.]+ s/);
  const unread = {
    kind: 'ended',
    id: 'sql app 0014_orders_due_date',
    exitCode: 1,
    error: undefined,
  } as const;
  expect(statementsOf(run.reduce(begun, unread, here).state)).toMatch(/● +7 +statement 7 +[\d.]+ s/);

  function statementsOf(state: Parameters<typeof runLines>[1]): string {
    return runLines(signs, state, here).map(textOf).join('\n');
  }
});

test('the statement that runs is marked, with its time against the time of the dry-run', () => {
  expect(running(deployBegun).text()).toMatch(/▸ ● {2}7 {2}UPDATE orders .* 2\.2 s {5}2\.4 s {3}━/);
});

test('a migration that is sent as one request has no counter, and its statements no times of their own', () => {
  const text = running(sentAsOneBegun).text();
  expect(text).toContain('12 statements sent as one batch');
  expect(text).toMatch(/▸ ● {2}1 {2}PRAGMA foreign_keys = OFF +0\.1 ms$/m);
  expect(text).not.toContain('━');
});

test('the finished page says nothing of statements whose times no server told', () => {
  const { state } = finished.open(
    { screen: 'finished', environment: 'production', events: [...dryRun, ...sentAsOneDone] },
    context(120, 33),
  );
  const text = finishedLines(signs, state, 120).map(textOf).join('\n');
  expect(text).toContain('✓ production is at 0014.');
  expect(text).not.toContain('slowest statements');
  expect(text).not.toContain('0 ms ');
});

test('the finished page says what was noted after the consent, and not again what was on the page before it', () => {
  const noted = (message: string) => at(41, '14:02:50', { kind: 'notice', level: 'warning', message });
  const untold = 'hooks.example.org was not told that this run is done: it answered 500.';
  const events = [
    ...dryRun,
    noted('staging does not have 0014 yet.'),
    ...deployDone.slice(0, -1),
    noted(untold),
    ...deployDone.slice(-1),
  ];
  const { state } = finished.open(
    { screen: 'finished', environment: 'production', events },
    context(120, 33),
  );
  const text = finishedLines(signs, state, 120).map(textOf).join('\n');
  expect(text).toContain(`▲ ${untold}`);
  expect(text).not.toContain('staging does not have');
});

test('ctrl-c stops at the next boundary and says what that does; a second one soon asks the process to end', () => {
  const page = running(deployBegun);
  const [first, said] = page.send(stop);
  expect(first).toEqual({ kind: 'stop', run: 41, how: 'boundary' });
  expect(said).toMatchObject({ kind: 'say', text: expect.stringContaining('undoes 0014 in full') });
  expect(page.send(stop)[0]).toEqual({ kind: 'stop', run: 41, how: 'process' });
});

test('a second ctrl-c long after the first one is a first one again', () => {
  const page = running(deployBegun);
  page.send(stop);
  const later = { ...context(120, 24), now: context(120, 24).now + 5000 };
  expect(page.send(stop, later)[0]).toEqual({ kind: 'stop', run: 41, how: 'boundary' });
});

test('a run that is silent for five seconds says when it was last heard', () => {
  const here = { ...context(120, 24), now: Date.parse('2026-11-20T14:02:52Z') };
  expect(running(deployBegun, here).text()).toContain('last heard 9 s ago');
  expect(running(deployBegun).text()).not.toContain('last heard');
});

test('a process that died is said to be so, and nothing is claimed about the target', () => {
  const page = running(deployBegun);
  page.send({
    kind: 'ended',
    id: 'run',
    exitCode: undefined,
    error: { code: 'crashed', message: 'killed', next: undefined },
  });
  expect(page.text()).toContain(
    'The process of run 41 ended without closing it. What is in production is not known yet.',
  );
});

test('the end of a run leads to its record, with the events of the whole way', () => {
  const page = running(deployBegun);
  const rest = deployDone.slice(deployBegun.length);
  const effects = rest.flatMap((event) => page.send({ kind: 'event', id: 'run', event }));
  expect(effects.at(-1)).toMatchObject({
    kind: 'replace',
    request: { screen: 'finished', environment: 'production', events: [...dryRun, ...deployDone] },
  });
});

test('a target that changed since the rehearsal leads back to the review', () => {
  const page = running(deployBegun.slice(0, 2));
  const event = at(41, '14:02:41', {
    kind: 'failed',
    exitCode: 4,
    code: 'target-changed',
    message: 'production changed since the rehearsal.',
    next: undefined,
    applied: [],
    failed: undefined,
    notBegun: [],
  });
  expect(page.send({ kind: 'event', id: 'run', event })[0]).toMatchObject({
    kind: 'replace',
    request: { screen: 'review' },
  });
});

test('the finished page lists each claim that was checked and each row count with its cause', () => {
  const here = context(120, 24);
  const { state } = finished.open(
    { screen: 'finished', environment: 'production', events: [...dryRun, ...deployDone] },
    here,
  );
  const text = finishedLines(signs, state, 120).map(textOf).join('\n');
  expect(text).toContain('✓ backup restores     b41 was restored first');
  expect(text).toContain("✓ schema              equals the dry-run's, 4be1…c2");
  expect(text).toMatch(/order_drafts +1,040 +728 +-312/);
  expect(text).toContain('order_drafts -312: asked for by statement 9 of 0014_orders_due_date');
});

test('the failed page claims nothing about the target before it was read back', () => {
  const here = context(120, 24);
  let { state } = failed.open({ screen: 'failed', environment: 'staging', events: deployFailed }, here);
  const text = () =>
    failedLines(signs, state, { width: 120, now: here.now, place: '' }).map(textOf).join('\n');
  expect(text()).toContain('whether anything of it stayed is not known yet');
  expect(text()).toContain('· reading staging back');
  expect(text()).toContain('UNIQUE constraint failed: teams.slug');
  const error = { code: 'unreachable', message: 'staging did not answer in 10 s.', next: undefined };
  state = failed.reduce(state, { kind: 'ended', id: 'status', exitCode: 1, error }, here).state;
  expect(text()).toContain(
    'What is in staging is not known yet: staging did not answer in 10 s. r asks again.',
  );
});

test.each([
  ['half-finished', 'ways out', 'recovery'],
  ['behind', 'way back', 'backups'],
] as const)('w after a run that left its target %s: %s', (is, label, screen) => {
  const here = context(120, 24);
  let { state } = failed.open({ screen: 'failed', environment: 'staging', events: deployFailed }, here);
  const report = statusOf(['0018_slug_unique'], 'staging', {}, { state: [is] });
  state = failed.reduce(state, { kind: 'answer', id: 'status', report }, here).state;
  const key = failed.bindings.find(({ keys }) => keys.includes('w'));
  if (typeof key?.label !== 'function') throw new Error('w says the same whatever stayed');
  expect(key.label(state, here)).toBe(label);
  const action = { kind: 'action', action: key.action, key: keyNamed('w') } as const;
  expect(failed.reduce(state, action, here).effects).toEqual([
    { kind: 'open', request: { screen, environment: 'staging' } },
  ]);
});

test('a process that was killed in the middle of its words is said to be gone, too', () => {
  const page = running(deployBegun);
  page.send({ kind: 'ended', id: 'run', exitCode: undefined, error: undefined });
  expect(page.text()).toContain('The process of run 41 ended without closing it.');
  expect(page.text()).toContain('w shows what it left and what leads out');
  expect(page.text()).toMatch(/way back +b41/);
  expect(page.text()).not.toContain('if you stop now');
  const later = { ...context(120, 24), now: Date.parse('2026-11-20T15:02:44Z') };
  expect(page.text(later)).toBe(page.text());
});

test('w shows the way back while a run is at work, and what it left once its process is gone', () => {
  const w: Message = { kind: 'action', action: 'ways', key: keyNamed('w') };
  const page = running(deployBegun);
  expect(page.send(w)).toEqual([{ kind: 'open', request: { screen: 'backups', environment: 'production' } }]);
  page.send({ kind: 'ended', id: 'run', exitCode: undefined, error: undefined });
  expect(page.send(w)).toEqual([
    { kind: 'open', request: { screen: 'recovery', environment: 'production' } },
  ]);
});

test('a hook that waited for the consent stands below it', () => {
  const hook = { step: 'hook', database: '' } as const;
  const events = deployBegun.flatMap((event): readonly RunEvent[] => {
    if (event.kind === 'started')
      return [{ ...event, steps: [{ ...hook, label: 'beforeApply: npm run pause' }, ...event.steps] }];
    if (event.kind !== 'confirmed') return [event];
    return [
      event,
      at(41, '14:02:41', { ...hook, kind: 'step-started', stopping: 'ctrl-c ends beforeApply' }),
    ];
  });
  const text = running(events).text();
  expect(text).toContain('hook');
  expect(text.indexOf('confirmed')).toBeLessThan(text.indexOf('hook'));
});

test('a check whose name is long is told to its end beside the times', () => {
  const { state } = finished.open(
    { screen: 'finished', environment: 'production', events: [...dryRun, ...deployDone] },
    context(120, 33),
  );
  const [check] = state.view.checks;
  if (!check) throw new Error('The recorded run has no checks');
  const says = '0014_orders_due_date_of_every_team.verify.sql holds';
  const view = { ...state.view, checks: [{ ...check, says }] };
  const text = finishedLines(signs, { ...state, view }, 120)
    .map(textOf)
    .join('\n');
  expect(text).toContain(' holds');
});

test('the failed page says the error of a statement once, under the statement where that is known', () => {
  const here = context(120, 33);
  const error = 'UNIQUE constraint failed: teams.slug. 2 rows of teams share slug.';
  const message = `staging stopped at 0018_slug_unique, statement 3 of 5 (drizzle/0018.sql:3): ${error} 0018_slug_unique was undone in full.`;
  const events = deployFailed.map((event) =>
    event.kind === 'failed' || event.kind === 'step-failed' ? { ...event, message } : event,
  );
  let { state } = failed.open({ screen: 'failed', environment: 'staging', events }, here);
  const text = () =>
    failedLines(signs, state, { width: 120, now: here.now, place: '' })
      .map(textOf)
      .join('\n')
      .replaceAll(/\s+/g, ' ');
  expect(text().match(/2 rows of teams share slug/g)).toHaveLength(1);
  const statements = [{ number: 3, line: 3, sql: 'CREATE UNIQUE INDEX teams_slug_idx ON teams (slug)' }];
  const report = { ...migration, tag: '0018_slug_unique', statements };
  state = failed.reduce(state, { kind: 'answer', id: 'sql', report }, here).state;
  expect(text()).toContain('statement 3 of 5 (drizzle/0018.sql:3). 0018_slug_unique was undone in full.');
  expect(text()).toContain(`ON teams (slug) ━━ ${error}`);
  expect(text().match(/2 rows of teams share slug/g)).toHaveLength(1);
});

test('what was read of the statements while a run was at work stands on the page of its end at once', () => {
  const page = running(deployBegun);
  const ends = deployDone
    .slice(deployBegun.length)
    .flatMap((event) => page.send({ kind: 'event', id: 'run', event }));
  const [end] = ends.filter((effect) => effect.kind === 'replace');
  if (end?.kind !== 'replace' || end.request.screen !== 'finished') throw new Error('It does not end.');
  const here = context(120, 40);
  const { state } = finished.open(end.request, here);
  expect(finishedLines(signs, state, 120).map(textOf).join('\n')).toMatch(/ 7 {2}UPDATE orders/);
});

test('where it is narrow the failed page says in few words what became of each migration', () => {
  const here = context(60, 20);
  let { state } = failed.open({ screen: 'failed', environment: 'staging', events: deployFailed }, here);
  const tags = ['0017_team_slugs', '0018_slug_unique'];
  const report = statusOf(tags, 'staging', { '0018_slug_unique': 'pending' });
  state = failed.reduce(state, { kind: 'answer', id: 'status', report }, here).state;
  const text = failedLines(signs, state, { width: 60, now: here.now, place: '' }).map((line) =>
    textOf(line).trimEnd(),
  );
  expect(text).toContainEqual(expect.stringMatching(/✗ 0018_slug_unique +undone +none of it stayed$/));
});

test('a rollback that stopped part-way says what was taken back, and leads on back, not forth', () => {
  const known = knowing(
    { '0001_a': 'applied', '0002_b': 'applied', '0003_c': 'pending' },
    { name: 'staging' },
  );
  const here = { ...known, columns: 80, rows: 21 };
  const of = (tag: string) => ({ database: 'app', tag });
  const stoppedBack: readonly RunEvent[] = [
    at(41, '14:02:11', {
      kind: 'started',
      operation: 'rollback',
      environment: 'staging',
      databases: ['app'],
      protected: false,
      steps: [],
      by: 'mira',
      host: 'kestrel',
      version: '0.1.0',
      git: undefined,
    }),
    at(41, '14:02:12', {
      kind: 'failed',
      exitCode: 5,
      code: 'stopped-part-way',
      message: 'The run was asked to stop and ended inside 0002_b, which was undone in full.',
      next: runAgain,
      applied: [],
      undone: [of('0003_c')],
      failed: of('0002_b'),
      notBegun: [],
    }),
  ];
  let { state } = failed.open({ screen: 'failed', environment: 'staging', events: stoppedBack }, here);
  const status = statusOf(['0001_a', '0002_b', '0003_c'], 'staging', { '0003_c': 'pending' });
  state = failed.reduce(state, { kind: 'answer', id: 'status', report: status }, here).state;
  const text = failedLines(signs, state, { width: 80, now: here.now, place: '' })
    .map((line) => textOf(line).trimEnd())
    .join('\n');
  expect(text).toMatch(/✓ 0003_c +taken back +its record is gone$/m);
  expect(text).toMatch(/✗ 0002_b +applied +as before, with its record$/m);
  expect(text).toContain('u opens the review of what is left to take back.');
  expect(text).not.toMatch(/\bd opens|\bd deploys/);
  const pressed = failed.reduce(state, { kind: 'action', action: 'rollback', key: keyNamed('u') }, here);
  expect(pressed.effects?.[0]).toMatchObject({
    kind: 'replace',
    request: { screen: 'review', way: { back: { to: '0001_a', tags: ['0002_b'] } } },
  });
});
