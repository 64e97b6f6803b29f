import { expect, test } from 'vitest';
import type { SquashReport } from '../../../src/operations/squash/report.ts';
import { converse, type Commands } from '../../../src/tui/accessible/conversation.ts';
import { openingOf, statusOf } from '../../support/status.ts';
import { behind, heldBy, possible } from '../recorded/squash.ts';

/** What is said to these answers, and what the command line was asked. */
async function conversation(
  answers: readonly (string | { readonly pasted: string })[],
  reports: readonly SquashReport[],
) {
  const said: string[] = [];
  const asked: string[] = [];
  const [left, open] = [[...answers], [...reports]];
  const commands: Commands = {
    now: () => 0,
    place: '',
    every5s: () => ({ [Symbol.dispose]: () => {} }),
    ask: (args) => {
      asked.push(args.join(' '));
      return Promise.resolve(open.shift() ?? possible);
    },
    statuses: (onLine) => {
      onLine(openingOf([], ['local']));
      onLine(
        statusOf(['0000_a', '0001_b', '0002_c'], 'local', { '0000_a': 'squashed', '0001_b': 'squashed' }),
      );
      return Promise.resolve(undefined);
    },
    run: (args) => {
      asked.push(args.join(' '));
      return Promise.resolve(undefined);
    },
  };
  const voice = {
    say: (sentence: string) => void said.push(sentence),
    answer: () => {
      const next = left.shift();
      if (next === undefined) return Promise.resolve(undefined);
      return Promise.resolve(
        typeof next === 'string'
          ? ({ text: next, how: 'typed' } as const)
          : ({ text: next.pasted, how: 'pasted' } as const),
      );
    },
  };
  await converse(voice, commands);
  return { text: said.join('\n'), asked };
}

test('squash says what proves it and what each environment needs, and writes once that is agreed to', async () => {
  const { text, asked } = await conversation(
    ['squash --to 0010', 'write', ''],
    [possible, { ...possible, state: 'written' }],
  );
  expect(asked).toEqual(['squash --to 0010', 'squash --to 0010 --yes']);
  for (const sentence of [
    'Squash 0000_step to 0010_step into one file: 11 files become 1. Nothing is written yet.',
    'Proof 3 of 5, same schema: proven. Both built apart: 46 objects, fingerprint 4be1a0c2.',
    'Proof 5 of 5, nothing to generate: not possible. Drizzle-kit is not installed in /project or above it.',
    'Environment production, at 0016_drop_legacy_notes: nothing to write; tidying 11 records into 1 has its own review.',
  ])
    expect(text.split('\n')).toContain(sentence);
  expect(text).toContain('drizzle/0010_step.sql stands for 11 files');
});

test('nothing is written by another word, by a paste, or where an environment holds it up', async () => {
  const left = await conversation(['squash', 'yes', ''], [possible]);
  expect(left.asked).toEqual(['squash']);
  expect(left.text).toContain('Left as it is: nothing was written.');
  const pasted = await conversation(['squash', { pasted: 'write' }, ''], [possible]);
  expect(pasted.asked).toEqual(['squash']);
  const held = await conversation(['squash', ''], [heldBy(behind)]);
  expect(held.text).toContain('Refused, and nothing was written.');
  expect(held.text.match(/0008_step and 2 more of these did not run there/g)).toHaveLength(1);
  expect((await conversation(['squash --yes', ''], [])).asked).toEqual([]);
});

test('tidying is reviewed as any change is, and records of squashed files are one sentence', async () => {
  const { text, asked } = await conversation(['squash --tidy local', ''], []);
  expect(asked).toEqual(['squash --tidy local']);
  expect(text).toMatch(/local, database app: \S+\. .*2 records of squashed files\.$/m);
});
