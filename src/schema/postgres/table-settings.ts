import type { TableRow } from './catalogue-rows.ts';
import { idOf } from './ids.ts';
import type { Reading } from './reading.ts';

/** What stands behind the columns of a table, in PostgreSQL's order. */
export function tableFoot(row: TableRow): readonly string[] {
  const parents = row.isPartition ? [] : (row.parents ?? []).map(([, sql]) => sql);
  const options = [
    ...(row.options ?? []),
    ...(row.toastOptions ?? []).map((option) => `toast.${option}`),
  ].toSorted();
  return [
    ...(parents.length === 0 ? [] : [`INHERITS (${parents.join(', ')})`]),
    ...(row.partitionKey === null ? [] : [`PARTITION BY ${row.partitionKey}`]),
    ...(row.method === null ? [] : [`USING ${row.method}`]),
    ...(options.length === 0 ? [] : [`WITH (${options.map(optionText).join(', ')})`]),
  ];
}

/** `fillfactor=70` → `fillfactor='70'`: a value may be any text. */
export function optionText(option: string): string {
  const at = option.indexOf('=');
  return `${option.slice(0, at)}='${option.slice(at + 1).replaceAll("'", "''")}'`;
}

/** What is said of a table once it is there, each with what else it needs. */
export function tableSettings(
  row: TableRow,
  reading: Reading,
): readonly { readonly sql: string; readonly needs: readonly string[] }[] {
  const alter = `ALTER TABLE ${row.sql}`;
  const plain = (sql: string) => ({ sql: `${alter} ${sql}`, needs: [] });
  const onIndex = (sql: string, oid: string) => ({ sql: `${alter} ${sql}`, needs: [idOf.relation(oid)] });
  const indexes = reading.indexesOf(row.oid);
  return [
    ...(row.ofType === null ? [] : [plain(`OF ${row.ofType}`)]),
    ...(row.rowSecurity ? [plain('ENABLE ROW LEVEL SECURITY')] : []),
    ...(row.forceRowSecurity ? [plain('FORCE ROW LEVEL SECURITY')] : []),
    ...(row.identity === 'f' ? [plain('REPLICA IDENTITY FULL')] : []),
    ...(row.identity === 'n' ? [plain('REPLICA IDENTITY NOTHING')] : []),
    ...indexes.flatMap(({ oid, name, isIdentity }) =>
      isIdentity && row.identity === 'i'
        ? [onIndex(`REPLICA IDENTITY USING INDEX ${quoted(name)}`, oid)]
        : [],
    ),
    ...indexes.flatMap(({ oid, name, clustered }) =>
      clustered ? [onIndex(`CLUSTER ON ${quoted(name)}`, oid)] : [],
    ),
  ];
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
