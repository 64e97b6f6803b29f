import type { AccountOfTable } from '../../operations/consent/account.ts';
import type { RunEvent } from '../../operations/events.ts';
import type { TableToCopy } from './copied-tables.ts';

/** Tables that are to be copied, before their run began. */
export function tablesToCopy(tables: readonly AccountOfTable[]): readonly TableToCopy[] {
  return tables.map((table) => ({ ...table, state: 'to-come', here: undefined }));
}

/** What an event of a copy says of the tables. How a table comes over is known once its database is done, or from before. */
export function foldTables(before: readonly TableToCopy[], event: RunEvent): readonly TableToCopy[] {
  if (event.kind === 'progress' && event.table) {
    const { name, done, total } = event.table;
    const { database } = event;
    const known = before.find((one) => one.database === database && one.table === name);
    const now: TableToCopy = {
      ...(known ?? { database, table: name, how: 'not-known', columns: [] }),
      rows: total,
      here: done,
      state: done < total ? 'running' : 'done',
    };
    // One table after the other: whatever was at work in this database before is whole.
    const rest = before.map((one) =>
      one.database === database && one.state === 'running' ? whole(one) : one,
    );
    if (known) return rest.map((one) => (isSame(one, now) ? now : one));
    // Where all are known, another one is that of the records: it is no table of the person's.
    const all = before.some((one) => one.database === database && one.how !== 'not-known');
    return all ? rest : [...rest, now];
  }
  if (event.kind !== 'step-finished' || !event.tables) return before;
  const { database } = event;
  const told = event.tables.map(({ here, rows, ...table }): TableToCopy => ({
    ...table,
    database,
    rows,
    here,
    state: 'done',
  }));
  return [...before.filter((one) => one.database !== database), ...told];
}

function whole(table: TableToCopy): TableToCopy {
  return { ...table, here: table.rows, state: 'done' };
}

function isSame(a: TableToCopy, b: TableToCopy): boolean {
  return a.database === b.database && a.table === b.table;
}
