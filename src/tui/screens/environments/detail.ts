import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { ago, agoAndMoment, moment } from '../../../lib/time.ts';
import type { MigrationReport, StatusItem, StatusTarget } from '../../../operations/reports.ts';
import { columns, cutLine, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { sqlOnOneLine } from '../../present/sql.ts';
import { wrapped } from '../../present/width.ts';
import type { Column, Grid, GridRow } from './grid.ts';
import { rowName } from './matrix.ts';
import { cellLine, itemLine } from './words.ts';

export interface DetailView {
  readonly grid: Grid;
  readonly row: GridRow | undefined;
  readonly column: Column | undefined;
  /** Of the column. */
  readonly index: number;
  /** What was read about the migration; undefined until it came. */
  readonly report: MigrationReport | undefined;
  readonly now: number;
  readonly width: number;
  readonly height: number;
  readonly place: 'below' | 'beside';
}

/** The part that follows the cursor: its rule, the SQL with a sign per statement, where else, and what to do. */
export function detailLines(signs: Signs, view: DetailView): readonly Line[] {
  const { width, height, column } = view;
  if (height <= 0) return [];
  const head = rule(signs, width, titles(view));
  const sentences = sentencesOf(view).flatMap((text) => paragraph(text, { width }));
  if (height < 9 || column === undefined) return [head, ...sentences].slice(0, height);
  const said = sentences.slice(0, 4);
  const room = height - 2 - (said.length > 0 ? said.length + 1 : 0);
  const middle = view.row?.kind === 'migration' ? bodyLines(signs, view, room) : [];
  const end = said.length > 0 ? (middle.length > 0 ? [[], ...said] : said) : [];
  return [head, [], ...middle, ...end].slice(0, height);
}

function titles({ row, column, index, now }: DetailView): Parameters<typeof rule>[2] {
  if (column === undefined) return [];
  const { name } = column.environment;
  if (row === undefined) return [{ at: 3, title: name }];
  const title = row.kind === 'fold' ? rowName(row) : `${rowName(row)} in ${name}`;
  const item = itemOf(row, index);
  const says = item === undefined ? '' : itemSentence(item, now);
  return says === ''
    ? [{ at: 3, title }]
    : [
        { at: 3, title },
        { at: 3 + title.length + 4, title: says, tone: 'text' },
      ];
}

function itemOf(row: GridRow, index: number): StatusItem | undefined {
  const cell = row.kind === 'fold' ? undefined : row.cells[index];
  return cell?.kind === 'item' ? cell.item : undefined;
}

function itemSentence(item: StatusItem, now: number): string {
  const at = item.appliedAt === undefined ? '' : ` ${agoAndMoment(item.appliedAt, new Date(now))}`;
  switch (item.state) {
    case 'half':
      return item.after === undefined
        ? 'half-finished'
        : `half-finished: stopped after statement ${item.after} of ${item.of ?? '?'}`;
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
  }
}

/** SQL at the left, where else it is applied and the findings at the right; one under the other where it is narrow. */
function bodyLines(signs: Signs, view: DetailView, height: number): readonly Line[] {
  const { width, report } = view;
  if (report === undefined) return [];
  const two = view.place === 'below' && width >= 100;
  const left = two ? Math.min(74, width - 44) : width;
  const side = sideLines(signs, view, two ? width - left - 2 : width - 4);
  // Where there is little room the SQL gives way: enter opens it.
  if (!two && height < 14) return side.slice(0, height).map((line) => [say('  '), ...line]);
  if (!two) {
    const room = Math.max(1, height - Math.min(side.length, Math.floor(height / 2)) - 1);
    return [
      ...statementLines(signs, view, report, { width: left, height: room }),
      [],
      ...side.map((line) => [say('  '), ...line]),
    ].slice(0, height);
  }
  const sql = statementLines(signs, view, report, { width: left, height });
  const rows = Math.min(height, Math.max(sql.length, side.length));
  return Array.from({ length: rows }, (_one, index) =>
    columns(signs, [
      { content: sql[index] ?? '', width: left },
      { content: '', width: 2 },
      { content: side[index] ?? '', width: width - left - 2 },
    ]),
  );
}

function statementLines(
  signs: Signs,
  view: DetailView,
  report: MigrationReport,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Line[] {
  const { statements } = report;
  const item = view.column?.target?.items.find(({ tag }) => tag === report.tag);
  const fits = statements.length <= height ? height : height - 1;
  const digits = String(statements.length).length;
  const lines = statements.slice(0, fits).map(({ number, sql }): Line => {
    const sign = statementSign(signs, item, number);
    const line = [say('  '), sign, say(` ${String(number).padStart(digits)}  `, 'dim'), ...sqlOnOneLine(sql)];
    return cutLine(signs, line, width, 'end');
  });
  const more = statements.length - lines.length;
  return more > 0
    ? [...lines, [say(`  ${signs.cut} ${quantity(more, 'more statement')}, enter shows all`, 'dim')]]
    : lines;
}

/** A migration is applied whole; a half one up to the statement that it stopped after. */
function statementSign(signs: Signs, item: StatusItem | undefined, number: number): Line[number] {
  switch (item?.state) {
    case 'applied':
    case 'changed':
    case 'unrecorded':
    case 'squashed':
      return say(signs.done, 'ok');
    case 'half':
      if (item.after === undefined) return say(signs.unknown, 'warn');
      if (number <= item.after) return say(signs.done, 'ok');
      return number === item.after + 1 ? say(signs.half, 'danger') : say(signs.pending);
    default:
      return say(signs.pending);
  }
}

function sideLines(signs: Signs, { grid, row, report, now }: DetailView, width: number): readonly Line[] {
  const names = Math.min(
    16,
    grid.columns.reduce((longest, { environment }) => Math.max(longest, environment.name.length), 0),
  );
  const where = grid.columns.map(({ environment }, index): Line => {
    const cell = row?.cells[index];
    const item = cell?.kind === 'item' ? cell.item : undefined;
    const word = cell ? cellLine(signs, cell, 'wide')[0] : undefined;
    const sign = word && say(word.text.slice(0, 1), word.tone);
    return columns(signs, [
      { content: sign ?? '', width: 1 },
      { content: ` ${environment.name}`, width: names + 2, cut: 'middle' },
      { content: whenLine(signs, item, now), width: Math.max(1, width - names - 3) },
    ]);
  });
  const findings = (report?.findings ?? []).flatMap(({ severity, statement, message }) => {
    const tone = severity === 'error' ? 'danger' : severity === 'warning' ? 'warn' : 'dim';
    const sign = severity === 'error' ? signs.failed : severity === 'warning' ? signs.finding : signs.nothing;
    return wrapped(`${severity}, statement ${statement}: ${message}`, width - 2).map((text, index): Line => [
      say(index === 0 ? `${sign} ` : '  ', tone),
      say(text),
    ]);
  });
  return [...where, ...(findings.length === 0 ? [] : [[], [say('findings', 'strong')], ...findings])];
}

function whenLine(signs: Signs, item: StatusItem | undefined, now: number): Line {
  if (item === undefined) return [say('not known', 'dim')];
  if (item.state !== 'applied') return itemLine(signs, item, 'wide').slice(1);
  if (item.appliedAt === undefined) return [say('time not recorded', 'dim')];
  return [say(`${ago(item.appliedAt, new Date(now)).padStart(10)}  ${moment(item.appliedAt)}`, 'dim')];
}

/** What the command line says about the environment, and what a folded row stands for. */
function sentencesOf({ row, column }: DetailView): readonly string[] {
  if (column === undefined) return [];
  const { target, environment } = column;
  if (row?.kind === 'fold') {
    return [
      `${quantity(row.count, 'migration')}, ${row.first} to ${row.last}: applied wherever an environment answered. enter shows each.`,
    ];
  }
  if (target === undefined)
    return environment.asking === 'no' ? [`${environment.name} was not read. r asks again.`] : [];
  return target.error ? [errorSentence(target.error)] : target.says;
}

function errorSentence({ message, next }: NonNullable<StatusTarget['error']>): string {
  return `${message} Nothing was changed. ${next ?? 'r asks again.'}`;
}
