import { count } from '../../lib/numbers.ts';
import { d1Limits } from '../../sql/d1-rules.ts';
import { known, type Failure, type Suspect, type Suspicion } from './failure.ts';

/** The statement is more than the database takes at once. */
export const limits: Suspect = (failure) => {
  const { code, message } = failure;
  if (
    code.startsWith('SQLITE_TOOBIG') ||
    /statement too long|string or blob too big|takes no statement above/i.test(message)
  ) {
    return tooBig(failure);
  }
  if (/^too many columns|takes no table with more than/i.test(message)) {
    return known(
      `A table may have ${failure.dialect === 'd1' ? `${d1Limits.columns} columns in D1` : '2,000 columns'}`,
      `Put the columns that belong together into a table of their own, in ${failure.migration.tag}.`,
    );
  }
  if (/^too many terms in compound SELECT|takes no more than \d+ SELECTs/i.test(message)) {
    return known(
      `${failure.dialect === 'd1' ? `D1 joins at most ${d1Limits.compoundTerms}` : 'SQLite joins at most 500'} SELECTs with UNION, INTERSECT or EXCEPT`,
      `Split it into several statements, in ${failure.migration.tag}.`,
    );
  }
  if (/^Expression tree is too large/i.test(message)) {
    return known(
      `An expression is nested deeper than ${failure.dialect === 'd1' ? 'the 100 levels of D1' : 'the 1,000 levels of SQLite'}`,
      `Split the expression, or the statement, in ${failure.migration.tag}.`,
    );
  }
  return undefined;
};

function tooBig(failure: Failure): Suspicion {
  const size = failure.sql === undefined ? 0 : Buffer.byteLength(failure.sql);
  const isText = failure.dialect === 'd1' && size > d1Limits.statement;
  if (isText) {
    return known(
      `The statement has ${count(size)} bytes, and D1 takes ${count(d1Limits.statement)}`,
      `Split it: an INSERT of many rows into several of fewer, in ${failure.migration.tag}.`,
    );
  }
  return known(
    failure.dialect === 'd1'
      ? 'One of its values, or a row, is larger than the 2 MB that D1 takes'
      : 'One of its values, or a row, is larger than the 1,000,000,000 bytes that SQLite takes',
    `Leave the value out, or keep it in a file beside the database, and change ${failure.migration.tag}.`,
  );
}
