import { classify } from '../classify.ts';
import { foldName } from '../cursor.ts';
import { meaningfulTokens, nameOf } from '../tokens.ts';

/** A value that a migration adds to an enum type and then uses. Numbers are those of statements, from 1. */
export interface UsedEnumValue {
  readonly type: string;
  readonly value: string;
  readonly added: number;
  /** The first statement behind it in which the value stands as a text. */
  readonly used: number;
}

/**
 * Where a migration uses an enum value that it added itself: in one transaction PostgreSQL refuses that (55P04), as
 * the value is there for others only after the commit. A type that the same migration makes is exempt, as it is to
 * PostgreSQL. The text may stand there for something else; only the server can tell.
 * https://www.postgresql.org/docs/current/sql-altertype.html
 */
export function usedEnumValues(statements: readonly { readonly sql: string }[]): readonly UsedEnumValue[] {
  const made = new Set<string>();
  return statements.flatMap(({ sql }, index) => {
    const kind = classify(sql);
    if (kind.kind === 'create-type') made.add(foldName(kind.type));
    if (kind.kind !== 'alter-type') return [];
    const { type, action } = kind;
    if (action.kind === 'rename' && made.has(foldName(type))) made.add(foldName(action.to));
    if (action.kind !== 'add-value' || made.has(foldName(type))) return [];
    const used = statements.findIndex((later, at) => at > index && uses(later.sql, action.value));
    return used === -1 ? [] : [{ type, value: action.value, added: index + 1, used: used + 1 }];
  });
}

/** ALTER TYPE names values without using them, a comment or a function's body does not look at them. */
function uses(sql: string, value: string): boolean {
  const { kind } = classify(sql);
  if (kind === 'alter-type' || kind === 'comment' || kind === 'create-function') return false;
  const texts = meaningfulTokens(sql).flatMap((token) => (token.kind === 'string' ? [nameOf(token)] : []));
  return texts.some((text) => text === value || (kind === 'do' && text.includes(`'${value}'`)));
}
