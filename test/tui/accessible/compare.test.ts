import { expect, test } from 'vitest';
import type { Report } from '../../../src/operations/reports.ts';
import { converse, type Commands } from '../../../src/tui/accessible/conversation.ts';
import { openingOf, statusOf } from '../../support/status.ts';
import { added, driftReport } from '../recorded/drift.ts';

/** What is said to these answers, and which questions were asked of the command line. */
async function conversation(answers: readonly string[], report: Report = driftReport(), place = '') {
  const said: string[] = [];
  const asked: string[] = [];
  const left = [...answers];
  const commands: Commands = {
    now: () => 0,
    place,
    every5s: () => ({ [Symbol.dispose]: () => {} }),
    ask: (args) => {
      asked.push(args.join(' '));
      return Promise.resolve(report);
    },
    statuses: (onLine) => {
      onLine(openingOf([], ['local', 'staging']));
      for (const name of ['local', 'staging']) onLine(statusOf([], name));
      return Promise.resolve(undefined);
    },
    run: () => Promise.resolve(undefined),
  };
  const voice = {
    say: (sentence: string) => void said.push(sentence),
    answer: () => {
      const text = left.shift();
      return Promise.resolve(text === undefined ? undefined : ({ text, how: 'typed' } as const));
    },
  };
  await converse(voice, commands);
  return { text: said.join('\n'), asked };
}

test('c and an environment says what differs from its migrations, each object as both sides have it', async () => {
  const { text, asked } = await conversation(['c 1', '']);
  expect(asked).toEqual(['drift local']);
  for (const sentence of [
    'local compared with its migrations: 3 objects differ, 42 are equal. Nothing was changed.',
    'Difference 1 of 3, database app, table users: it differs. Likely cause: in no migration: set by hand, by the application, or by drizzle-kit push.',
    "In its migrations: plan TEXT DEFAULT 'free'",
    "In local: plan TEXT DEFAULT 'trial'",
    'Difference 2 of 3, database app, table user_api_keys: only local has it. Likely cause: 0013_user_api_keys is in local without a record.',
    'In local: CREATE TABLE user_api_keys ( id INTEGER )',
    'Difference 3 of 3, database app, index users_mail_idx: only its migrations have it.',
  ])
    expect(text.split('\n')).toContain(sentence);
});

test('c and two environments compares those', async () => {
  const { text, asked } = await conversation(['c local 2', '']);
  expect(asked).toEqual(['drift local staging']);
  expect(text).toContain('index users_mail_idx: only staging has it.');
});

test('no drift is one sentence, and the first twenty of many are said', async () => {
  const equal = await conversation(['c 1', ''], driftReport([]));
  expect(equal.text).toContain('No drift: local is what its migrations say (42 objects).');
  const many = Array.from({ length: 30 }, (_, at) => added('table', `table_${at}`));
  const { text } = await conversation(['c 1', ''], driftReport(many), ' --project apps/worker');
  expect(text.match(/^Difference \d+ of 30/gm)).toHaveLength(20);
  expect(text).toContain('10 more objects; all of them with migrate-tui drift --project apps/worker local');
});

test('what is no environment is said, and nothing is asked', async () => {
  const { text, asked } = await conversation(['c', 'c 1 prod', '']);
  expect(text).toContain('c needs one environment behind it');
  expect(text).toContain('No environment is called prod.');
  expect(asked).toEqual([]);
});
