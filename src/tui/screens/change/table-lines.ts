import type { Signs } from '../../../lib/signs.ts';
import type { Account, AccountOfTable } from '../../../operations/consent/account.ts';
import { tableLines, tablesTitle } from '../../present/copied-tables.ts';
import { columns } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { tablesToCopy } from '../../present/run-tables.ts';
import type { ChangeState } from './state.ts';

/** Every table of the source, the one under the cursor with its columns; and the row of the cursor. */
export function copiedTableLines(
  signs: Signs,
  { place, copying }: Pick<ChangeState, 'place' | 'copying'>,
  { tables = [] }: Account,
  width: number,
): { readonly lines: readonly Line[]; readonly cursor: number } {
  const shown = {
    width,
    on: 'review',
    cursor: place.column === undefined ? place.table : undefined,
  } as const;
  const known = tablesToCopy(tables);
  const rows = tableLines(signs, known, shown);
  const open = (tables[place.table]?.columns ?? []).map((column, index) =>
    columnLine(signs, column, {
      width,
      here: index === place.column,
      answered: copying.asIs.includes(`${tables[place.table]?.table}.${column.column}`),
    }),
  );
  return {
    lines: [
      tablesTitle(signs, known, shown),
      ...rows.slice(0, place.table + 1),
      ...open,
      ...rows.slice(place.table + 1),
    ],
    // On a table its columns are in sight, too, as far as they fit.
    cursor: 1 + place.table + (place.column === undefined ? Math.min(open.length, 6) : place.column + 1),
  };
}

function columnLine(
  signs: Signs,
  { column, rule, looksLike }: AccountOfTable['columns'][number],
  { width, here, answered }: { readonly width: number; readonly here: boolean; readonly answered: boolean },
): Line {
  const open = rule === 'none' && !answered;
  const name = Math.min(28, Math.floor(width / 3));
  return columns(signs, [
    { content: say(here ? `${signs.cursor} ` : '  ', 'accent'), width: 2 },
    { content: say(`    ${column}`, open ? 'warn' : 'text'), width: name, cut: 'middle' },
    { content: say(` ${ruleWords(rule, answered)}`, open ? 'warn' : 'text'), width: 12 },
    {
      content: say(looksLike === undefined ? '' : ` looks like ${looksLike}`, 'dim'),
      width: Math.max(0, width - name - 14),
    },
  ]);
}

function ruleWords(rule: AccountOfTable['columns'][number]['rule'], answered: boolean): string {
  if (rule === 'none') return answered ? 'as it is' : 'no rule';
  return rule;
}
