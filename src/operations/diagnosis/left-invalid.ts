import type { Migration } from '../../migrations/migration.ts';
import { isInvalidIndex } from '../../schema/invalid-index.ts';
import type { Schema, SchemaObject } from '../../schema/schema.ts';
import { classify } from '../../sql/classify.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { namedAlone } from '../../sql/postgres/stepwise.ts';

/** An index that a statement of a migration left without an end: `statement` is its number, from 1. */
export interface LeftInvalid {
  readonly index: string;
  readonly statement: number;
  /** `CREATE INDEX CONCURRENTLY` */
  readonly named: string;
}

/**
 * Indexes that are not valid and that a statement of the migration may have left so: what it builds or drops by name,
 * what it builds without one on a table, and what REINDEX puts beside an index until it is built.
 * https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY
 */
export function leftInvalid(
  { statements }: Pick<Migration, 'statements'>,
  { objects }: Schema,
): readonly LeftInvalid[] {
  return objects.filter(isInvalidIndex).flatMap((object) => {
    const at = statements.findIndex(({ sql }) => mayLeave(sql, object));
    const named = namedAlone(statements[at]?.sql ?? '');
    return named === undefined ? [] : [{ index: object.name, statement: at + 1, named }];
  });
}

function mayLeave(sql: string, object: SchemaObject): boolean {
  const named = namedAlone(sql);
  if (named === undefined) return false;
  if (named === 'REINDEX CONCURRENTLY') return /_cc(?:new|old)\d*$/.test(object.name);
  const kind = classify(sql);
  if (kind.kind === 'create-index' && kind.index === '') return sameName(kind.table, object.table);
  return namesIndex(sql, object);
}

/** Whether the statement makes or drops an index of that name. */
export function namesIndex(sql: string, object: SchemaObject): boolean {
  const kind = classify(sql);
  return (kind.kind === 'create-index' || kind.kind === 'drop-index') && isCalled(object, kind.index);
}

/** Where it is made an index goes by its bare name, in the schema of its table. */
function isCalled({ name }: SchemaObject, index: string): boolean {
  return sameName(name, index) || foldName(name).endsWith(`.${foldName(index)}`);
}
