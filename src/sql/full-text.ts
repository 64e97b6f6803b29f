import { cursorOver, isWord, splitAtCommas } from './cursor.ts';
import { nameOf } from './tokens.ts';

/** Where a full-text table has its text. */
export type FullTextContent =
  | { readonly kind: 'own' }
  /** Nowhere: it only finds, and cannot be read. */
  | { readonly kind: 'none' }
  | { readonly kind: 'of'; readonly table: string };

/** Reads CREATE VIRTUAL TABLE … USING fts…; undefined for any other statement. */
export function fullTextContent(sql: string): FullTextContent | undefined {
  const cursor = cursorOver(sql);
  if (!cursor.takes('CREATE', 'VIRTUAL', 'TABLE')) return undefined;
  cursor.takes('IF', 'NOT', 'EXISTS');
  cursor.qualifiedName();
  if (!cursor.takes('USING') || !/^fts[345]$/i.test(cursor.name() ?? '')) return undefined;
  for (const [key, equals, value] of splitAtCommas(cursor.group() ?? [])) {
    if (!isWord(key, 'content') || !isWord(equals, '=') || !value) continue;
    const table = nameOf(value);
    return table === '' ? { kind: 'none' } : { kind: 'of', table };
  }
  return { kind: 'own' };
}
