import { MigrateError } from '../lib/errors.ts';
import { meaningfulTokens, type Token } from '../sql/tokens.ts';
import { refuseStatement } from './one-statement.ts';

/**
 * Throws `MigrateError` `refused` for anything but a statement that reads. It stands before every reader: a remote
 * server has no mode that refuses writes, and even a file opened for reading lets `VACUUM INTO` write another file.
 */
export function refuseWrite(sql: string, location: string): void {
  const wrong = refuseStatement(sql);
  if (wrong) throw refused(location, wrong.message);
  const tokens = meaningfulTokens(sql);
  if (!reads(tokens)) throw refused(location, whyNot(tokens[0]));
}

/** Whether it is one statement that does nothing but read. */
export function readsOnly(sql: string): boolean {
  return refuseStatement(sql) === undefined && reads(meaningfulTokens(sql));
}

function refused(location: string, why: string): MigrateError {
  return new MigrateError('refused', `The query on ${location} was not run: ${why}`, {
    next: 'Ask with one SELECT, VALUES, EXPLAIN or reading PRAGMA; changes go through a migration.',
  });
}

function whyNot(first: Token | undefined): string {
  const isSlip = first?.kind === 'word' && !verbs.has(first.text.toUpperCase());
  return isSlip ? `no statement begins with ${first.text}` : 'the statement does more than read';
}

const verbs = new Set(
  'ALTER ANALYZE ANALYSE ATTACH CALL CHECKPOINT CLOSE CLUSTER COMMENT COPY CREATE DEALLOCATE DECLARE DELETE DETACH DISCARD DO DROP EXECUTE FETCH GRANT IMPORT INSERT LISTEN LOAD LOCK MERGE MOVE NOTIFY PRAGMA PREPARE REASSIGN REFRESH REINDEX RELEASE REPLACE RESET REVOKE SAVEPOINT SECURITY SET SHOW TABLE TRUNCATE UNLISTEN UPDATE VACUUM WITH'.split(
    ' ',
  ),
);

function reads(tokens: readonly Token[]): boolean {
  const words = tokens.map(({ text }) => text.toUpperCase());
  const first = words[0] ?? '';
  switch (first) {
    case 'SELECT':
    case 'VALUES':
    case 'EXPLAIN':
      return true;
    case 'WITH':
      return !outermost(words).some((word) => writingWords.has(word));
    case 'PRAGMA':
      return readsPragma(words);
    default:
      return false;
  }
}

/** What stands in no brackets: after the common table expressions, the verb of the statement. */
function outermost(words: readonly string[]): readonly string[] {
  let depth = 0;
  return words.filter((word) => {
    if (word === '(') depth += 1;
    if (word === ')') depth -= 1;
    return depth === 0;
  });
}

function readsPragma(words: readonly string[]): boolean {
  const name = words[2] === '.' ? words[3] : words[1];
  if (words.includes('=')) return false;
  // In brackets stands a value to set, except for those that take the name of a table or index there.
  return readingPragmas.has(name ?? '') || (!words.includes('(') && plainPragmas.has(name ?? ''));
}

const writingWords = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE']);

const readingPragmas = new Set(
  'TABLE_INFO TABLE_XINFO TABLE_LIST INDEX_LIST INDEX_INFO INDEX_XINFO FOREIGN_KEY_LIST FOREIGN_KEY_CHECK INTEGRITY_CHECK QUICK_CHECK'.split(
    ' ',
  ),
);

const plainPragmas = new Set(
  'FOREIGN_KEYS DATABASE_LIST COLLATION_LIST FUNCTION_LIST MODULE_LIST PRAGMA_LIST COMPILE_OPTIONS ENCODING PAGE_SIZE PAGE_COUNT FREELIST_COUNT USER_VERSION SCHEMA_VERSION APPLICATION_ID DATA_VERSION JOURNAL_MODE SYNCHRONOUS AUTO_VACUUM QUERY_ONLY'.split(
    ' ',
  ),
);
