import { quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import type { SquashReport } from '../../operations/squash/report.ts';
import { sentenceOf } from '../screens/squash/sentence.ts';
import { proofName } from '../screens/squash/words.ts';
import type { Commands, Voice } from './conversation.ts';
import { sayError } from './watch.ts';

/**
 * What becomes one file, what proves it and what each environment needs, in sentences; written once that is agreed to.
 *
 * @param words as on the command line: `squash`, `squash --to TAG`, `squash --undo`
 */
export async function squash(voice: Voice, commands: Commands, words: readonly string[]): Promise<void> {
  if (words.includes('--yes')) return voice.say('--yes is not taken here: what is agreed to is asked for.');
  const report = await asked(voice, commands, words);
  if (report?.state !== 'possible') return;
  const answer = await voice.answer('Type write to write the files, or press enter to leave: ');
  if (answer?.how === 'pasted') return voice.say('Pasted text does not confirm. Nothing was written.');
  if (answer?.text !== 'write') return voice.say('Left as it is: nothing was written.');
  await asked(voice, commands, [...words, '--yes']);
}

async function asked(
  voice: Voice,
  commands: Commands,
  words: readonly string[],
): Promise<SquashReport | undefined> {
  const report = await commands.ask(words);
  if ('code' in report) {
    sayError(voice, report);
    return undefined;
  }
  if (report.kind !== 'squash') return undefined;
  for (const sentence of squashSentences(report)) voice.say(sentence);
  return report;
}

function squashSentences(report: SquashReport): readonly string[] {
  const { proof, environments, changing, otherRefusals, state, next } = report;
  return [
    state === 'nothing' ? nothingSentence(report) : sentenceOf(report).text,
    ...proof.map(
      ({ check, state: found, says }, index) =>
        `Proof ${index + 1} of ${proof.length}, ${proofName[check]}: ${found.replaceAll('-', ' ')}. ${stopped(upper(says))}`,
    ),
    ...environments.map(
      ({ environment, at, says, refusal }) =>
        `Environment ${environment}${at === undefined ? '' : `, at ${at}`}: ${stopped(refusal ?? says)}`,
    ),
    ...changing.map(
      (table) =>
        `Rows of ${table} differ each time the history runs: --accept replay-differs:${table} --reason accepts that.`,
    ),
    ...otherRefusals,
    ...(state === 'possible' ? [] : [stopped(next)]),
  ];
}

function nothingSentence({ folder, undo }: SquashReport): string {
  return undo
    ? `Nothing to squash in ${folder}: its one file stands for ${quantity(undo.migrations, 'file')}, which squash --undo puts back.`
    : `Nothing to do in ${folder}.`;
}

const upper = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
