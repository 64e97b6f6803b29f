import type { Query } from '../sql/statement.ts';

/** How texts are to be asked for. */
export type TextForm = 'text' | 'bytes';

/** In UTF-16 every text can be read, and its bytes are those of no other text. */
export async function formOf(query: Query): Promise<TextForm> {
  if (!query.bytes) return 'text';
  const [row] = await query({ sql: 'PRAGMA encoding' });
  return row?.['encoding'] === 'UTF-8' ? 'bytes' : 'text';
}
