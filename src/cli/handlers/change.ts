import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MigrateError, type ExitCode } from '../../lib/errors.ts';
import type { Change } from '../../operations/change.ts';
import type { Session } from '../../session.ts';
import { changesOf } from '../changes.ts';
import { copyDecider, decider } from '../decide.ts';
import { follower } from '../follow.ts';
import { watchInterrupts } from '../interrupt.ts';
import { asking, type Handler, type Invocation } from '../invocation.ts';
import { openWith } from '../open.ts';
import { shown } from '../output/output.ts';
import { commandLine } from '../../lib/command-line.ts';
import { writeAsked } from '../write-asked.ts';

/** Everything that makes a run: deploy, dry-run, apply, rollback, backup, restore, recover. */
export const handle: Handler = async (invocation) => {
  await using session = await openWith(invocation);
  const changes = changesOf(invocation, session.project);
  for (const change of changes) {
    await refuseUnasked(change, session, invocation);
    const exitCode = await carryOut(change, session, invocation);
    if (exitCode !== 0) return exitCode;
  }
  return 0;
};

async function carryOut(change: Change, session: Session, invocation: Invocation): Promise<ExitCode> {
  const { output } = invocation;
  const follow = follower(output);
  using interrupt = watchInterrupts({
    onFirst: (why) => output.say(stoppingText(shown(why), follow.stopping)),
    secondExit: () => (follow.touched === 'untouched' ? 130 : 5),
  });
  // Nobody reads the events any more: the run ends at the next boundary, as after Ctrl-C.
  const onGone = () => interrupt.now('the reader of the output went away');
  output.readerGone.addEventListener('abort', onGone, { once: true });
  const consent = 'consent' in change ? change.consent : nothingGiven;
  const asked = { output, interrupt, asking: asking(invocation) };
  const yes = invocation.given.has('yes') ? 'given' : 'not-given';
  const run = await session.start(change, {
    signal: interrupt.signal,
    decide: decider({ consent, ...asked }),
    agreeToCopy: copyDecider({ yes, ...asked }),
  });
  let plan: string | undefined;
  for await (const event of run.events()) {
    follow.tell(event);
    if (event.kind === 'rehearsed') plan = event.plan;
  }
  output.readerGone.removeEventListener('abort', onGone);
  const { exitCode } = await run.finished;
  if (plan !== undefined && exitCode === 0) await keepPlan(plan, invocation);
  return exitCode;
}

const nothingGiven = {
  yes: 'not-given',
  confirm: undefined,
  acceptLoss: [],
  accept: [],
  without: [],
  reason: undefined,
} as const;

function stoppingText(why: string, stopping: string | undefined): string {
  return `${why}: the run ends at the next boundary.${stopping === undefined ? '' : ` ${shown(stopping)}`}`;
}

/** `dry-run --out FILE`: the plan with its evidence, where the person asked for it. */
async function keepPlan(plan: string, { given, cwd }: Invocation): Promise<void> {
  const out = given.value('out');
  if (out !== undefined) await writeAsked('The plan', resolve(cwd, out), await readFile(plan, 'utf8'));
}

/**
 * Where nobody can be asked and `--yes` is missing, refuses before a backup is taken for nothing.
 * A deploy with nothing to do needs no consent and goes on to say so; those that only put records or rows back refuse by themselves, with what they would do.
 */
async function refuseUnasked(change: Change, session: Session, invocation: Invocation): Promise<void> {
  if (!('consent' in change) || withOwnRefusal.has(change.kind)) return;
  if (change.consent.yes === 'given' || asking(invocation) === 'possible') return;
  if (await nothingToDo(change, session)) return;
  const environment = session.project.environments.find(({ name }) => name === change.environment);
  const confirm =
    environment?.protected === true && change.consent.confirm === undefined
      ? ['--confirm', change.environment]
      : [];
  throw new MigrateError(
    'not-confirmed',
    `${change.kind === 'deploy-plan' ? 'deploy' : change.kind} writes to ${change.environment}, and there is no terminal to ask for consent. Nothing was changed.`,
    { next: `To consent beforehand: ${commandLine([...invocation.argv, '--yes', ...confirm])}` },
  );
}

const withOwnRefusal: ReadonlySet<Change['kind']> = new Set([
  'restore',
  'rollback',
  'recover',
  'mark',
  'baseline',
  'tidy',
  'reset',
  'resync',
  'push',
]);

async function nothingToDo(change: Change, session: Session): Promise<boolean> {
  if (change.kind !== 'deploy' && change.kind !== 'apply') return false;
  const { environment, selection } = change;
  const plan = await session.ask({ kind: 'plan', environment, selection, planFile: undefined });
  return (
    plan.kind === 'plan' &&
    plan.refusals.length === 0 &&
    plan.databases.every(({ migrations }) => migrations.length === 0)
  );
}
