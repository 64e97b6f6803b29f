import { duration, quantity } from '../../lib/numbers.ts';
import { ago, dayAndMinute, span } from '../../lib/time.ts';
import type { RunReport, RunsReport, RunSummary } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';
import { eventText } from './events.ts';
import { outcomeCell } from './words.ts';

/** One line a run, newest first. */
export function runsText({ runs }: RunsReport, style: Style): readonly string[] {
  if (runs.length === 0) return [`No run yet. ${shown(style.command(['deploy', 'ENV']))} makes the first.`];
  return table(
    runs.map((run): readonly Cell[] => [
      { text: String(run.run), as: 'accent' },
      outcomeCell(run, style),
      run.operation,
      run.environment,
      `${dayAndMinute(run.startedAt)} UTC`,
      { text: ago(run.startedAt, style.now), as: 'dim' },
      whatOf(run),
    ]),
    [{ align: 'right' }, {}, {}, { cut: 'middle' }, {}, {}, { cut: 'end' }],
    style,
  );
}

/** One run with its steps, for people. */
export function runText({ summary, events, log }: RunReport, style: Style): readonly string[] {
  const outcome = outcomeCell(summary, style);
  const word = typeof outcome === 'string' ? outcome : style.paint(outcome.as, outcome.text);
  const when =
    summary.finishedAt === undefined
      ? `${dayAndMinute(summary.startedAt)} UTC, not closed`
      : span(summary.startedAt, summary.finishedAt);
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['who', `${summary.by}@${summary.host}, migrate-tui ${summary.version}${gitOf(summary)}`],
    ['when', when],
    ['did', whatOf(summary) === summary.message ? undefined : whatOf(summary)],
    [
      'inside',
      summary.inside === undefined ? undefined : `${summary.inside.tag} (${summary.inside.database})`,
    ],
    ['confirmed', confirmedOf(summary)],
    ['backup', summary.backup],
    ['says', summary.message],
    ['next', events.findLast((event) => event.kind === 'failed')?.next],
    ['log', log],
  ];
  return [
    `Run ${summary.run}, ${summary.operation} of ${shown(summary.environment)}, ${shown(summary.databases.join(', '))}: ${word}`,
    ...lines.flatMap(([name, text]) =>
      text === undefined || text === '' ? [] : [`  ${name.padEnd(10)}${shown(text)}`],
    ),
    ...(events.length === 0 ? [] : ['']),
    ...events.flatMap((event) => eventText(event, style)),
  ];
}

function whatOf({ applied, undone, inside, message }: RunSummary): string {
  if (undone !== undefined && undone.length > 0) {
    const back = `took back ${undone.map(({ tag }) => tag).join(', ')}`;
    return inside === undefined ? back : `${back}; cut off inside ${inside.tag}`;
  }
  const tags = applied.map(({ tag }) => tag);
  if (tags.length === 0) return inside === undefined ? (message ?? '') : `cut off inside ${inside.tag}`;
  if (tags.length > 2) return `${quantity(tags.length, 'migration')}, to ${tags.at(-1) ?? ''}`;
  const took = applied.reduce((sum, each) => sum + each.took, 0);
  return `${tags.join(', ')}, ${duration(took)}`;
}

function gitOf({ git }: RunSummary): string {
  return git === undefined ? '' : `, git ${git}`;
}

function confirmedOf({ confirmed }: RunSummary): string | undefined {
  if (confirmed === undefined) return undefined;
  const { by, how, at, hash, accepted = [], reason } = confirmed;
  return [
    `by ${by} (${how}), ${dayAndMinute(at)} UTC, hash ${hash}`,
    ...(accepted.length === 0 ? [] : [`accepted ${accepted.join(', ')}`]),
    ...(reason === undefined ? [] : [`because: ${reason}`]),
  ].join('; ');
}
