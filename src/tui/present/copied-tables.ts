import { count } from '../../lib/numbers.ts';
import type { Sign, Signs } from '../../lib/signs.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { AccountOfTable } from '../../operations/consent/account.ts';
import { bar, columns, rule } from './layout.ts';
import { say, type Line } from './line.ts';
import { widthOf } from './width.ts';
import type { Tone } from '../theme.ts';

/** A table that is copied to another environment, before, while and after it is. */
export interface TableToCopy extends Omit<AccountOfTable, 'how'> {
  /** Of a run that somebody else began it is known once its database is done. */
  readonly how: AccountOfTable['how'] | 'not-known';
  readonly state: 'to-come' | 'running' | 'done';
  /** Rows that are here by now; undefined before its copy began. */
  readonly here: number | undefined;
}

interface Shown {
  readonly width: number;
  /** `review`: what would come over. `run`: with the rows that are here by now. */
  readonly on: 'review' | 'run';
  /** The table under the cursor, in the list. */
  readonly cursor?: number | undefined;
}

/** The heading of the tables, over the columns that `tableLine` draws. */
export function tablesTitle(signs: Signs, tables: readonly TableToCopy[], { width, on }: Shown): Line {
  const { rows, how } = placesOf(tables, on, width);
  return rule(signs, width, [
    { at: 3, title: 'tables' },
    { at: rows + rowsWidth - 'rows'.length, title: 'rows', tone: 'dim' },
    { at: on === 'run' ? how - 'here'.length - 2 : 0, title: on === 'run' ? 'here' : '', tone: 'dim' },
    { at: how, title: 'how', tone: 'dim' },
  ]);
}

/** One row for each table: sign, name, rows, and what is done with its columns. */
export function tableLines(signs: Signs, tables: readonly TableToCopy[], shown: Shown): readonly Line[] {
  const { rows, how } = placesOf(tables, shown.on, shown.width);
  const several = new Set(tables.map(({ database }) => database)).size > 1;
  return tables.map((table, index) => {
    const { sign, tone } = signOf(table);
    const name = several ? `${table.database}.${table.table}` : table.table;
    return columns(signs, [
      { content: say(index === shown.cursor ? `${signs.cursor} ` : '  ', 'accent'), width: 2 },
      { content: [say(signs[sign], tone), say(` ${name}`, dimmed(table))], width: rows - 2, cut: 'middle' },
      { content: table.rows === undefined ? '' : count(table.rows), width: rowsWidth, align: 'right' },
      {
        content: table.here === undefined ? (shown.on === 'run' ? '-' : '') : count(table.here),
        width: how - rows - rowsWidth - 2,
        align: 'right',
      },
      { content: '  ', width: 2 },
      { content: say(howWord(table), table.how === 'as-is' ? 'warn' : dimmed(table)), width: 10 },
      { content: detailOf(signs, table), width: Math.max(0, shown.width - how - 10) },
    ]);
  });
}

const rowsWidth = 11;

function placesOf(
  tables: readonly TableToCopy[],
  on: Shown['on'],
  width: number,
): { readonly rows: number; readonly how: number } {
  const several = new Set(tables.map(({ database }) => database)).size > 1;
  const longest = Math.max(
    8,
    ...tables.map(({ database, table }) => widthOf(several ? `${database}.${table}` : table)),
  );
  const rows = Math.min(longest, width < 80 ? 16 : 28) + 5;
  return { rows, how: rows + rowsWidth + 2 + (on === 'run' ? 11 : 0) };
}

function signOf({ how, state }: TableToCopy): { readonly sign: Sign; readonly tone: Tone } {
  if (how === 'as-is' && state !== 'running') return { sign: 'finding', tone: 'warn' };
  switch (state) {
    case 'running':
      return { sign: 'running', tone: 'accent' };
    case 'done':
      return how === 'excluded' ? { sign: 'nothing', tone: 'dim' } : { sign: 'done', tone: 'ok' };
    case 'to-come':
      return how === 'excluded' ? { sign: 'nothing', tone: 'dim' } : { sign: 'pending', tone: 'text' };
    default:
      return unreachable(state);
  }
}

function dimmed({ how }: TableToCopy): Tone {
  return how === 'excluded' ? 'dim' : 'text';
}

function howWord({ how }: TableToCopy): string {
  if (how === 'not-known') return '';
  return how === 'as-is' ? 'as is' : how;
}

function detailOf(signs: Signs, table: TableToCopy): Line {
  const { columns: ruled, state, rows = 0, here = 0 } = table;
  if (state === 'running' && rows > 0) return bar(signs, { share: here / rows, width: 18 });
  const open = ruled.find((one) => one.rule === 'none');
  if (open) {
    const looks = open.looksLike === undefined ? '' : ` and looks like ${open.looksLike}`;
    return [say(`${open.column} has no rule${looks}`, 'warn')];
  }
  const said = ruled.filter((one) => one.rule !== 'keep').map((one) => `${one.column} ${one.rule}`);
  return [say(said.join(', '), 'dim')];
}
