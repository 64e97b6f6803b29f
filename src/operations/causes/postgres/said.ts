import { sameName } from '../../../sql/cursor.ts';
import type { Failure } from '../failure.ts';
import { tablesIn } from '../not-there.ts';

/** The names that a server quotes in a message, in its order; each language has quotes of its own. */
export function quotedNames(message: string): readonly string[] {
  return [...message.matchAll(quoted)].map(
    (found) => found.slice(1).find((name) => name !== undefined) ?? '',
  );
}

const quoted = /"([^"]+)"|»([^«]+)«|«\s?([^»]+?)\s?»|„([^“”]+)[“”]|“([^”]+)”/gu;

/**
 * The name as the project calls the object: the server leaves the schema out of some messages, and the statement has it.
 *
 * @param among what the statement itself is about
 */
export function calledIn(name: string, among: readonly string[]): string {
  return among.find((one) => sameName(one, name) || sameName(one.slice(one.indexOf('.') + 1), name)) ?? name;
}

/** The table that an error is about: the server's word first, then what the statement is about, then what it reads. */
export function tableOf({ named, sql = '' }: Failure): string | undefined {
  return named?.table ?? tablesIn(sql)[0];
}
