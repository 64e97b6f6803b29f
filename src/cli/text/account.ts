import { count } from '../../lib/numbers.ts';
import type { Account, AccountOfTable } from '../../operations/consent/account.ts';
import type { RuledColumn } from '../../operations/copied-rows/copied-tables.ts';
import type { Style } from '../output/style.ts';
import { table, type Cell } from '../output/table.ts';

/** How each table would come over; nothing for a change that copies none. */
export function accountText({ tables, databases }: Account, style: Style): readonly string[] {
  if (!tables || tables.length === 0) return [];
  const several = databases.length > 1;
  const heading = ['', ...(several ? ['database'] : []), 'table', 'rows', 'how', ''].map((text): Cell => ({
    text,
    as: 'dim',
  }));
  const lines = tables.map((one): readonly Cell[] => [
    signOf(one, style),
    ...(several ? [one.database] : []),
    one.table,
    one.rows === undefined ? '-' : count(one.rows),
    howText[one.how],
    { text: one.columns.map(columnText).join(', '), as: one.how === 'as-is' ? 'warn' : 'dim' },
  ]);
  const columns = [
    {},
    ...(several ? [{ cut: 'middle' } as const] : []),
    { cut: 'middle' },
    { align: 'right' },
    {},
    { cut: 'end' },
  ] as const;
  return table([heading, ...lines], columns, style);
}

const howText = {
  kept: 'kept',
  masked: 'masked',
  'as-is': 'as it is',
  excluded: 'without rows',
  rebuilt: 'index made anew',
} as const;

function signOf({ how }: AccountOfTable, { signs }: Style): Cell {
  switch (how) {
    case 'as-is':
      return { text: signs.finding, as: 'warn' };
    case 'excluded':
      return { text: signs.nothing, as: 'dim' };
    case 'masked':
      return { text: signs.masked, as: 'ok' };
    case 'kept':
    case 'rebuilt':
      return { text: signs.pending, as: 'dim' };
  }
}

function columnText({ column, rule, looksLike }: RuledColumn): string {
  if (rule !== 'none') return `${column} ${rule}`;
  return `${column} has no rule and looks like ${looksLike ?? 'something personal'}`;
}
