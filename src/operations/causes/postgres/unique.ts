import { classify } from '../../../sql/classify.ts';
import { known, type Failure, type Found, type Suspect, type Suspicion } from '../failure.ts';
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
  const areColumns = keys.every((key) => /^[a-z_][a-z0-9_]*$/.test(key));
  return (
    (areColumns ? amongChanged(failure, table, keys) : undefined) ??
    known(
      `A row with the same ${keys.length > 0 ? keys.join(' and ') : 'key'} is in ${table} already, or the statement writes it twice`,
      `Take the row out of ${migration.tag}, or say what is to happen with ON CONFLICT (…) DO NOTHING or DO UPDATE.`,
    )
  );
};

/** PostgreSQL checks each row as it is written, so that rows may be in one another's way which are not in the end. */
function amongChanged(failure: Failure, table: string, keys: readonly string[]): Suspicion | undefined {
  const found = amongWritten(failure, table, keys);
  if (found?.kind !== 'rows') return found;
  const passing = {
    why: `A row of ${table} gets the ${keys.join(' and ')} of another that is yet to be changed: PostgreSQL checks each row as it is written`,
    next: `Change them in two steps, over values that are free, in ${failure.migration.tag}; or make the constraint DEFERRABLE INITIALLY DEFERRED.`,
  };
  return {
    ...found,
    say: (counted: Found | undefined, commands: readonly string[]) =>
      counted?.n === 0 ? passing : found.say(counted, commands),
  };
}

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
