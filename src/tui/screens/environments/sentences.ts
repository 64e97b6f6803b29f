import { quantity } from '../../../lib/numbers.ts';
import { ago, agoAndMoment } from '../../../lib/time.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { StatusItem, StatusTarget } from '../../../operations/reports.ts';
import { widthOf } from '../../present/width.ts';
import type { DetailView } from './detail.ts';
import type { Column, GridRow } from './grid.ts';
import { shortTag } from './matrix.ts';

/** What a row is in an environment; undefined where it stands for several or nothing is known. */
export function itemIn(row: GridRow, index: number): StatusItem | undefined {
  const cell = row.kind === 'fold' ? undefined : row.cells[index];
  return cell?.kind === 'item' ? cell.item : undefined;
}

/** For the title: `half-finished: stopped after statement 4 of 12`. Of a time only as much as has room. */
export function itemSays(
  item: StatusItem,
  { now, room }: { readonly now: number; readonly room: number },
): string {
  const { appliedAt } = item;
  if (appliedAt === undefined) return saysAt(item, '');
  const today = new Date(now);
  const all = [` ${agoAndMoment(appliedAt, today)}`, ` ${ago(appliedAt, today)}`].map((at) =>
    saysAt(item, at),
  );
  return all.find((says) => widthOf(says) <= room) ?? saysAt(item, '');
}

function saysAt(item: StatusItem, at: string): string {
  switch (item.state) {
    case 'half':
      return item.after === undefined
        ? 'half-finished'
        : `half-finished: stopped ${item.after === 0 ? 'in statement 1' : `after statement ${item.after}`} of ${item.of ?? '?'}`;
    case 'applied':
      return `applied${at}`;
    case 'pending':
      return 'pending';
    case 'skipped':
      return 'skipped: the original tool would never run it';
    case 'changed':
      return `edited after it was applied${at}`;
    case 'orphan':
      return `recorded${at}, but there is no file`;
    case 'unrecorded':
      return 'the schema is as if it had run, and there is no record';
    case 'squashed':
      return 'recorded; its file was squashed';
    default:
      return unreachable(item.state);
  }
}

/** What it means here, and the key that leads on. */
export function nextSentence({ row, column, index, blocked }: DetailView): string {
  if (column === undefined) return '';
  const { target, environment } = column;
  if (target === undefined)
    return environment.asking === 'no' ? `${environment.name} was not read. r asks again.` : '';
  if (target.error) return errorSentence(target.error);
  if (row === undefined) return stateSentence(column, target);
  if (row.kind === 'fold' && row.of === 'squashed') {
    return `${quantity(row.count, 'record')}, ${row.first} to ${row.last}, of files that became one. s shows how they become one record. enter shows each.`;
  }
  if (row.kind === 'fold') {
    return `${quantity(row.count, 'migration')}, ${row.first} to ${row.last}: applied wherever an environment answered. enter shows each.`;
  }
  const item = itemIn(row, index);
  if (item === undefined) return `There is no record of it in ${environment.name}.`;
  return itemSentence(item, { environment: environment.name, target, blocked });
}

function errorSentence({ message, next }: NonNullable<StatusTarget['error']>): string {
  const whole = /[.!?]$/.test(message) ? message : `${message}.`;
  return `${whole} Nothing was changed. ${next ?? 'r asks again.'}`;
}

function stateSentence({ environment }: Column, { says, state }: StatusTarget): string {
  const all = says.length > 0 ? says.join(' ') : `${environment.name} is ${state.join(', ')}.`;
  return `${byKey(all)} enter shows its state.`;
}

/** Where the command line would run a command, a key leads on. */
function byKey(text: string): string {
  return text
    .replace(/migrate-tui baseline .*?(?= finds )/, 'm')
    .replace(/migrate-tui recover .*?(?= proves )/, 'w');
}

function itemSentence(
  item: StatusItem,
  at: {
    readonly environment: string;
    readonly target: StatusTarget;
    readonly blocked: string | undefined;
  },
): string {
  const { environment, target, blocked } = at;
  const tag = shortTag(item.tag);
  switch (item.state) {
    case 'half':
      return `${saying(target, item.tag) ?? `${tag} began in ${environment} and did not end.`} w shows the ways out.`;
    case 'pending':
      return blocked === undefined
        ? `${tag} is pending in ${environment}. d opens the review of its deploy, t rehearses it on a copy.`
        : `${tag} is pending in ${environment}. d: ${blocked}.`;
    case 'skipped':
      return `${target.says.find((text) => text.includes('never run')) ?? `${tag} would silently never run in ${environment}.`} w shows the ways out.`;
    case 'changed':
      return `The file was edited after ${environment} applied it: what ran there is not what it says now. w shows the ways out.`;
    case 'orphan':
      return `${environment} has a record of it and no file has its name or content. w shows the ways out.`;
    case 'unrecorded':
      return `What ${tag} makes is in ${environment} already, and no record says that it ran. w shows the ways out.`;
    case 'applied':
      return `${tag} is applied in ${environment}. enter opens the SQL in full.`;
    case 'squashed':
      return `${tag} is recorded in ${environment}; its file was squashed.`;
    default:
      return unreachable(item.state);
  }
}

/** What the command line says of the target about this one migration, without the command: here a key leads on. */
function saying({ says }: StatusTarget, tag: string): string | undefined {
  return says.find((text) => text.includes(tag))?.replace(/(?<=\.) migrate-tui .*$/, '');
}
