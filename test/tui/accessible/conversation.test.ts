import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/operations/events.ts';
import type { PlanReport, Report, StatusOpening, StatusReport } from '../../../src/operations/reports.ts';
import { converse, type Commands } from '../../../src/tui/accessible/conversation.ts';
import { lineVoice } from '../../../src/tui/accessible/voice.ts';
import { deployDone, dryRun, plan, rehearsedPlan } from '../recorded/deploy.ts';
import { halfRebuild, rehearsalOfWay, reportOf } from '../recorded/recovery.ts';

const opening: StatusOpening = {
  schemaVersion: 1,
  kind: 'status-opening',
  project: 'ledgerly',
  root: '/home/mira/ledgerly',
  branch: 'main',
  configFile: undefined,
  sources: [],
  notes: [],
  databases: [],
  environments: [{ name: 'production', protected: true, readOnly: false, targets: [] }],
  unfinished: [],
};

const status: StatusReport = {
  schemaVersion: 1,
  kind: 'status',
  databases: [],
  environments: [
    {
      name: 'production',
      protected: true,
      readOnly: false,
      targets: [
        {
          database: 'app',
          engine: 'libsql',
          location: '',
          state: ['behind'],
          applied: 14,
          pending: 3,
          items: [],
          says: [],
        },
      ],
    },
  ],
};

/** The command line's answers, recorded; what was started is kept. */
function recorded({
  evidence = rehearsedPlan,
  deploy = deployDone,
}: { evidence?: PlanReport; deploy?: readonly RunEvent[] } = {}) {
  const started: (readonly string[])[] = [];
  let tick = (): void => {};
  const commands: Commands = {
    now: () => Date.parse('2026-11-20T14:02:45Z'),
    place: '',
    every5s: (call) => {
      tick = call;
      return { [Symbol.dispose]: () => {} };
    },
    ask: (args): Promise<Report> => Promise.resolve(args.includes('--plan') ? evidence : plan),
    statuses: (onLine) => {
      onLine(opening);
      onLine(status);
      return Promise.resolve(undefined);
    },
    run: (args, onEvent) => {
      started.push(args);
      for (const event of args[0] === 'dry-run' ? dryRun : deploy) {
        onEvent(event);
        if (event.kind === 'statement' && event.number === 7) {
          tick();
          tick();
        }
      }
      return Promise.resolve(undefined);
    },
  };
  return { commands, started };
}

/** Speaks through real streams: the answers are lines that stand in the input. */
async function conversation(answers: readonly string[], how: Parameters<typeof recorded>[0] = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  const { commands, started } = recorded(how);
  using voice = lineVoice(input, output, { marksPastes: 'not-asked' });
  input.end(answers.map((answer) => `${answer}\n`).join(''));
  const exitCode = await converse(voice, commands);
  return { text: String(output.read()), started, exitCode };
}

test('a deploy is a conversation in whole sentences', async () => {
  const { text, exitCode, started } = await conversation(['1', '1', 'production', '']);
  const lines = text.split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'Project ledgerly, branch main. 1 environment: production.',
    'Environment 1, production, protected, database app: behind. 14 applied, 3 pending.',
  ]);
  for (const sentence of [
    'Deploy to production, database app. 1 of 3 pending migrations, 12 statements.',
    '14:02:13 UTC. Step 1 of 4, backup: done in 1.9 s, b41, 412 MiB, 13 tables, 1,204,118 rows, checksum read back.',
    '14:02:19 UTC. Step 2 of 4, dry-run: done in 6.2 s, b41 restored, 1 migration in 6.4 s, order_drafts -312 rows, asked for, 0 new violations.',
    'Evidence: order_drafts goes from 1,040 to 728 rows; statement 9 of 0014_orders_due_date asks for that.',
    'Finding 1 of 2, warning, 0014_orders_due_date statement 9: destroys rows. Safe way: Keep them in order_drafts_old for one release, then delete.',
    'Type production to apply, or press enter to leave: ',
    'If you stop now: ctrl-c undoes 0014 in full: it is one transaction, and none of it stays.',
    '14:02:47 UTC. Step 3 of 4, apply: done in 6.9 s, 12 of 12 statements, recorded.',
    '14:02:48 UTC. Step 4 of 4, verify: done in 1.1 s, 4 of 4 proven.',
    '14:02:48 UTC. production is at 0014. Exit code 0.',
  ]) {
    expect(text).toContain(sentence);
  }
  expect(exitCode).toBe(0);
  expect(started.map(([command]) => command)).toEqual(['dry-run', 'deploy']);
  expect(started[1]).toContain('production@9ad0c4e117aa0017');
});

test('during a long step there is one sentence every five seconds, and it is never drawn over', async () => {
  const { text } = await conversation(['1', '1', 'production', '']);
  const said = text.split('\n').filter((line) => line.includes('so far'));
  expect(said.length).toBeGreaterThan(0);
  expect(said[0]).toContain('Step 3 of 4, apply: 4.8 s so far, statement 7 of 12');
  for (const control of ['\r', '\x1b']) expect(text).not.toContain(control);
});

test('no sign, border, bar or column is said', async () => {
  const { text } = await conversation(['1', '1', 'production', '']);
  expect(text).not.toMatch(/[✓○●◐✗▲▸─━┏┃│·]/);
  expect(text).not.toMatch(/ {3}/);
});

test('an empty answer leaves at every question, and nothing is written', async () => {
  for (const answers of [[''], ['1', '', ''], ['1', '1', '', '']]) {
    const { started, exitCode } = await conversation(answers);
    expect(started.filter(([command]) => command === 'deploy')).toEqual([]);
    expect(exitCode).toBe(0);
  }
});

test('the end of the input leaves too', async () => {
  const { started, exitCode } = await conversation(['1', '1']);
  expect(started.map(([command]) => command)).toEqual(['dry-run']);
  expect(exitCode).toBe(0);
});

test('another word than the name does not confirm, nor does a name that was pasted', async () => {
  const { text, started } = await conversation(['1', '1', 'prod', '\x1b[200~production\x1b[201~', '', '']);
  expect(text).toContain('That is not production. Nothing was changed.');
  expect(text).toContain('Pasted text does not confirm.');
  expect(started.map(([command]) => command)).toEqual(['dry-run']);
});

test('a loss that no statement asks for is typed with its number before the name', async () => {
  const evidence: PlanReport = {
    ...rehearsedPlan,
    evidence: (rehearsedPlan.evidence ?? []).map((one) => ({
      ...one,
      losses: [{ kind: 'rows', table: 'order_items', rows: 1204, likely: 'a cascade' }],
    })),
  };
  const { text, started } = await conversation(['1', '1', 'order_items=1204', 'production', ''], {
    evidence,
  });
  expect(text).toContain('Loss: order_items loses 1,204 rows and no statement says so. Nothing was changed.');
  expect(started[1]).toEqual(expect.arrayContaining(['--accept-loss', 'order_items=1204']));
});

test('an environment that nobody knows is asked for again', async () => {
  const { text } = await conversation(['prodution', '']);
  expect(text).toContain('No environment is called prodution.');
});

describe('what is half-finished', () => {
  const [target] = status.environments[0]?.targets ?? [];
  if (!target) throw new Error('The recorded status has no target.');
  const half: StatusReport = {
    ...status,
    environments: [
      { name: 'dev', protected: false, readOnly: false, targets: [{ ...target, state: ['half-finished'] }] },
    ],
  };

  async function leadOut(answers: readonly string[]) {
    const input = new PassThrough();
    const output = new PassThrough();
    const { commands } = recorded();
    const started: (readonly string[])[] = [];
    using voice = lineVoice(input, output, { marksPastes: 'not-asked' });
    input.end(answers.map((answer) => `${answer}\n`).join(''));
    const exitCode = await converse(voice, {
      ...commands,
      ask: (args) =>
        Promise.resolve<Report>(
          args[0] === 'recover' ? reportOf(halfRebuild) : { ...plan, protected: false },
        ),
      statuses: (onLine) => {
        onLine({
          ...opening,
          environments: [{ name: 'dev', protected: false, readOnly: false, targets: [] }],
        });
        onLine(half);
        return Promise.resolve(undefined);
      },
      run: (args, onEvent) => {
        started.push(args);
        for (const event of args.includes('--yes') ? deployDone : rehearsalOfWay()) onEvent(event);
        return Promise.resolve(undefined);
      },
    });
    return { text: String(output.read()), started, exitCode };
  }

  test('is said in sentences with every way by its number, and an empty answer leaves it as it is', async () => {
    const { text, started } = await leadOut(['dev', '', '']);
    expect(text).toContain('dev is half-finished: 0014_orders_due_date stopped after statement 4 of 12.');
    expect(text).toContain('Way 1, recommended: go on from statement 5.');
    expect(text).toContain('Way 2, possible: restore the newest backup.');
    expect(text).toContain('Not open: start over from a clean point.');
    expect(text).toContain('dev is left as it is.');
    expect(started).toEqual([]);
  });

  test('is led out of by a way that is rehearsed first, then agreed to', async () => {
    const { text, started, exitCode } = await leadOut(['dev', '1', '1', 'apply', '']);
    expect(text).toContain('Statement 1: ALTER TABLE __new_orders RENAME TO orders.');
    // The rehearsal ends because nobody agreed yet: the question follows at once.
    expect(text).not.toContain('nobody agreed');
    const choose = ['recover', 'dev', '--choose', 'resume', '--database', 'app'];
    expect(started).toEqual([
      choose,
      [...choose, '--plan', '/plans/50-dev.json', '--yes', '--confirm', 'dev@c0ffee0012345678'],
    ]);
    expect(exitCode).toBe(0);
  });

  test('a way that is not open has no number', async () => {
    const { text, started } = await leadOut(['dev', '3', '']);
    expect(text).toContain('dev is left as it is.');
    expect(started).toEqual([]);
  });
});
