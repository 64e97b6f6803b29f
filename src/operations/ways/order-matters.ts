import { classify } from '../../sql/classify.ts';
import { foldName, isName, sameName } from '../../sql/cursor.ts';
import { meaningfulTokens, nameOf } from '../../sql/tokens.ts';
import { latest, type HalfRun } from './half-run.ts';
import { statementNamed } from './words.ts';

/**
 * Each of the statements behind a point may do nothing when it runs a second time, and still one of them may see what a
 * later one left there the first time. Why that is so, where the text does not rule it out.
 */
export function seesLater(half: HalfRun, from: number): string | undefined {
  const { statements } = half.migration;
  for (let later = from + 2; later <= latest(half); later += 1) {
    const table = writtenBy(statements[later - 1]?.sql ?? '');
    if (table === undefined || !isThere(half, from, table)) continue;
    for (let number = from + 1; number < later; number += 1) {
      const sql = statements[number - 1]?.sql ?? '';
      if (!looksAt(half, { number, sql, table })) continue;
      const other = statementNamed(later, statements[later - 1]?.sql ?? '');
      return `${statementNamed(number, sql)} would run behind what ${other} may have left in ${table}`;
    }
  }
  return undefined;
}

function writtenBy(sql: string): string | undefined {
  const kind = classify(sql);
  return kind.kind === 'insert' || kind.kind === 'update' || kind.kind === 'delete' ? kind.table : undefined;
}

function isThere({ points }: HalfRun, from: number, table: string): boolean {
  return points[from]?.objects.some(({ type, name }) => type === 'table' && sameName(name, table)) === true;
}

interface Looking {
  readonly number: number;
  readonly sql: string;
  readonly table: string;
}

/** Whether a statement that works on rows names the table, or a view that may show it. */
function looksAt({ points }: HalfRun, { number, sql, table }: Looking): boolean {
  const kind = classify(sql);
  const worksOnRows =
    writtenBy(sql) !== undefined || (kind.kind === 'create-table' && kind.from !== undefined);
  if (!worksOnRows) return false;
  const names = new Set(
    meaningfulTokens(sql)
      .filter(isName)
      .map((token) => foldName(nameOf(token))),
  );
  const views = (points[number - 1]?.objects ?? []).filter(({ type }) => type === 'view');
  return names.has(foldName(table)) || views.some(({ name }) => names.has(foldName(name)));
}
