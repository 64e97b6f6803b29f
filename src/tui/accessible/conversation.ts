import type { ExitCode } from '../../lib/errors.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { PlanReport, Report, StatusOpening, StatusReport } from '../../operations/reports.ts';
import type { MigrateErrorView } from '../client/error.ts';
import {
  evidenceSentences,
  openingSentences,
  planSentences,
  refusalSentences,
  statusSentences,
} from './report-sentences.ts';
import { agreement } from './agreement.ts';
import { foldRun, unheard, withEvent, type RunView } from '../present/run.ts';
import { blockingRefusals } from '../screens/review/demands.ts';
import { plannedOf } from '../screens/review/state.ts';
import { stopped } from '../../lib/sentences.ts';
import { eventSentences, progressSentence } from './sentences.ts';

/** The person's side: sentences out, one answer in at a time. */
export interface Voice {
  say(sentence: string): void;
  /** The next line, without its end. Undefined: there will be none, which leaves. */
  answer(question: string): Promise<Answer | undefined>;
}

export interface Answer {
  readonly text: string;
  /** `pasted`: the terminal marked it so. */
  readonly how: 'typed' | 'pasted';
}

/** The command line's side. */
export interface Commands {
  ask(args: readonly string[]): Promise<Report | MigrateErrorView>;
  /** `status --stream`. */
  statuses(onLine: (line: StatusOpening | StatusReport) => void): Promise<MigrateErrorView | undefined>;
  /** A change; resolves when its process has ended. */
  run(args: readonly string[], onEvent: (event: RunEvent) => void): Promise<MigrateErrorView | undefined>;
  readonly now: () => number;
  /** Calls back every five seconds until disposed. */
  every5s(call: () => void): Disposable;
}

/** The linear form from its first sentence to its last: choose, rehearse, agree, watch. Returns the exit code. */
export async function converse(voice: Voice, commands: Commands): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  for (;;) {
    const names = await sayStatus(voice, commands);
    if (names === undefined) return 1;
    const answer = await voice.answer(
      'Which environment? Type its number or its name, r to read again, or press enter to leave: ',
    );
    if (answer === undefined || answer.text === '') break;
    if (answer.text === 'r') continue;
    const chosen = names[Number(answer.text) - 1] ?? names.find((name) => name === answer.text);
    if (chosen === undefined) voice.say(`No environment is called ${stopped(answer.text)}`);
    else exitCode = (await deployTo(voice, commands, chosen)) ?? exitCode;
  }
  voice.say(`Left. Exit code ${exitCode}.`);
  return exitCode;
}

async function sayStatus(voice: Voice, commands: Commands): Promise<readonly string[] | undefined> {
  let names: readonly string[] = [];
  const error = await commands.statuses((line) => {
    if (line.kind === 'status-opening') names = line.environments.map(({ name }) => name);
    const sentences =
      line.kind === 'status-opening'
        ? openingSentences(line)
        : statusSentences(line, names.indexOf(line.environments[0]?.name ?? '') + 1);
    for (const sentence of sentences) voice.say(sentence);
  });
  if (error) sayError(voice, error);
  return error ? undefined : names;
}

/** The exit code of what was started, undefined when nothing was. */
async function deployTo(
  voice: Voice,
  commands: Commands,
  environment: string,
): Promise<ExitCode | undefined> {
  const plan = await askPlan(voice, commands, ['plan', environment]);
  if (!plan) return undefined;
  if (plannedOf(plan).length === 0) {
    voice.say(`Nothing to deploy: ${environment} has no migration that may run now.`);
    for (const sentence of refusalSentences(plan)) voice.say(sentence);
    for (const { tag, why } of plan.databases.flatMap((one) => one.waiting))
      voice.say(`${tag} waits: ${stopped(why)}`);
    return undefined;
  }
  for (const sentence of planSentences(plan, commands.now())) voice.say(sentence);
  if (blockingRefusals(plan).length > 0) return undefined;
  if (plan.copiesRows?.first) voice.say(stopped(plan.copiesRows.says));
  const answer = await voice.answer(
    `1 takes a backup and runs the dry-run; ${environment} is only read. Type 1, or press enter to go back: `,
  );
  if (answer?.text !== '1') return undefined;
  return rehearse(voice, commands, plan);
}

async function rehearse(
  voice: Voice,
  commands: Commands,
  { environment, databases }: PlanReport,
): Promise<ExitCode | undefined> {
  const toCome = 2 * databases.filter(({ migrations }) => migrations.length > 0).length;
  const dryRun = await watch(voice, commands, ['dry-run', environment], { before: [], toCome });
  const { rehearsed, outcome } = dryRun.view;
  const file = rehearsed?.plan;
  if (file === undefined) return outcome.kind === 'failed' ? asExitCode(outcome.exitCode) : 1;
  const plan = await askPlan(voice, commands, ['plan', environment, '--plan', file]);
  if (!plan) return undefined;
  for (const sentence of [...evidenceSentences(plan), ...refusalSentences(plan)]) {
    voice.say(sentence);
  }
  const args = await agreement(voice, plan, file);
  if (!args) {
    voice.say(`Left as it is: nothing was written to ${environment}.`);
    return undefined;
  }
  const { view } = await watch(voice, commands, args, { before: dryRun.events, toCome: 0 });
  if (view.outcome.kind === 'running') return 5;
  return view.outcome.kind === 'done' ? 0 : asExitCode(view.outcome.exitCode);
}

interface Watched {
  readonly events: readonly RunEvent[];
  readonly view: RunView;
}

/** Says what happens as it happens; during a long step a sentence every five seconds, and never one again. */
async function watch(
  voice: Voice,
  commands: Commands,
  args: readonly string[],
  { before, toCome }: { readonly before: readonly RunEvent[]; readonly toCome: number },
): Promise<Watched> {
  const events = [...before];
  let view: RunView = before.length === 0 ? unheard : { ...foldRun(before), outcome: { kind: 'running' } };
  let said = 0;
  using _ticker = commands.every5s(() => {
    const sentence = said === 0 ? progressSentence(view, commands.now(), { toCome }) : undefined;
    if (sentence !== undefined) voice.say(sentence);
    said = 0;
  });
  const error = await commands.run(args, (event) => {
    const after = withEvent(view, event);
    // The end of a dry-run is not the end here: its evidence and the question follow at once.
    const sentences =
      event.kind === 'done' && toCome > 0 ? [] : eventSentences(view, event, after, { toCome });
    for (const sentence of sentences) {
      voice.say(sentence);
      said += 1;
    }
    view = after;
    events.push(event);
  });
  if (error && view.outcome.kind === 'running') sayError(voice, error);
  return { events, view };
}

async function askPlan(
  voice: Voice,
  commands: Commands,
  args: readonly string[],
): Promise<PlanReport | undefined> {
  const report = await commands.ask(args);
  if ('kind' in report && report.kind === 'plan') return report;
  if ('code' in report) sayError(voice, report);
  return undefined;
}

function sayError(voice: Voice, { message, next }: MigrateErrorView): void {
  voice.say(stopped(message));
  if (next !== undefined) voice.say(stopped(next));
}

function asExitCode(code: number): ExitCode {
  return ([0, 1, 2, 3, 4, 5, 130] as const).find((known) => known === code) ?? 1;
}
