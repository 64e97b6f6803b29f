import { classify } from '../../../sql/classify.ts';
import { known, shownBy, type Failure, type Suspect, type Suspicion } from '../failure.ts';
import { showing } from '../query-command.ts';
import { spellingOf } from '../spelling.ts';
import { saidRows } from './said-rows.ts';

const { name, table: tableName, meant } = spellingOf('postgres');

/** A value that the type of its column does not take, and a change of type that the server does not make by itself. */
export const valueType: Suspect = (failure) => {
  const { code } = failure;
  // datatype_mismatch
  if (code === '42804') return otherType(failure);
  if (!misfits.has(code)) return undefined;
  const kind = classify(failure.sql ?? '');
  if (kind.kind === 'alter-table' && kind.action.kind === 'set-type') {
    return inColumn(failure, kind.table, kind.action);
  }
  return known(
    misfits.get(code) ?? '',
    `Convert or leave out those values, or choose another type, in ${failure.migration.tag}.`,
  );
};

// https://www.postgresql.org/docs/18/errcodes-appendix.html, class 22.
const misfits: ReadonlyMap<string, string> = new Map([
  ['22P02', 'A value is not written as its type wants it'],
  ['22001', 'A value is longer than its column takes'],
  ['22003', 'A number is out of the range of its type'],
  ['22007', 'A value is no date or time of a kind that PostgreSQL reads'],
  ['22008', 'A value is a date or time that there is not, or that is out of range'],
  ['22012', 'A number is divided by zero'],
]);

interface NewType {
  readonly column: string;
  readonly type: string;
}

function inColumn(failure: Failure, table: string, { column, type }: NewType): Suspicion {
  const sql = failure.sql ?? '';
  const [of, in_] = [meant(table, sql), meant(column, sql)];
  const condition = misfit(failure.code, name(in_), type);
  const fix = `Change those values with an UPDATE before it, or let USING convert them, in ${failure.migration.tag}.`;
  const what = `${of}.${in_} hold a value that ${type} does not take`;
  if (condition === undefined) return known(`Rows of ${what}`, fix);
  const from = `FROM ${tableName(of)} WHERE ${condition}`;
  return {
    kind: 'rows',
    sql: `SELECT count(*) AS n ${from}`,
    shows: showing(failure, `SELECT * ${from}`, { tables: [of], prefix: '', only: undefined }),
    say: (found, commands) => ({
      why: `${saidRows(found, of, 'has', 'have')} a value in ${in_} that ${type} does not take`,
      next: shownBy(commands, fix),
    }),
  };
}

/** What tells such a value; a server before PostgreSQL 16 cannot answer the first. */
function misfit(code: string, column: string, type: string): string | undefined {
  if (code === '22001') {
    const size = /^(?:character varying|varchar|character|char)\s*\((\d+)\)$/i.exec(type)?.[1];
    return size === undefined ? undefined : `length(${column}::text) > ${size}`;
  }
  if (code === '22003') return undefined;
  return /^[\w ()[\],".]+$/.test(type)
    ? `NOT pg_input_is_valid(${column}::text, '${type.replace(/^"public"\./, '')}')`
    : undefined;
}

function otherType(failure: Failure): Suspicion | undefined {
  const { tag } = failure.migration;
  const kind = classify(failure.sql ?? '');
  if (kind.kind !== 'alter-table') {
    return known(
      'An expression is of another type than the column that it goes into',
      `Cast it (… ::type), in ${tag}.`,
    );
  }
  const { action } = kind;
  if (action.kind === 'set-type') {
    return known(
      action.using
        ? `The default of ${action.column}, or what USING gives, is not of the type ${action.type} and is not converted to it by itself`
        : `PostgreSQL does not turn what is in ${action.column}, or its default, into ${action.type} by itself`,
      `Say how in ${tag}: … SET DATA TYPE ${action.type} USING ${name(action.column)}::${action.type}; a default is dropped before it and set again after it.`,
    );
  }
  if (action.kind !== 'add-constraint' || action.is !== 'foreign-key') return undefined;
  return known(
    `The columns of the key and those of ${action.clause?.parent ?? 'the other table'} are of types that cannot be compared`,
    `Give both the same type, in ${tag}.`,
  );
}
