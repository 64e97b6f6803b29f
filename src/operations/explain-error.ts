import { unreachable } from '../lib/unreachable.ts';
import { addColumn } from './causes/add-column.ts';
import { alreadyThere } from './causes/already-there.ts';
import { check } from './causes/check.ts';
import type { Failure, Suspect, Suspicion } from './causes/failure.ts';
import { foreignKey } from './causes/foreign-key.ts';
import { limits } from './causes/limits.ts';
import { notNull } from './causes/not-null.ts';
import { notThere } from './causes/not-there.ts';
import { otherEngine } from './causes/other-engine.ts';
import * as postgres from './causes/postgres/suspects.ts';
import { stillUsed } from './causes/still-used.ts';
import { storage } from './causes/storage.ts';
import { syntax } from './causes/syntax.ts';
import { unique } from './causes/unique.ts';
import { valueType } from './causes/value-type.ts';

/**
 * From the error of a statement to its cause and what to do next: at once, or with a question to the database that
 * `Suspicion` names. Undefined when the error is none that is known.
 */
export function explainError(failure: Failure): Suspicion | undefined {
  for (const suspect of suspectsOf(failure.dialect)) {
    const found = suspect(failure);
    if (found) return found;
  }
  return undefined;
}

function suspectsOf(dialect: Failure['dialect']): readonly Suspect[] {
  switch (dialect) {
    case 'libsql':
    case 'd1':
      return ofSqlite;
    case 'postgres':
      return ofPostgres;
    default:
      return unreachable(dialect);
  }
}

/** The more particular words first. */
const ofSqlite: readonly Suspect[] = [
  storage,
  limits,
  stillUsed,
  alreadyThere,
  notThere,
  addColumn,
  notNull,
  unique,
  check,
  foreignKey,
  valueType,
  otherEngine,
  syntax,
];

/** Told by their SQLSTATE, so that the server's language makes no difference. */
const ofPostgres: readonly Suspect[] = [
  postgres.server,
  postgres.permission,
  postgres.transaction,
  postgres.extension,
  postgres.stillUsed,
  postgres.alreadyThere,
  postgres.notThere,
  postgres.notNull,
  postgres.unique,
  postgres.check,
  postgres.foreignKey,
  postgres.valueType,
  postgres.syntax,
  syntax,
];
