import { classify, partsOf } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { rebuildsIn } from '../../sql/rebuilds.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';

type Statements = readonly { readonly sql: string }[];

/** The statements, by number from 1, that change rows for their own sake: not those that a rebuild copies over. */
export function rowChangesIn(statements: Statements): readonly number[] {
  const copies = new Set(rebuildsIn(statements).flatMap((rebuild) => rebuild.copies));
  return statements.flatMap(({ sql }, index) => {
    const isChange = partsOf(classify(sql)).some(({ kind }) => changes.has(kind));
    return isChange && !copies.has(index + 1) ? [index + 1] : [];
  });
}

const changes: ReadonlySet<StatementKind['kind']> = new Set([
  'insert',
  'update',
  'delete',
  'truncate',
  'merge',
  'copy',
]);

/** The tables that statements work on, in lower case. */
export function tablesWorkedOn(statements: Statements): ReadonlySet<string> {
  return new Set(statements.flatMap(({ sql }) => tablesIn(sql)).map(foldName));
}

function tablesIn(sql: string): readonly string[] {
  return partsOf(classify(sql)).flatMap(tablesOf);
}

function tablesOf(kind: StatementKind): readonly string[] {
  const named = 'table' in kind ? [kind.table] : 'tables' in kind ? kind.tables : [];
  const read = 'from' in kind && kind.from ? kind.from : [];
  const renamed = kind.kind === 'alter-table' && kind.action.kind === 'rename-table' ? [kind.action.to] : [];
  return [...named, ...read, ...renamed];
}
