import { quantity } from '../../lib/numbers.ts';
import { sayTokens } from '../../schema/wording.ts';
import { classify } from '../../sql/classify.ts';
import { cursorOver, isWord, splitAtCommas } from '../../sql/cursor.ts';
import { indexedColumn } from '../../sql/table-definition.ts';
import { known, shownBy, type Failure, type Suspect, type Suspicion } from './failure.ts';
import { showing } from './query-command.ts';
import { spellingOf } from './spelling.ts';
import { selectFrom, writtenRows, type WrittenRows } from './written-rows.ts';

/** Values that may be there once only. */
export const unique: Suspect = (failure) => {
  const [, said] = /^(?:UNIQUE|PRIMARY KEY) constraint failed: (.+)$/.exec(failure.message) ?? [];
  if (said === undefined) return undefined;
  const kind = classify(failure.sql ?? '');
  if (kind.kind === 'create-index') return ofNewIndex(failure, kind.table, kind.index);
  const { table, columns } = keyIn(said);
  return (
    amongWritten(failure, table, columns) ??
    known(
      `A row with the same ${columns.length > 0 ? columns.join(' and ') : 'key'} is in ${table} already, or the statement writes it twice`,
      `Take the row out of ${failure.migration.tag}, or say what is to happen with ON CONFLICT (…) DO NOTHING or DO UPDATE.`,
    )
  );
};

/** `t.a, t.b`, or `index 'name'` where the index is over an expression. */
function keyIn(said: string): { readonly table: string; readonly columns: readonly string[] } {
  if (said.startsWith('index ')) return { table: said, columns: [] };
  const columns = said.split(', ').map((one) => one.slice(one.lastIndexOf('.') + 1));
  return { table: said.slice(0, said.indexOf('.')), columns };
}

function ofNewIndex(failure: Failure, table: string, index: string): Suspicion | undefined {
  const rows = writtenRows(failure);
  const keys = keysOf(failure.sql ?? '');
  if (!rows || keys.length === 0) return undefined;
  return shared(failure, {
    rows,
    keys,
    beside: undefined,
    why: (many) => `${many} of ${table} share ${keys.join(' and ')}, which ${index} lets each have once`,
    fix: `Make them differ, or remove all but one of each, in a statement before it in ${failure.migration.tag}.`,
  });
}

/** The columns or expressions of CREATE INDEX … ON table (…). */
function keysOf(sql: string): readonly string[] {
  const cursor = cursorOver(sql);
  while (!cursor.atEnd && !isWord(cursor.peek(), 'ON')) cursor.token();
  cursor.takes('ON');
  cursor.qualifiedName();
  return splitAtCommas(cursor.group() ?? []).map((part) =>
    sayTokens(indexedColumn(part).expression, { style: 'display' }),
  );
}

/** Of the rows that a statement writes, those that share a key with one another or with what is there. */
export function amongWritten(
  failure: Failure,
  table: string,
  columns: readonly string[],
): Suspicion | undefined {
  const rows = writtenRows(failure);
  const keys = columns.flatMap((column) => rows?.value(column) ?? []);
  if (!rows || keys.length === 0 || keys.length < columns.length) return undefined;
  return shared(failure, {
    rows,
    keys,
    beside: besides(failure, rows, { table, columns }),
    why: (many) => `${many} would share ${columns.join(' and ')} in ${table}, where each may be there once`,
    fix: `Leave out all but one of each, or make them differ, in ${failure.migration.tag}.`,
  });
}

/** The keys of the rows that are there beside those that are written; undefined when those are all. */
function besides(
  failure: Failure,
  { only }: WrittenRows,
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
): string | undefined {
  const spelling = spellingOf(failure.dialect);
  const names = columns.map(spelling.name);
  const all = `SELECT ${names.join(', ')} FROM ${spelling.table(table)} WHERE ${allFilled(names)}`;
  if (classify(failure.sql ?? '').kind === 'insert') return all;
  return only === undefined
    ? undefined
    : `${all} AND (${only}) IS NOT ${failure.dialect === 'postgres' ? 'TRUE' : '1'}`;
}

export interface Shared {
  readonly rows: WrittenRows;
  /** As SQL. */
  readonly keys: readonly string[];
  readonly beside: string | undefined;
  readonly why: (many: string) => string;
  readonly fix: string;
}

/** Counts the rows that share a key, in groups. */
export function shared(failure: Failure, { rows, keys, beside, why, fix }: Shared): Suspicion {
  const by = keys.join(', ');
  const grouped = `${allFilled(keys)} GROUP BY ${by} HAVING count(*) > 1`;
  const bare = { ...rows, prefix: '' };
  const named = keys.map((key, index) => `${key} AS k${index + 1}`).join(', ');
  const written = selectFrom(bare, named, allFilled(keys));
  const both = beside === undefined ? written : `${written} UNION ALL ${beside}`;
  const groups = `SELECT count(*) AS c FROM (${both}) AS keyed GROUP BY ${keys
    .map((_, index) => index + 1)
    .map((at) => `k${at}`)
    .join(', ')} HAVING count(*) > 1`;
  return {
    kind: 'rows',
    sql: `${rows.prefix}SELECT coalesce(sum(c), 0) AS n, count(*) AS groups FROM (${groups}) AS shared`,
    shows: showing(failure, selectFrom(rows, `${by}, count(*) AS rows`, grouped), rows, keys),
    say: (found, commands) => ({
      why: why(
        found && found.n > 0
          ? `${quantity(found.n, 'row')} (${quantity(found.groups, 'group')})`
          : 'Some rows',
      ),
      next: shownBy(commands, fix),
    }),
  };
}

/** NULL is never equal to NULL in a unique key. */
const allFilled = (keys: readonly string[]) => keys.map((key) => `${key} IS NOT NULL`).join(' AND ');
