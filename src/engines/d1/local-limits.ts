import { constants, type DatabaseSync } from 'node:sqlite';
import { d1Limits, refusedFunctions } from '../../sql/d1-rules.ts';

/**
 * Runs something under the limits that workerd sets on its SQLite, and with what its authorizer refuses refused here.
 * Older lines of Node have neither on a connection; there the texts alone are looked at (`refusedByD1`).
 */
export function underD1Limits<T>(db: DatabaseSync, run: () => T): T {
  const before = 'limits' in db ? { ...db.limits } : undefined;
  if ('limits' in db) Object.assign(db.limits, engineLimits);
  if ('setAuthorizer' in db) db.setAuthorizer(authorize);
  try {
    return run();
  } finally {
    if ('setAuthorizer' in db) db.setAuthorizer(null);
    if (before) Object.assign(db.limits, before);
  }
}

const engineLimits = {
  sqlLength: d1Limits.statement,
  column: d1Limits.columns,
  exprDepth: 100,
  compoundSelect: d1Limits.compoundTerms,
  functionArg: 127,
  likePatternLength: 50,
  variableNumber: d1Limits.parameters,
  triggerDepth: 10,
};

function authorize(action: number, _first: string | null, second: string | null): number {
  if (refusedActions.has(action)) return constants.SQLITE_DENY;
  if (action === constants.SQLITE_FUNCTION && refusedFunctions.has((second ?? '').toLowerCase())) {
    return constants.SQLITE_DENY;
  }
  return constants.SQLITE_OK;
}

const refusedActions = new Set([
  constants.SQLITE_TRANSACTION,
  constants.SQLITE_SAVEPOINT,
  constants.SQLITE_ATTACH,
  constants.SQLITE_DETACH,
  constants.SQLITE_CREATE_TEMP_INDEX,
  constants.SQLITE_CREATE_TEMP_TABLE,
  constants.SQLITE_CREATE_TEMP_TRIGGER,
  constants.SQLITE_CREATE_TEMP_VIEW,
]);
