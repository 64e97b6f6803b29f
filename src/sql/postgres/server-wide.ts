import { classify, partsOf } from '../classify.ts';
import { cursorOver, isWord, type Cursor } from '../cursor.ts';

/**
 * What a statement of PostgreSQL changes that belongs to the whole server and not to the database it is run in, as
 * people know it: `CREATE ROLE reporter`, `ALTER DATABASE app`; undefined for every other statement, and for what code
 * in a DO block or a function does.
 */
export function namedServerWide(sql: string): string | undefined {
  const kinds = partsOf(classify(sql)).map(({ kind }) => kind);
  if (
    !kinds.some((kind) => kind === 'grant' || kind === 'server' || kind === 'comment' || kind === 'unknown')
  )
    return undefined;
  const cursor = cursorOver(sql);
  const verb = cursor.token()?.text.toUpperCase() ?? '';
  if (verb === 'CREATE' || verb === 'ALTER' || verb === 'DROP') return defined(verb, cursor);
  if (verb === 'GRANT' || verb === 'REVOKE') return membership(verb, cursor);
  if (verb === 'COMMENT' && cursor.takes('ON')) return defined('COMMENT ON', cursor);
  return undefined;
}

const things = ['ROLE', 'USER', 'GROUP', 'DATABASE', 'TABLESPACE', 'SUBSCRIPTION', 'SYSTEM'];

function defined(verb: string, cursor: Cursor): string | undefined {
  const thing = things.find((word) => cursor.takes(word));
  // CREATE USER MAPPING is about a foreign server, as this database knows it.
  if (thing === undefined || (thing === 'USER' && cursor.sees('MAPPING'))) return undefined;
  if (!cursor.takes('IF', 'NOT', 'EXISTS')) cursor.takes('IF', 'EXISTS');
  const name = thing === 'SYSTEM' ? undefined : cursor.name();
  return [verb, thing, ...(name === undefined ? [] : [name])].join(' ');
}

/** GRANT of a role to a role; of a right it says what the right is ON. */
function membership(verb: 'GRANT' | 'REVOKE', cursor: Cursor): string | undefined {
  const isRight = cursor.rest().some((token) => isWord(token, 'ON'));
  return isRight ? undefined : `${verb} of a role`;
}

/** The roles that a DO block names in a CREATE ROLE, as PostgreSQL folds them; none for any other statement. */
export function rolesMadeByCode(sql: string): readonly string[] {
  if (classify(sql).kind !== 'do') return [];
  return Array.from(
    sql.matchAll(/\bcreate\s+(?:role|user|group)\s+(?!mapping\b)(?:"([^"]+)"|(\w+))/gi),
    (found) => (found[1] === undefined ? (found[2] ?? '').toLowerCase() : found[1]),
  );
}
