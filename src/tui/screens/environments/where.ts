import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { ago, moment } from '../../../lib/time.ts';
import type { StatusItem } from '../../../operations/reports.ts';
import { columns } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { widthOf, wrapped } from '../../present/width.ts';
import type { DetailView } from './detail.ts';
import type { Cell } from './grid.ts';
import type { KnownMigration } from './state.ts';
import { cellLine, itemLine } from './words.ts';

/**
 * One row an environment, those that have it first: since when, or what else it is there.
 *
 * @param most rows at most; the last then says how many more there are
 */
export function whereLines(
  signs: Signs,
  { grid, row, now }: Pick<DetailView, 'grid' | 'row' | 'now'>,
  { width, most }: { readonly width: number; readonly most: number },
): readonly Line[] {
  const longest = grid.columns.reduce(
    (wide, { environment }) => Math.max(wide, widthOf(environment.name)),
    0,
  );
  const names = Math.min(16, longest);
  const all = grid.columns.map(({ environment }, index) => ({ environment, cell: row?.cells[index] }));
  const shown = all.length <= most ? all.length : Math.max(0, most - 1);
  const room = Math.max(1, width - names - 3);
  const lines = all
    .toSorted((a, b) => Number(isApplied(b.cell)) - Number(isApplied(a.cell)))
    .slice(0, shown)
    .map(({ environment, cell }): Line => {
      const word = cell ? cellLine(signs, cell, 'wide')[0] : undefined;
      return columns(signs, [
        { content: word ? say(word.text.slice(0, 1), word.tone) : '', width: 1 },
        { content: ` ${environment.name}`, width: names + 1, cut: 'middle' },
        { content: '', width: 1 },
        { content: whenLine(signs, cell, { now, room }), width: room },
      ]);
    });
  const more = all.length - shown;
  return more === 0 ? lines : [...lines, [say(`  ${quantity(more, 'more environment')}`, 'dim')]];
}

function isApplied(cell: Cell | undefined): boolean {
  return cell?.kind === 'item' && cell.item.state === 'applied';
}

function whenLine(
  signs: Signs,
  cell: Cell | undefined,
  { now, room }: { readonly now: number; readonly room: number },
): Line {
  if (cell?.kind === 'asking') return [say(' asking', 'dim')];
  if (cell?.kind === 'nothing') return [say(' no record of it', 'dim')];
  if (cell?.kind !== 'item') return [say(' not known', 'dim')];
  const { item } = cell;
  if (item.state !== 'applied') return wordOf(signs, item);
  if (item.appliedAt === undefined) return [say(' time not recorded', 'dim')];
  const since = ago(item.appliedAt, new Date(now));
  const whole = `${since.padStart(10)}  ${moment(item.appliedAt)}`;
  // Where both do not fit, how long ago it was says more than the moment.
  return [say(whole.length <= room ? whole : ` ${since}`, 'dim')];
}

/** Its word, without the sign that stands before the name. */
function wordOf(signs: Signs, item: StatusItem): Line {
  const [first, ...rest] = itemLine(signs, item, 'wide');
  return first === undefined ? [] : [say(first.text.slice(1), first.tone), ...rest];
}

/** What the rules say, by the number of the statement. */
export function findingLines(
  signs: Signs,
  known: KnownMigration | undefined,
  width: number,
): readonly Line[] {
  if (known?.kind !== 'read' || known.report.findings.length === 0) return [];
  const lines = known.report.findings.flatMap(({ severity, statement, message }) => {
    const tone = severity === 'error' ? 'danger' : severity === 'warning' ? 'warn' : 'dim';
    const sign = severity === 'error' ? signs.failed : severity === 'warning' ? signs.finding : signs.nothing;
    const says = severity === 'error' ? `an error: ${message}` : message;
    return wrapped(says, width - 5).map((text, index): Line => [
      say(index === 0 ? `${sign} ${String(statement).padEnd(3)}` : '     ', tone),
      say(text),
    ]);
  });
  return [[say('findings', 'strong')], ...lines];
}
