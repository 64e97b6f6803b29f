import { quantity } from '../lib/numbers.ts';
import { foldName } from '../sql/cursor.ts';
import { mayHoldRows } from './filled.ts';
import type { Remark, RuleInput } from './rule.ts';

/**
 * What is said of a statement that goes through a whole table while others wait: nothing where the table is made by
 * the same plan or small, a note where nobody counted, a warning where it takes long.
 */
export function onLargeTable(at: RuleInput, table: string, message: string): Remark | undefined {
  if (!mayHoldRows(at, table)) return undefined;
  const rows = at.rows.get(foldName(table));
  if (rows === undefined) return { message, severity: 'info' };
  if (rows < quick) return undefined;
  const said = `${message} ${table} has about ${quantity(rows, 'row')}.`;
  return { message: said, severity: rows < slow ? 'info' : 'warning' };
}

/** A million short rows are written anew in seconds, and ten thousand in less than others notice. */
const quick = 10_000;
const slow = 1_000_000;
