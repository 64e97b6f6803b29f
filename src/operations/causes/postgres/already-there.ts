import { classify } from '../../../sql/classify.ts';
import { taken } from '../already-there.ts';
import { known, type Failure, type Suspect } from '../failure.ts';
import { objectsIn, type Thing } from '../made-by.ts';
import { calledIn, quotedNames } from './said.ts';

/** A name that is taken: 42701 a column, 42P07 what shares the names of tables, 42710 and the others all else. */
export const alreadyThere: Suspect = (failure) => {
  if (failure.code === '42P16' && isSecondKey(failure)) {
    return known(
      'The table has a primary key already, and can have one only',
      `Drop the old key before it, or make a unique constraint of it, in ${failure.migration.tag}.`,
    );
  }
  const thing = codes.has(failure.code) ? thingIn(failure) : undefined;
  return thing && taken(failure, thing);
};

const codes = new Set(['42701', '42P07', '42710', '42P06', '42723']);

function thingIn({ message, sql = '', code }: Failure): Thing | undefined {
  const [name, table] = quotedNames(message);
  if (name === undefined) return undefined;
  const kind = classify(sql);
  const tables = 'table' in kind ? [kind.table] : table === undefined ? [] : [table];
  if (code === '42701') return { kind: 'column', name, tables };
  const isConstraint = kind.kind === 'alter-table' && kind.action.kind === 'add-constraint';
  if (isConstraint && code === '42710') return { kind: 'constraint', name, tables };
  return { kind: 'object', name: calledIn(name, objectsIn(kind)) };
}

function isSecondKey({ sql = '' }: Failure): boolean {
  const kind = classify(sql);
  return (
    kind.kind === 'alter-table' && kind.action.kind === 'add-constraint' && kind.action.is === 'primary-key'
  );
}
