import { classify } from '../../../sql/classify.ts';
import { known, type Failure, type Suspect } from '../failure.ts';
import { spellingOf } from '../spelling.ts';
import { amongWritten, shared } from '../unique.ts';
import { writtenRows, type WrittenRows } from '../written-rows.ts';
import { tableOf } from './said.ts';

/** unique_violation, when an index or a constraint is made or when rows are written; and exclusion_violation. */
export const unique: Suspect = (failure) => {
  const { code, migration } = failure;
  const table = tableOf(failure);
  if (code === '23P01') {
    return known(
      `Two rows${table === undefined ? '' : ` of ${table}`} exclude one another, as ${failure.named?.constraint ?? 'the constraint'} says`,
      `Change one of them in a statement before it, or the constraint, in ${migration.tag}.`,
    );
  }
  if (code !== '23505' || table === undefined) return undefined;
  const keys = failure.named?.keys ?? [];
  const inNew = inNewKey(failure, table, keys);
  if (inNew) return inNew;
  return (
    (keys.every((key) => /^[a-z_][a-z0-9_]*$/.test(key)) ? amongWritten(failure, table, keys) : undefined) ??
    known(
      `A row with the same ${keys.length > 0 ? keys.join(' and ') : 'key'} is in ${table} already, or the statement writes it twice`,
      `Take the row out of ${migration.tag}, or say what is to happen with ON CONFLICT (…) DO NOTHING or DO UPDATE.`,
    )
  );
};

function inNewKey(failure: Failure, table: string, keys: readonly string[]) {
  const rows = rowsUnder(failure, table);
  if (!rows || keys.length === 0) return undefined;
  const maker = failure.named?.constraint ?? 'the key';
  return shared(failure, {
    rows,
    keys,
    beside: undefined,
    why: (many) => `${many} of ${table} share ${keys.join(' and ')}, which ${maker} lets each have once`,
    fix: `Make them differ, or remove all but one of each, in a statement before it in ${failure.migration.tag}.`,
  });
}

/** The rows that a new index, or a new key of a table, is over. */
function rowsUnder(failure: Failure, table: string): WrittenRows | undefined {
  const kind = classify(failure.sql ?? '');
  if (kind.kind === 'create-index') return writtenRows(failure);
  if (kind.kind !== 'alter-table' || kind.action.kind !== 'add-constraint') return undefined;
  const { name, table: tableName } = spellingOf('postgres');
  return { from: tableName(table), prefix: '', only: undefined, tables: [table], value: name };
}
