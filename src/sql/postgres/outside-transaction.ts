import { classify, partsOf } from '../classify.ts';
import { cursorOver, isWord, type Cursor } from '../cursor.ts';

/**
 * What a statement that PostgreSQL refuses inside a transaction block (25001) is called, as its error message does:
 * `CREATE INDEX CONCURRENTLY`; undefined for any other.
 * Told from the text alone, so it says nothing of CREATE SUBSCRIPTION without a slot or REINDEX of a partitioned
 * table, where it depends on the server. Each case is held against a real server by a test.
 */
export function namedOutside(sql: string): string | undefined {
  const kind = classify(sql);
  for (const part of partsOf(kind)) {
    if (part.kind === 'create-index' && part.concurrently) return 'CREATE INDEX CONCURRENTLY';
    if (part.kind === 'drop-index' && part.concurrently) return 'DROP INDEX CONCURRENTLY';
    if (part.kind !== 'alter-table' || part.action.kind !== 'detach-partition') continue;
    if (part.action.concurrently) return 'ALTER TABLE … DETACH PARTITION CONCURRENTLY';
  }
  switch (kind.kind) {
    case 'vacuum':
      return 'VACUUM';
    case 'reindex':
      return reindex(cursorOver(sql));
    case 'server':
      return onServer(cursorOver(sql));
    case 'transaction':
    case 'unknown':
      return other(cursorOver(sql));
    default:
      return undefined;
  }
}

function reindex(cursor: Cursor): string | undefined {
  cursor.takes('REINDEX');
  const options = cursor.group() ?? [];
  const what = cursor.token()?.text.toUpperCase() ?? '';
  if (['DATABASE', 'SYSTEM', 'SCHEMA'].includes(what)) return `REINDEX ${what}`;
  const concurrently =
    cursor.sees('CONCURRENTLY') ||
    options.some(
      (token, at) =>
        isWord(token, 'CONCURRENTLY') && !isWord(options[at + 1], 'FALSE') && !isWord(options[at + 1], 'OFF'),
    );
  return concurrently ? 'REINDEX CONCURRENTLY' : undefined;
}

function onServer(cursor: Cursor): string | undefined {
  const first = cursor.token()?.text.toUpperCase() ?? '';
  const what = cursor.token()?.text.toUpperCase() ?? '';
  if (first === 'CREATE' || first === 'DROP') return `${first} ${what}`;
  if (first !== 'ALTER') return undefined;
  if (what === 'SYSTEM') return 'ALTER SYSTEM';
  const moves = cursor
    .rest()
    .some((token, at, all) => isWord(token, 'SET') && isWord(all[at + 1], 'TABLESPACE'));
  return what === 'DATABASE' && moves ? 'ALTER DATABASE … SET TABLESPACE' : undefined;
}

function other(cursor: Cursor): string | undefined {
  const found = whole.find((words) => cursor.sees(...words));
  if (found) return found.join(' ');
  // CLUSTER of one table runs anywhere; of all tables it commits after each.
  return cursor.takes('CLUSTER') && !hasName(cursor) ? 'CLUSTER' : undefined;
}

function hasName(cursor: Cursor): boolean {
  cursor.group();
  cursor.takes('VERBOSE');
  return !cursor.atEnd;
}

const whole = [
  ['DISCARD', 'ALL'],
  ['COMMIT', 'PREPARED'],
  ['ROLLBACK', 'PREPARED'],
];
