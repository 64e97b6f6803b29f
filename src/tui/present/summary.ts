import { commandLine, commandPerDatabase } from '../../lib/command-line.ts';
import { sentences } from '../../lib/sentences.ts';
import { bytes, duration, quantity } from '../../lib/numbers.ts';
import type { Signs } from '../../lib/signs.ts';
import { safe } from '../../lib/safe-text.ts';
import { dayAndMinute } from '../../lib/time.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { Context } from '../screen.ts';
import { runsFiles } from './migration-sql.ts';
import { causeSentences } from './rows.ts';
import { foldRun } from './run.ts';
import type { RunView, WayBack } from './run-view.ts';
import { proofWords } from './way-back.ts';
import { widthOf, wrapped } from './width.ts';

/** What was done while the screen was open. */
export interface Session {
  /** The events of each run that was started, oldest first. */
  readonly runs: readonly (readonly RunEvent[])[];
  readonly context: Pick<Context, 'environments' | 'place'>;
  readonly exitCode: number;
}

/**
 * What stays on the main screen after the screen is left: plain text of at most 80 columns, fit for a
 * ticket, with every command in full. Nothing done is one line.
 */
export function summary({ runs, context, exitCode }: Session, signs: Signs): string {
  const views = runs.filter((events) => events.length > 0).map(foldRun);
  if (views.length === 0) return 'migrate-tui: nothing was started, nothing was changed.';
  const lines = [
    headline(views, exitCode),
    ...views.flatMap((view) => runLines(signs, view, context.place)),
    ...stillOpen(context),
  ];
  return lines.map((line) => safe(line, { lines: 'one' })).join('\n');
}

const width = 80;

function headline(views: readonly RunView[], exitCode: number): string {
  const databases = [...new Set(views.flatMap((view) => view.databases))].join(', ');
  const from = views[0]?.startedAt ?? '';
  const to = views.at(-1)?.lastHeard ?? '';
  const times = `${dayAndMinute(from)} to ${dayAndMinute(to).split(' ').at(-1) ?? ''} UTC`;
  const left = `migrate-tui: ${quantity(views.length, 'run')}, ${databases}, ${times}`;
  const right = `exit ${exitCode}`;
  return `${left.padEnd(width - right.length - 1)} ${right}`;
}

function runLines(signs: Signs, view: RunView, place: string): readonly string[] {
  const name = `${signFor(signs, view)} ${view.environment}`;
  return [
    ...entry(name, whatHappened(view, place)),
    ...verified(view).flatMap((text) => entry('', text)),
    ...(view.outcome.kind === 'done' && view.outcome.next !== undefined
      ? entry('  next', view.outcome.next)
      : []),
    ...(view.wayBack ? entry('  backup', backupWords(view, view.wayBack)) : []),
    ...(view.wayBack && changed(view) ? restoreLines(view.environment, view.wayBack, place) : []),
    ...(view.run === undefined
      ? []
      : entry('  record', `npx ${commandLine(['show', `${view.run}`], place)}`)),
  ];
}

function signFor(signs: Signs, { outcome }: RunView): string {
  if (outcome.kind === 'running') return signs.running;
  return outcome.kind === 'done' ? signs.done : signs.failed;
}

function whatHappened(view: RunView, place: string): string {
  const run = view.run === undefined ? '' : ` (run ${view.run})`;
  const { outcome } = view;
  switch (outcome.kind) {
    case 'running':
      return `${view.operation ?? 'a run'} still goes on${run}: npx ${commandLine(['show', `${view.run ?? ''}`, '--follow'], place)}`;
    case 'failed':
      return `${sentences(outcome)}${run}`;
    case 'done': {
      const applied = view.migrations.filter(({ state }) => state === 'done');
      // A way out runs other statements under the name of a migration, and may take it back.
      if (applied.length === 0 || !runsFiles(view)) return `${outcome.message}${run}`;
      const statements = applied.reduce((sum, { of = 0 }) => sum + of, 0);
      const names =
        applied.length > 3 ? quantity(applied.length, 'migration') : applied.map(({ tag }) => tag).join(', ');
      return `${names} applied, ${quantity(statements, 'statement')}, ${duration(outcome.took)}${run}`;
    }
  }
}

function verified(view: RunView): readonly string[] {
  if (view.checks.length === 0) return [];
  const proven = view.checks
    .filter(({ state }) => state === 'proven')
    .map(({ check }) => check.replaceAll('-', ' '));
  const differs = view.checks
    .filter(({ state }) => state === 'differs')
    .map(({ check, says }) => `${check}: ${says}`);
  return [
    ...(proven.length > 0 ? [`verified: ${proven.join(', ')}`] : []),
    ...(differs.length > 0 ? [`differs: ${differs.join('; ')}`] : []),
    ...causeSentences(view),
  ];
}

function backupWords({ steps }: RunView, { backup, proof }: WayBack): string {
  const size = steps.find(({ step }) => step === 'backup')?.progress;
  const amount = size?.unit === 'bytes' && size.total !== undefined ? `, ${bytes(size.total)}` : '';
  return `${backup}${amount}, ${proofWords[proof]}`;
}

function restoreLines(environment: string, { backup, databases }: WayBack, place: string): readonly string[] {
  return commandPerDatabase(['restore', environment, backup], databases, place).flatMap((command, at) =>
    entry(at === 0 ? '  to restore' : '', `npx ${command}`),
  );
}

/** A restore is a way out only of what was written. */
function changed({ migrations }: RunView): boolean {
  return migrations.some(({ state }) => state === 'done' || state === 'failed');
}

function stillOpen({ environments, place }: Session['context']): readonly string[] {
  return [...environments.values()].flatMap(({ name, status }) => {
    const targets = status?.targets.filter(({ state }) => state.includes('half-finished')) ?? [];
    return targets.flatMap(({ database, items }) => {
      const half = items.find(({ state }) => state === 'half');
      const where =
        half?.after === undefined ? '' : `, after statement ${half.after} of ${half.of ?? 'unknown'}`;
      return [
        ...entry(
          '  still open',
          `${name} is half-finished in ${database}${half ? ` at ${half.tag}` : ''}${where}`,
        ),
        ...entry('', `npx ${commandLine(['recover', name], place)}`),
      ];
    });
  });
}

/** A label and its text, which begins at the same column in every row. */
function entry(label: string, text: string): readonly string[] {
  const [first = '', ...rest] = wrapped(safe(text, { lines: 'one' }), width - indent);
  const room = Math.max(0, indent - widthOf(label));
  // A long environment name takes a row of its own.
  const head = room >= 1 ? [`${label}${' '.repeat(room)}${first}`] : [label, `${' '.repeat(indent)}${first}`];
  return [...head, ...rest.map((row) => `${' '.repeat(indent)}${row}`)];
}

const indent = 14;
