import { quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import type { ExitCode } from '../../lib/errors.ts';
import type { Account, BoundAccount, AccountOfTable, Choice } from '../../operations/consent/account.ts';
import type { MigrateErrorView } from '../client/error.ts';
import { confirmedArguments } from '../screens/change/arguments.ts';
import { undecided } from '../screens/change/copying.ts';
import { demandOf } from '../screens/change/demands.ts';
import { firstState, takesBackup, toAnswerFor, type ChangeState } from '../screens/change/state.ts';
import type { Commands, Voice } from './conversation.ts';
import { exitCodeOf, sayError, watch } from './watch.ts';

/** Changes without a rehearsal, which are asked for in the words of the command line: `reset local`. */
export const plainChanges: readonly string[] = ['reset', 'baseline', 'mark', 'resync', 'restore', 'squash'];

/**
 * Says what a change would do, asks for what it needs, and follows it: the page of a change, one sentence after the other.
 *
 * @returns the exit code of what was started, undefined when nothing was
 */
export async function change(
  voice: Voice,
  commands: Commands,
  words: readonly string[],
): Promise<ExitCode | undefined> {
  const given = words.find((word) => consentFlag.test(word));
  if (given !== undefined) {
    voice.say(`${given} is not taken here: what is agreed to is asked for.`);
    return undefined;
  }
  const account = await told(voice, commands, words);
  if (!account) return undefined;
  for (const sentence of account.says) voice.say(sentence);
  if (account.choices) return chosen(voice, commands, account.choices);
  for (const sentence of sentencesOf(account)) voice.say(sentence);
  return agreedTo(voice, commands, account);
}

/** A flag would agree before anything was said. */
const consentFlag = /^--(?:yes|confirm|accept|reason|agreed)/;

/** What it would do; undefined where it cannot be done, or has nothing to do, which was said. */
async function told(
  voice: Voice,
  commands: Commands,
  words: readonly string[],
): Promise<BoundAccount | undefined> {
  let account: BoundAccount | undefined;
  let end: MigrateErrorView | undefined;
  const error = await commands.run(words, (event) => {
    if (event.kind === 'review') account = event;
    if (event.kind === 'done') voice.say(stopped(event.message));
    if (event.kind === 'failed') end = event;
  });
  if (account) return account;
  const refused = end ?? error;
  if (refused) sayError(voice, refused);
  return undefined;
}

async function chosen(
  voice: Voice,
  commands: Commands,
  choices: readonly Choice[],
): Promise<ExitCode | undefined> {
  for (const [index, { name, fits, says }] of choices.entries())
    voice.say(
      `Place ${index + 1}, ${name}: ${fits === 'yes' ? 'it fits.' : `it differs: ${stopped(says.join('; '))}`}`,
    );
  const answer = await voice.answer('Which place? Type its number, or press enter to leave: ');
  const choice = choices[Number(answer?.text) - 1];
  return choice && change(voice, commands, choice.words);
}

function sentencesOf(account: Account): readonly string[] {
  const { databases, tables = [] } = account;
  const plain = tables.filter(({ how }) => how === 'kept').length;
  return [
    ...databases.flatMap(({ database, loses, writes }) => [
      ...(loses === undefined ? [] : [`What goes of ${database}: ${loses}.`]),
      ...(writes === undefined ? [] : [`What comes to ${database}: ${writes}.`]),
    ]),
    ...tables.filter(({ how }) => how !== 'kept').map(tableSentence),
    ...(plain === 0 ? [] : [`${quantity(plain, 'table')} come over as they are, without a rule.`]),
    takesBackup(account)
      ? 'A backup of the present state is taken first: it is the way back.'
      : 'There is nothing to back up.',
  ];
}

function tableSentence({ database, table, rows = 0, how, columns }: AccountOfTable): string {
  const ruled = columns.map(({ column, rule }) => `${column} ${rule === 'none' ? 'no rule' : rule}`);
  const rules = ruled.length === 0 ? '' : `: ${ruled.join(', ')}`;
  return `Table ${table} of ${database}, ${quantity(rows, 'row')}, ${how === 'as-is' ? 'as it is' : how}${rules}.`;
}

async function agreedTo(
  voice: Voice,
  commands: Commands,
  account: BoundAccount,
): Promise<ExitCode | undefined> {
  const { environment } = account;
  let state = pageOf(account);
  for (;;) {
    const answer = await voice.answer(questionOf(state, account));
    const text = answer?.text.trim() ?? '';
    if (!answer || text === '') {
      voice.say(`Left as it is: nothing was written to ${environment}.`);
      return undefined;
    }
    const [open] = undecided(account, state.copying);
    if (open !== undefined) {
      if (text === 'hash' || text === 'null')
        return change(voice, commands, [...account.words, '--mask', `${open}=${text}`]);
      if (text === 'as it is')
        state = { ...state, copying: { ...state.copying, asIs: [...state.copying.asIs, open] } };
      else voice.say('It is hash, null, or as it is.');
      continue;
    }
    const demand = demandOf(state);
    const expected = demand?.kind === 'name' ? demand.expected : 'apply';
    if (demand?.kind === 'reason') state = { ...state, reason: text };
    else if (answer.how === 'pasted') voice.say('Pasted text does not confirm.');
    else if (text !== expected) voice.say(`That is not ${expected}. Nothing was changed.`);
    else return followed(voice, commands, confirmedArguments(account, state));
  }
}

/** The page as it would stand on the screen. */
function pageOf(account: BoundAccount): ChangeState {
  const { environment, words } = account;
  return { ...firstState({ environment, words }, 0), told: { kind: 'account', account, asking: false } };
}

function questionOf(state: ChangeState, account: Account): string {
  const { environment, consent } = account;
  const [open] = undecided(account, state.copying);
  if (open !== undefined) {
    const says = consent.accept.find(({ value }) => value === open)?.says ?? `${open} has no rule.`;
    return `${says} Type hash, null, or as it is; or press enter to leave: `;
  }
  const demand = demandOf(state);
  if (demand?.kind === 'reason')
    return `${toAnswerFor(account)
      .map(({ says }) => says)
      .join(' ')} Why is it right all the same? Press enter to leave: `;
  const typed = demand?.kind === 'name' ? demand.expected : 'apply';
  return `Type ${typed} to write to ${environment}, or press enter to leave: `;
}

async function followed(voice: Voice, commands: Commands, args: readonly string[]): Promise<ExitCode> {
  const { view } = await watch(voice, commands, args, { before: [], toCome: 0, as: 'change' });
  return exitCodeOf(view);
}
