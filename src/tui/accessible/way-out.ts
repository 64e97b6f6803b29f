import type { ExitCode } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import type { RunEvent } from '../../operations/events.ts';
import type {
  PlanReport,
  RecoveryCase,
  RecoveryReport,
  RecoveryTarget,
  StatusEnvironment,
} from '../../operations/reports.ts';
import { chosenWay, wayArguments, wayTitle } from '../present/way-out.ts';
import type { ChosenWay } from '../screen.ts';
import { verdictSentence, whoSentences } from '../screens/recovery/verdict.ts';
import { planOfWay, rehearses, withRehearsal } from '../screens/review/way.ts';
import { waySentence } from '../screens/review/way-lines.ts';
import { agreement } from './agreement.ts';
import type { Commands, Voice } from './conversation.ts';
import { evidenceSentences, findingSentences } from './report-sentences.ts';
import { asExitCode, exitCodeOf, sayError, watch } from './watch.ts';

/**
 * What is unfinished in an environment, in sentences, and every way out of it by a number.
 *
 * @returns the exit code of what was started, `to-deploy` where that was asked for, undefined when the person left
 */
export async function wayOut(
  voice: Voice,
  commands: Commands,
  environment: StatusEnvironment,
): Promise<ExitCode | 'to-deploy' | undefined> {
  const { name } = environment;
  const report = await commands.ask(['recover', name]);
  if ('code' in report) {
    sayError(voice, report);
    return undefined;
  }
  if (report.kind !== 'recovery' || report.cases.length === 0) return 'to-deploy';
  const ways = sayCases(voice, commands, report);
  const choice = ways.length === 0 ? '' : 'Type the number of a way to review it, ';
  const answer = await voice.answer(
    `${choice}${choice === '' ? 'Type' : 'type'} d for what is pending, or press enter to leave it as it is: `,
  );
  const text = answer?.text ?? '';
  if (text === 'd') return 'to-deploy';
  const way = ways[Number(text) - 1];
  if (way) return reviewed(voice, commands, { environment, way });
  voice.say(`${name} is left as it is.`);
  return undefined;
}

/** Says every case, and gives the ways that are open in the order of their numbers. */
function sayCases(
  voice: Voice,
  commands: Commands,
  { environment, targets, cases }: RecoveryReport,
): readonly ChosenWay[] {
  const ways: ChosenWay[] = [];
  voice.say(`${quantity(cases.length, 'case')} in ${environment}.`);
  for (const [index, found] of cases.entries()) {
    const place = cases.length > 1 ? `Case ${index + 1} of ${cases.length}. ` : '';
    voice.say(`${place}${verdictSentence(environment, found)}`);
    const target = targets.find(({ database }) => database === found.database);
    for (const sentence of caseSentences(found, target, commands.now())) voice.say(sentence);
    for (const option of found.options) {
      const way = chosenWay(found, option, cases);
      if (option.allowed) ways.push(way);
      voice.say(waySaid(way, ways.length));
    }
  }
  return ways;
}

function caseSentences(
  found: RecoveryCase,
  target: RecoveryTarget | undefined,
  now: number,
): readonly string[] {
  const { evidence, meaning = [], statements = [], attempt } = found;
  const failed = statements.find(({ number }) => number === attempt?.statement);
  return [
    ...whoSentences(found, target, now),
    ...(failed
      ? [`Statement ${failed.number}, line ${failed.line} of the file: ${oneLine(failed.sql)}`]
      : []),
    ...evidence.map((sentence) => `Evidence: ${stopped(sentence)}`),
    ...meaning.map(stopped),
  ];
}

function oneLine(sql: string): string {
  return stopped(sql.replaceAll(/\s+/g, ' '));
}

function waySaid(way: ChosenWay, number: number): string {
  const { allowed, recommended, why } = way.option;
  if (!allowed) return `Not open: ${wayTitle(way)}. ${stopped(why)}`;
  return `Way ${number}, ${recommended ? 'recommended' : 'possible'}: ${wayTitle(way)}. ${stopped(why)}`;
}

interface Chosen {
  readonly environment: StatusEnvironment;
  readonly way: ChosenWay;
}

/** Its review in sentences, its rehearsal, what it needs to be agreed to, and its run. */
export async function reviewed(
  voice: Voice,
  commands: Commands,
  chosen: Chosen,
): Promise<ExitCode | undefined> {
  const { environment, way } = chosen;
  const { name } = environment;
  const answer = await commands.ask(['plan', name, '--database', way.found.database]);
  const asked = 'kind' in answer && answer.kind === 'plan' ? answer : undefined;
  const plan = planOfWay({ environment: name, way, asked, status: environment });
  voice.say(waySentence(way, plan));
  for (const [index, sql] of (way.option.statements ?? []).entries())
    voice.say(`Statement ${index + 1}: ${oneLine(sql)}`);
  if (!rehearses(way)) return taken(voice, commands, { way, plan, file: undefined, before: [] });
  if (plan.copiesRows?.first) voice.say(stopped(plan.copiesRows.says));
  const yes = await voice.answer(
    `1 takes a backup and rehearses it on a copy; ${name} is only read. Type 1, or press enter to leave it as it is: `,
  );
  if (yes?.text !== '1') return undefined;
  return rehearsed(voice, commands, { way, plan });
}

interface Planned {
  readonly way: ChosenWay;
  readonly plan: PlanReport;
}

interface Rehearsed extends Planned {
  /** Undefined: it only puts records right, and is not rehearsed. */
  readonly file: string | undefined;
  readonly before: readonly RunEvent[];
}

async function rehearsed(
  voice: Voice,
  commands: Commands,
  { way, plan }: Planned,
): Promise<ExitCode | undefined> {
  const args = wayArguments(plan.environment, way);
  const { view, events } = await watch(voice, commands, args, { before: [], toCome: 0, as: 'rehearsal' });
  if (!view.rehearsed) return view.outcome.kind === 'failed' ? asExitCode(view.outcome.exitCode) : 1;
  const shown = withRehearsal(plan, view);
  for (const sentence of [...evidenceSentences(shown), ...findingSentences(shown)]) voice.say(sentence);
  // That nobody had agreed to it yet ended the rehearsal, and is over then.
  const before = events.filter(({ kind }) => kind !== 'failed');
  return taken(voice, commands, { way, plan: shown, file: view.rehearsed.plan, before });
}

async function taken(
  voice: Voice,
  commands: Commands,
  { way, plan, file, before }: Rehearsed,
): Promise<ExitCode | undefined> {
  const args = await agreement(voice, plan, { way, file });
  if (!args) {
    voice.say(`Left as it is: nothing was written to ${plan.environment}.`);
    return undefined;
  }
  const { view } = await watch(voice, commands, args, { before, toCome: 0, as: 'change' });
  return exitCodeOf(view);
}
