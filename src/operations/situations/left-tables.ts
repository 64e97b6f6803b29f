import { quantity } from '../../lib/numbers.ts';
import { classify } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import { tablesWorkedOn } from '../evidence/row-changes.ts';

/** A table under the name that rebuilds use on the way: `__new_orders`, `__old_orders`. */
export interface LeftTable {
  readonly name: string;
  readonly rows: number;
  /** The table that it stands for; absent: there is none. */
  readonly of?: { readonly name: string; readonly rows: number };
}

/** Such tables that no migration which may still run is about: something else left them, and no way out is automatic. */
export function leftTables({ database, history, rebuildTables }: RecoveryInput): readonly RecoverableCase[] {
  const files = history.items.filter((item) => 'migration' in item);
  const statementsOf = (which: 'recorded' | 'open') =>
    files.flatMap((item) =>
      'entry' in item === (which === 'recorded') ? [...item.migration.statements] : [],
    );
  const explained = new Set([...tablesWorkedOn(statementsOf('open')), ...madeBy(statementsOf('recorded'))]);
  return (rebuildTables ?? [])
    .filter(({ name }) => !explained.has(foldName(name)))
    .map((table) => ({ shown: shownCase(database, table), ways: new Map() }));
}

function shownCase(database: string, table: LeftTable): RecoverableCase['shown'] {
  const { name, rows, of } = table;
  const stands = standsFor(name);
  return {
    situation: 'left-tables',
    database,
    tag: name,
    verdict: 'a table of a rebuild that no migration explains',
    evidence: [
      `${name} has ${quantity(rows, 'row')}.`,
      of ? `${of.name} has ${quantity(of.rows, 'row')}.` : `There is no table ${stands}.`,
    ],
    meaning: [
      of
        ? `Somebody rebuilt ${stands} and did not come to the end, or cleaned up only in part: rows may be in one of the two and not in the other.`
        : `It may hold the only copy of the rows of ${stands}.`,
      rows === 0 && of
        ? `It is empty: a migration of its own with DROP TABLE IF EXISTS ${name} takes it away.`
        : `Nothing is done about it here. Once its rows are known to be in ${stands}, a migration of its own with DROP TABLE IF EXISTS ${name} takes it away.`,
    ],
    options: [],
  };
}

/** Tables that are there when all of these have run, in lower case. */
function madeBy(statements: readonly { readonly sql: string }[]): ReadonlySet<string> {
  const there = new Set<string>();
  for (const { sql } of statements) {
    const kind = classify(sql);
    if (kind.kind === 'create-table') there.add(foldName(kind.table));
    if (kind.kind === 'drop-table') there.delete(foldName(kind.table));
    if (kind.kind !== 'alter-table' || kind.action.kind !== 'rename-table') continue;
    there.delete(foldName(kind.table));
    there.add(foldName(kind.action.to));
  }
  return there;
}

/** `__new_orders` → `orders`. */
export function standsFor(name: string): string {
  return name.replace(/^__(?:new|old)_/i, '');
}
