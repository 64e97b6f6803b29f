import { usedEnumValues } from './enum-values.ts';
import { namedOutside } from './outside-transaction.ts';

/** Consecutive statements of a migration on PostgreSQL. Numbers are those of statements, from 1. */
export type Part =
  /** In the database as a whole or not at all. */
  | { readonly kind: 'together'; readonly first: number; readonly last: number }
  /** Outside of any transaction: what fails or is cut may leave something behind. */
  | { readonly kind: 'alone'; readonly first: number; readonly last: number; readonly named: string };

/**
 * What a migration is committed in. One transaction, unless it holds a statement that PostgreSQL runs only outside of
 * one, or uses an enum value that it added itself, which is there only after a commit (55P04).
 */
export function partsToRun(statements: readonly { readonly sql: string }[]): readonly Part[] {
  // Most migrations say at once that they are one; a long one need not be read for it.
  if (!statements.some(({ sql }) => mayPart.test(sql))) return whole(statements);
  const parts: Part[] = [];
  const used = usedEnumValues(statements);
  for (const [index, { sql }] of statements.entries()) {
    const number = index + 1;
    const last = parts.at(-1);
    const named = namedAlone(sql);
    const isSame = last?.kind === 'together' && named === undefined && !needsCommit(number, last, used);
    if (isSame) parts[parts.length - 1] = { ...last, last: number };
    else if (named === undefined) parts.push({ kind: 'together', first: number, last: number });
    else parts.push({ kind: 'alone', first: number, last: number, named });
  }
  return parts;
}

const mayPart = /\b(?:concurrently|value)\b/i;

function whole({ length }: readonly unknown[]): readonly Part[] {
  return length === 0 ? [] : [{ kind: 'together', first: 1, last: length }];
}

/** Whether a failure in the middle of it leaves what came before. */
export function isStepwise(statements: readonly { readonly sql: string }[]): boolean {
  const parts = partsToRun(statements);
  return parts.length > 1 || parts.some(({ kind }) => kind === 'alone');
}

/** What a statement that a migration runs by itself, outside of a transaction, is called; undefined for any other. */
export function namedAlone(sql: string): string | undefined {
  const named = namedOutside(sql);
  return named !== undefined && servedAlone.has(named) ? named : undefined;
}

/** Those that change the schema of this database. Of the others some reach further than it, some leave nothing in it. */
const servedAlone: ReadonlySet<string> = new Set([
  'CREATE INDEX CONCURRENTLY',
  'DROP INDEX CONCURRENTLY',
  'REINDEX CONCURRENTLY',
]);

function needsCommit(number: number, { first }: Part, used: ReturnType<typeof usedEnumValues>): boolean {
  return used.some((value) => value.used === number && value.added >= first);
}
