import type { ReactElement } from 'react';
import { commandPerDatabase } from '../../../lib/command-line.ts';
import type { Signs } from '../../../lib/signs.ts';
import { agoAndMoment } from '../../../lib/time.ts';
import type { RunSummary } from '../../../operations/reports.ts';
import { jobEffects, jobKeys } from '../../app/job-keys.ts';
import { Lines } from '../../components/text.tsx';
import { paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { windowTop } from '../../present/window.ts';
import type { Binding, Context, Message, RequestOf, Screen, Step, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { air } from '../page.ts';

interface UnfinishedState {
  readonly runs: readonly RunSummary[];
  readonly at: number;
}

/** Runs that were cut off, or that still go on: shown at the start, before anything else. */
export const unfinished: Screen<UnfinishedState, RequestOf<'unfinished'>> = {
  name: 'unfinished',
  open: ({ runs }) => ({ state: { runs, at: 0 } }),
  reduce,
  bindings: keys(),
  header: () => ({ path: ['unfinished'], right: [] }),
  ticks: () => 1000,
  View,
};

function keys(): readonly Binding<UnfinishedState>[] {
  const job = jobKeys<UnfinishedState>(({ runs, at }) => runs[at]?.environment);
  return [
    { keys: ['j', 'down'], action: 'down', label: 'down', help: 'the next run', group: 'move' },
    { keys: ['k', 'up'], action: 'up', label: 'up', help: 'the run before', group: 'move' },
    {
      keys: ['enter'],
      action: 'open',
      label: ({ runs, at }) => (runs[at]?.outcome === 'running' ? 'watch it' : 'what happened'),
      help: 'the run and its events',
      group: 'open',
      footer: 2,
    },
    job('ways', { help: 'what the target shows, and what leads out', footer: 1, blocked: () => undefined }),
    job('backups', { help: 'the backups of its environment', footer: 3 }),
    {
      keys: ['esc', 'q'],
      action: 'leave',
      label: 'leave it as it is',
      help: 'to the environments',
      group: 'always',
      footer: 4,
    },
  ];
}

function reduce(state: UnfinishedState, message: Message, context: Context): Step<UnfinishedState> {
  if (message.kind !== 'action') return { state };
  const run = state.runs[state.at];
  switch (message.action) {
    case 'down':
      return { state: { ...state, at: Math.min(state.runs.length - 1, state.at + 1) } };
    case 'up':
      return { state: { ...state, at: Math.max(0, state.at - 1) } };
    case 'open':
      if (run === undefined) return { state };
      return run.outcome === 'running'
        ? { state, effects: [{ kind: 'open', request: follow(run) }] }
        : { state, effects: [{ kind: 'open', request: { screen: 'run-detail', run: run.run } }] };
    case 'leave':
      return {
        state,
        effects: [
          { kind: 'back' },
          { kind: 'say', level: 'info', text: 'Left as it is; the next start shows it again.' },
        ],
      };
    default:
      return { state, effects: run ? jobEffects(message.action, run.environment, context) : [] };
  }
}

function follow({ environment, run }: RunSummary): RequestOf<'run'> {
  return { screen: 'run', environment, source: { kind: 'follow', run } };
}

function View({ state, context }: ViewProps<UnfinishedState>): ReactElement {
  const signs = useSigns();
  const runs = state.runs.map((run, index) => runLines(signs, run, { context, here: index === state.at }));
  const blank = air(context);
  // The last row of the run under the cursor: all of it is in sight.
  const cursor = runs.slice(0, state.at + 1).flat().length - 2;
  const height = context.rows - blank.length;
  const lines = runs.flat();
  const top = windowTop({ top: 0, cursor, height, length: lines.length });
  return <Lines lines={[...blank, ...lines.slice(top, top + height)]} />;
}

function runLines(
  signs: Signs,
  run: RunSummary,
  { context, here }: { readonly context: Context; readonly here: boolean },
): readonly Line[] {
  const { columns: width, now } = context;
  const title = `run ${run.run}, ${run.operation} to ${run.environment}`;
  const sign = run.outcome === 'running' ? signs.running : signs.half;
  const verdict: Line = [
    say(here ? `${signs.cursor} ` : '  ', 'accent'),
    say(`${sign} ${verdictOf(run)}`, run.outcome === 'running' ? 'text' : 'danger'),
  ];
  const who = `Started by ${run.by}@${run.host}, ${agoAndMoment(run.startedAt, new Date(now))}.`;
  const done = run.undone ?? run.applied;
  const applied =
    done.length === 0
      ? `No migration of it was recorded as ${run.undone ? 'taken back' : 'applied'}.`
      : `${run.undone ? 'Taken back' : 'Applied and recorded'} before that: ${done.map(({ tag }) => tag).join(', ')}.`;
  const target = targetSentences(run, context);
  return [
    rule(signs, width, [{ at: 3, title }]),
    verdict,
    ...[who, applied, ...target, ...wayBack(run)].flatMap((text) => paragraph(text, { width, indent: 4 })),
    [],
  ];
}

function wayBack({ backup, environment, databases }: RunSummary): readonly string[] {
  if (backup === undefined) return [];
  const commands = commandPerDatabase(['restore', environment, backup], databases);
  return commands.map((command, at) => `${at === 0 ? `Way back: backup ${backup},` : 'or'} npx ${command}`);
}

function verdictOf({ outcome, inside, environment, run }: RunSummary): string {
  if (outcome === 'running') return `Run ${run} on ${environment} is still going on. enter watches it.`;
  return inside === undefined
    ? `Run ${run} on ${environment} was cut off between two migrations.`
    : `Run ${run} on ${environment} was cut off inside ${inside.tag}.`;
}

/** What the target itself says now, as far as it was read. */
function targetSentences({ environment, databases }: RunSummary, context: Context): readonly string[] {
  const targets = context.environments.get(environment)?.status?.targets ?? [];
  const of = targets.filter(({ database }) => databases.length === 0 || databases.includes(database));
  if (of.length === 0) return [`What is in ${environment} is not known yet: it has not answered.`];
  return of.flatMap(({ database, state, says }) =>
    state.includes('half-finished')
      ? says
      : [`${database} of ${environment}, read just now: ${state.join(', ')}.`, ...says],
  );
}
