import { change, count, quantity } from '../../lib/numbers.ts';
import { safe } from '../../lib/safe-text.ts';
import type { Signs } from '../../lib/signs.ts';
import type {
  Cause,
  ColumnEvidence,
  Evidence,
  Loss,
  TableEvidence,
} from '../../operations/evidence/evidence.ts';
import { columns, fit, paragraph, rule } from './layout.ts';
import { say, type Line } from './line.ts';
import type { Tone } from '../theme.ts';
import { cutEnd, wrapped } from './width.ts';

/** What the rehearsal showed: every table whose rows or values differ, with the statement that asks for it. */
export function evidenceLines(
  signs: Signs,
  evidence: readonly Evidence[],
  { width }: { readonly width: number },
): readonly Line[] {
  const losses = evidence.flatMap((one) => one.losses);
  const verdict =
    losses.length === 0
      ? 'every loss has a statement that asks for it'
      : `${quantity(losses.length, 'loss', 'losses')} that no statement asks for`;
  return [
    rule(signs, width, [
      { at: 3, title: 'evidence' },
      { at: 0, title: verdict, tone: losses.length === 0 ? 'dim' : 'danger' },
    ]),
    ...evidence.flatMap((one) => [
      ...(evidence.length > 1 ? [[say(`  database ${one.database}`, 'strong')]] : []),
      ...databaseLines(signs, one, width),
    ]),
  ];
}

function databaseLines(signs: Signs, evidence: Evidence, width: number): readonly Line[] {
  const lines = evidence.tables
    .toSorted((a, b) => rankOf(a, evidence) - rankOf(b, evidence))
    .flatMap((table) => tableLines(signs, evidence, table, width));
  const { count: others, rows } = evidence.unchangedTables;
  return [
    ...(evidence.rehearsal === 'structure'
      ? [
          [
            say(`  ${signs.finding}`, 'warn'),
            say(' rehearsed on the schema alone: this proves nothing about rows'),
          ],
        ]
      : []),
    ...lines,
    ...(others > 0
      ? [[say(`  ${quantity(others, 'other table')}, ${quantity(rows, 'row')}: unchanged`, 'dim')]]
      : []),
    ...violationLines(signs, evidence, width),
  ];
}

/** A low screen shows the first tables only, so what is lost stands first, and what nobody asked for before that. */
function rankOf({ table, rowsBefore = 0, rowsAfter = 0 }: TableEvidence, { losses }: Evidence): number {
  if (losses.some((loss) => loss.table === table)) return 0;
  return rowsAfter < rowsBefore ? 1 : 2;
}

function tableLines(signs: Signs, evidence: Evidence, table: TableEvidence, width: number): readonly Line[] {
  const loss = evidence.losses.find((one) => one.table === table.table);
  const difference = (table.rowsAfter ?? 0) - (table.rowsBefore ?? 0);
  const name = width >= 100 ? 20 : 18;
  const figures: Line = columns(signs, [
    { content: `  ${table.table}`, width: name, cut: 'middle' },
    {
      content: table.rowsBefore === undefined ? 'new' : `${count(table.rowsBefore)} rows`,
      width: 15,
      align: 'right',
    },
    { content: ', then', width: 6 },
    { content: table.rowsAfter === undefined ? 'gone' : count(table.rowsAfter), width: 11, align: 'right' },
    { content: [say(change(difference), toneOf(difference))], width: 9, align: 'right' },
  ]);
  const because = loss
    ? { text: `${signs.failed} ${lossWords(loss)}, and no statement says so`, tone: 'danger' as const }
    : { text: wordsOf(table, evidence), tone: 'text' as const };
  if (width < 100) return [figures, ...becauseLines(signs, because, { indent: 6, width })];
  const [first = [], ...rest] = becauseLines(signs, because, { indent: name + 44, width });
  return [[...fit(signs, { content: figures, width: name + 44 }), ...first.slice(1)], ...rest];
}

/** Why, in two rows at most: a statement can be longer than a screen. */
function becauseLines(
  signs: Signs,
  { text, tone }: { readonly text: string; readonly tone: Tone },
  { indent, width }: { readonly indent: number; readonly width: number },
): readonly Line[] {
  const [first = '', ...rest] = wrapped(safe(text, { lines: 'one' }), width - indent - 1);
  const second = rest.length === 0 ? [] : [cutEnd(rest.join(' '), width - indent - 1, signs)];
  return [first, ...second].map((row) => [say(' '.repeat(indent)), say(row, tone)]);
}

export function toneOf(difference: number): Tone {
  if (difference === 0) return 'text';
  return difference < 0 ? 'removed' : 'added';
}

/** Rows that came or went: the statement that asks for it. The same rows: what became of their values. */
function wordsOf(table: TableEvidence, evidence: Evidence): string {
  const { rowsBefore = 0, rowsAfter = 0, causes } = table;
  const [cause] = rowsAfter < rowsBefore ? destroyers(table) : causes;
  const asked = cause ? causeWords(cause, evidence) : '';
  const stayed = table.rowsBefore !== undefined && table.rowsAfter !== undefined;
  const values = stayed && rowsAfter === rowsBefore ? columnWords(table) : '';
  return values === '' ? asked : values;
}

function destroyers({ causes }: TableEvidence): readonly Cause[] {
  const [first, ...rest] = causes.filter(({ verb }) => verb === 'delete' || verb === 'drop');
  return first ? [first, ...rest] : causes;
}

function causeWords({ tag, statement, sql }: Cause, { migrations }: Evidence): string {
  return `${migrations.length > 1 ? `${numberOf(tag)} ` : ''}statement ${statement}: ${sql}`;
}

/** `0014` of `0014_orders_due_date`: enough where the whole name stands near. */
export function numberOf(tag: string): string {
  return /^\d+(?=[_-])/.exec(tag)?.[0] ?? tag;
}

function columnWords({ columns, rowsAfter = 0 }: TableEvidence): string {
  const quiet = new Set(['kept', 'not-comparable']);
  const said = columns
    .filter(({ values }) => !quiet.has(values))
    .map((column) => oneColumn(column, rowsAfter));
  const kept = columns.filter(({ values }) => values === 'kept').length;
  const unknown = columns.filter(({ values }) => values === 'not-comparable').length;
  const rest = said.length === 0 ? 'all' : 'the other';
  return [
    ...said,
    ...(kept > 0
      ? [`${rest} ${kept} ${kept === 1 ? 'column keeps its' : 'columns keep their'} checksum`]
      : []),
    ...(unknown > 0 ? [`${quantity(unknown, 'column')} cannot be compared`] : []),
  ].join('; ');
}

function oneColumn(
  { column, values, nonNullBefore = 0, nonNullAfter = 0 }: ColumnEvidence,
  rows: number,
): string {
  switch (values) {
    case 'added':
      return nonNullAfter === rows ? `${column} filled in all` : `${column} filled in ${count(nonNullAfter)}`;
    case 'removed':
      return `${column} removed, with ${quantity(nonNullBefore, 'value')}`;
    case 'changed':
      return `${column} has other values`;
    case 'not-comparable':
      return `${column} cannot be compared`;
    case 'kept':
      return `${column} kept`;
  }
}

/** A loss as the end of a sentence that the table begins: `loses 1,204 rows`. */
export function lossWords(loss: Loss): string {
  switch (loss.kind) {
    case 'rows':
      return `loses ${quantity(loss.rows, 'row')}`;
    case 'nulled':
      return `loses the values of ${loss.column} in ${quantity(loss.rows, 'row')}`;
    case 'values':
      return `has other values of ${loss.column} in up to ${quantity(loss.rows, 'row')}`;
  }
}

function violationLines(signs: Signs, { violations }: Evidence, width: number): readonly Line[] {
  const added = violations.added.flatMap(({ table, parent, count: broken }) =>
    paragraph(`${signs.failed} ${quantity(broken, 'row')} of ${table} would refer to nothing in ${parent}`, {
      width,
      tone: 'danger',
    }),
  );
  const before = violations.before.reduce((sum, one) => sum + one.count, 0);
  if (before === 0) return added;
  const old = `${quantity(before, 'row')} broke a foreign key before already, and still do`;
  return [...added, ...paragraph(`${signs.finding} ${old}`, { width, tone: 'warn' })];
}

/** Whether rows or values go that were there: then the environment's name is asked for. */
export function destroys(evidence: readonly Evidence[]): boolean {
  return evidence.some(
    ({ tables, losses }) =>
      losses.length > 0 ||
      tables.some(
        ({ rowsBefore = 0, rowsAfter = 0, columns }) =>
          rowsAfter < rowsBefore ||
          columns.some(
            ({ values, nonNullBefore = 0 }) =>
              nonNullBefore > 0 && (values === 'removed' || values === 'changed'),
          ),
      ),
  );
}
