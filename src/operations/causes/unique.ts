import { quantity } from '../../lib/numbers.ts';
import { sayName, sayTokens } from '../../schema/wording.ts';
import { classify } from '../../sql/classify.ts';
import { cursorOver, isWord, splitAtCommas } from '../../sql/cursor.ts';
import { indexedColumn } from '../../sql/table-definition.ts';
import { known, placeOf, type Failure, type Suspect, type Suspicion } from './failure.ts';
import { queryCommand } from './query-command.ts';
import { selectFrom, writtenRows } from './written-rows.ts';

/** Values that may be there once only. */
export const unique: Suspect = (failure) => {
  const [, said] = /^(?:UNIQUE|PRIMARY KEY) constraint failed: (.+)$/.exec(failure.message) ?? [];
  if (said === undefined) return undefined;
  const kind = classify(failure.sql ?? '');
  if (kind.kind === 'create-index') return ofNewIndex(failure, kind.table, kind.index);
  const columns = said.startsWith('index ')
    ? []
    : said.split(', ').map((one) => one.slice(one.lastIndexOf('.') + 1));
  const table = said.startsWith('index ') ? said.slice(6) : said.slice(0, said.indexOf('.'));
  return (
    (columns.length > 0 ? amongWritten(failure, table, columns) : undefined) ??
    known(
      `A row with the same ${columns.length > 0 ? columns.join(' and ') : 'key'} is in ${table} already, or the statement writes it twice`,
      `Take the row out of ${placeOf(failure)}, or say what is to happen with ON CONFLICT (…) DO NOTHING or DO UPDATE.`,
    )
  );
};

function ofNewIndex(failure: Failure, table: string, index: string): Suspicion | undefined {
  const rows = writtenRows(failure);
  const keys = keysOf(failure.sql ?? '');
  return rows && keys.length > 0
    ? grouped(failure, {
        rows,
        keys,
        why: (many) => `${many} of ${table} share ${keys.join(' and ')}, which ${index} lets each have once`,
        fix: `Make them differ, or remove all but one of each, in a statement before it in ${placeOf(failure)}.`,
      })
    : undefined;
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

function amongWritten(failure: Failure, table: string, columns: readonly string[]): Suspicion | undefined {
  const rows = writtenRows(failure);
  const keys = columns.map((column) => rows?.value(column) ?? sayName(column, 'display'));
  if (!rows || columns.some((column) => rows.value(column) === undefined)) return undefined;
  return grouped(failure, {
    rows,
    keys,
    why: (many) => `${many} would share ${columns.join(' and ')} in ${table}, where each may be there once`,
    fix: `Leave out all but one of each, or make them differ, in ${placeOf(failure)}.`,
  });
}

interface Grouped {
  readonly rows: NonNullable<ReturnType<typeof writtenRows>>;
  readonly keys: readonly string[];
  readonly why: (many: string) => string;
  readonly fix: string;
}

/** NULL is never equal to NULL in a unique key. */
function grouped(failure: Failure, { rows, keys, why, fix }: Grouped): Suspicion {
  const filled = keys.map((key) => `${key} IS NOT NULL`).join(' AND ');
  const by = keys.join(', ');
  const groups = `GROUP BY ${by} HAVING count(*) > 1`;
  const counted = selectFrom(rows, `${by}, count(*) AS rows`, `${filled} ${groups}`);
  const shown = queryCommand(failure, counted, rows.tables);
  const inner = selectFrom({ ...rows, prefix: '' }, 'count(*) AS c', `${filled} ${groups}`);
  return {
    kind: 'rows',
    sql: `${rows.prefix}SELECT coalesce(sum(c), 0) AS n, count(*) AS groups FROM (${inner})`,
    say: (found) => ({
      why:
        found && found.n > 0
          ? why(`${quantity(found.n, 'row')} (${quantity(found.groups, 'group')})`)
          : why('Some rows'),
      next: shown === undefined ? fix : `${shown} shows them. ${fix}`,
    }),
  };
}
