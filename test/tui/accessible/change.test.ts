import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { BoundAccount } from '../../../src/operations/consent/account.ts';
import type { RunEventBody } from '../../../src/operations/events.ts';
import { change } from '../../../src/tui/accessible/change.ts';
import type { Commands } from '../../../src/tui/accessible/conversation.ts';
import { lineVoice } from '../../../src/tui/accessible/voice.ts';

const reset: BoundAccount = {
  operation: 'reset',
  environment: 'local',
  protected: false,
  says: ['local would be emptied: app has 2 tables with 4 rows.'],
  words: ['reset', 'local'],
  databases: [{ database: 'app', loses: '2 tables with 4 rows', writes: '2 migrations' }],
  steps: [{ step: 'backup', database: 'app', label: 'take the backup' }],
  destroys: true,
  consent: { confirm: 'not-needed', accept: [] },
  hash: 'a1b2',
};

const copied: BoundAccount = {
  ...reset,
  operation: 'resync',
  words: ['resync', 'local', '--from', 'production'],
  tables: [
    {
      database: 'app',
      table: 'users',
      rows: 2,
      how: 'as-is',
      columns: [{ column: 'email', rule: 'none', looksLike: 'an e-mail address' }],
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

const refused: RunEventBody = {
  kind: 'failed',
  exitCode: 4,
  code: 'not-confirmed',
  message: 'Nobody agreed to that yet.',
  next: undefined,
  applied: [],
  failed: undefined,
  notBegun: [],
};

const done: RunEventBody = {
  kind: 'done',
  exitCode: 0,
  message: 'local is built anew.',
  applied: [],
  took: 5,
};

/** Speaks through real streams with a command line that tells this account until `--yes` is given. */
async function spoken(account: BoundAccount, answers: readonly string[], words = account.words) {
  const input = new PassThrough();
  const output = new PassThrough();
  const asked: (readonly string[])[] = [];
  const commands: Commands = {
    now: () => 0,
    place: '',
    every5s: () => ({ [Symbol.dispose]: () => {} }),
    ask: () => Promise.resolve({ code: 'usage', message: 'not asked', next: undefined }),
    statuses: () => Promise.resolve(undefined),
    run: (args, onEvent) => {
      asked.push(args);
      const masked = args.includes('--mask') ? { ...account, words: args, consent: reset.consent } : account;
      const bodies = args.includes('--yes') ? [done] : [{ kind: 'review' as const, ...masked }, refused];
      for (const body of bodies) onEvent({ schemaVersion: 1, run: 7, at: '2026-11-20T14:02:45Z', ...body });
      return Promise.resolve(undefined);
    },
  };
  using voice = lineVoice(input, output, { marksPastes: 'not-asked' });
  input.end(answers.map((answer) => `${answer}\n`).join(''));
  const exitCode = await change(voice, commands, words);
  return { text: String(output.read()), asked, exitCode };
}

test('what a change would do is said in whole sentences, and its name is typed', async () => {
  const { text, asked, exitCode } = await spoken(reset, ['yes', 'local']);
  for (const sentence of [
    'local would be emptied: app has 2 tables with 4 rows.',
    'What goes of app: 2 tables with 4 rows.',
    'What comes to app: 2 migrations.',
    'A backup of the present state is taken first: it is the way back.',
    'That is not local. Nothing was changed.',
    'local is built anew.',
  ])
    expect(text).toContain(sentence);
  expect(text).not.toMatch(/[✓○●▲▸━─┃]/);
  expect(asked).toEqual([
    ['reset', 'local'],
    ['reset', 'local', '--yes', '--confirm', 'local@a1b2', '--agreed', 'typed'],
  ]);
  expect(exitCode).toBe(0);
});

test('an empty answer leaves everything as it is', async () => {
  const { text, asked, exitCode } = await spoken(reset, ['']);
  expect(text).toContain('Left as it is: nothing was written to local.');
  expect(asked).toHaveLength(1);
  expect(exitCode).toBeUndefined();
});

test('flags of consent are not taken: nothing is begun by them', async () => {
  const { text, asked } = await spoken(reset, ['local'], ['reset', 'local', '--yes']);
  expect(text).toContain('--yes is not taken here');
  expect(asked).toEqual([]);
});

test('a column without a rule gets one, or is answered for', async () => {
  const masked = await spoken(copied, ['what', 'hash', 'local']);
  expect(masked.text).toContain('It is hash, null, or as it is.');
  expect(masked.text).toContain('Table users of app, 2 rows, as it is: email no rule.');
  expect(masked.asked[1]).toEqual([...copied.words, '--mask', 'users.email=hash']);
  const open = await spoken(copied, ['as it is', 'local']);
  expect(open.asked[1]).toEqual([
    ...copied.words,
    '--yes',
    '--confirm',
    'local@a1b2',
    '--accept-unmasked',
    'users.email',
    '--agreed',
    'typed',
  ]);
});

test('a place is chosen by its number, and has an account of its own', async () => {
  const choices = [
    { name: '0001_members', words: ['baseline', 'local', '--at', '0001'], fits: 'no', says: ['one'] },
  ] as const;
  const { text, asked } = await spoken({ ...reset, choices }, ['1', '']);
  expect(text).toContain('Place 1, 0001_members: it differs: one.');
  expect(asked[1]).toEqual(['baseline', 'local', '--at', '0001']);
});
