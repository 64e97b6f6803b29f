import type { ExitCode } from '../../lib/errors.ts';
import type { RunEvent } from '../../operations/events.ts';
import type {
  PlanReport,
  Report,
  StatusEnvironment,
  StatusOpening,
  StatusReport,
} from '../../operations/reports.ts';
import type { MigrateErrorView } from '../client/error.ts';
import {
  evidenceSentences,
  openingSentences,
  planSentences,
  refusalSentences,
  statusSentences,
} from './report-sentences.ts';
import { rollBack } from './rollback.ts';
import { squash } from './squash.ts';
import { compare, named } from './compare.ts';
import { agreement } from './agreement.ts';
import { change, plainChanges } from './change.ts';
import { showsCase } from '../app/jobs.ts';
import { blockingRefusals } from '../screens/review/demands.ts';
import { plannedOf } from '../screens/review/state.ts';
import { stopped } from '../../lib/sentences.ts';
import { asExitCode, exitCodeOf, sayError, watch } from './watch.ts';
import { wayOut } from './way-out.ts';

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
  /** What commands that are named to the person say of where the project is. */
  readonly place: string;
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
    const environments = await sayStatus(voice, commands);
    if (environments === undefined) return 1;
    const names = [...environments.keys()];
    const answer = await voice.answer(
      'Which environment? Type its number or its name, c before it to compare its schema, reset, baseline, mark, resync, restore, rollback or squash as on the command line, r to read again, or press enter to leave: ',
    );
    if (answer === undefined || answer.text === '') break;
    if (answer.text === 'r') continue;
    const words = answer.text.split(/\s+/);
    if (words[0] === 'c') {
      await compare(voice, commands, { words: words.slice(1), names });
      continue;
    }
    if (words[0] === 'squash' && !words.includes('--tidy')) {
      await squash(voice, commands, words);
      continue;
    }
    if (words[0] === 'rollback') {
      const known = environments.get(words[1] ?? '');
      const status = typeof known === 'string' ? undefined : known;
      exitCode = (await rollBack(voice, commands, words, status)) ?? exitCode;
      continue;
    }
    if (plainChanges.includes(words[0] ?? '')) {
      exitCode = (await change(voice, commands, words)) ?? exitCode;
      continue;
    }
    const chosen = named(answer.text, names);
    if (chosen === undefined) voice.say(`No environment is called ${stopped(answer.text)}`);
    else exitCode = (await leadOn(voice, commands, environments.get(chosen) ?? chosen)) ?? exitCode;
  }
  voice.say(`Left. Exit code ${exitCode}.`);
  return exitCode;
}

/** Every environment with its answer; its name alone until it answered. */
type Environments = ReadonlyMap<string, StatusEnvironment | string>;

async function sayStatus(voice: Voice, commands: Commands): Promise<Environments | undefined> {
  const environments = new Map<string, StatusEnvironment | string>();
  const error = await commands.statuses((line) => {
    if (line.kind === 'status-opening')
      for (const { name } of line.environments) environments.set(name, name);
    else for (const status of line.environments) environments.set(status.name, status);
    const place = (name: string | undefined) => [...environments.keys()].indexOf(name ?? '') + 1;
    const sentences =
      line.kind === 'status-opening'
        ? openingSentences(line)
        : statusSentences(line, place(line.environments[0]?.name));
    for (const sentence of sentences) voice.say(sentence);
  });
  if (error) sayError(voice, error);
  return error ? undefined : environments;
}

/** What is unfinished comes first; behind it stands what is pending. */
async function leadOn(
  voice: Voice,
  commands: Commands,
  chosen: StatusEnvironment | string,
): Promise<ExitCode | undefined> {
  if (typeof chosen === 'string') return deployTo(voice, commands, chosen);
  if (!showsCase(chosen)) return deployTo(voice, commands, chosen.name);
  const led = await wayOut(voice, commands, chosen);
  return led === 'to-deploy' ? deployTo(voice, commands, chosen.name) : led;
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
  const args = ['dry-run', environment];
  const dryRun = await watch(voice, commands, args, { before: [], toCome, as: 'rehearsal' });
  const { rehearsed, outcome } = dryRun.view;
  const file = rehearsed?.plan;
  if (file === undefined) return outcome.kind === 'failed' ? asExitCode(outcome.exitCode) : 1;
  const plan = await askPlan(voice, commands, ['plan', environment, '--plan', file]);
  if (!plan) return undefined;
  for (const sentence of [...evidenceSentences(plan), ...refusalSentences(plan)]) {
    voice.say(sentence);
  }
  const agreed = await agreement(voice, plan, { file });
  if (!agreed) {
    voice.say(`Left as it is: nothing was written to ${environment}.`);
    return undefined;
  }
  const { events: before } = dryRun;
  const { view } = await watch(voice, commands, agreed, { before, toCome: 0, as: 'change' });
  return exitCodeOf(view);
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
