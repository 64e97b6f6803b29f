import { unfinishedTexts, type Unfinished } from '../../bookkeeping/unfinished.ts';
import type { Bookkeeping } from '../../bookkeeping/bookkeeping.ts';
import { guardIn } from '../../sql/guard.ts';
import { quoteText } from '../../sql/quote.ts';
import type { Correction } from '../history/correction.ts';

/** Takes the note of a migration in parts away, as long as it is the one that was read. */
export function removeNote(noted: Unfinished, bookkeeping: Bookkeeping): Correction {
  return [
    noteAsRead(noted, bookkeeping),
    { ...unfinishedTexts.forget(noteKey(noted, bookkeeping)), role: 'record' },
  ];
}

/** Raises where the target keeps another note than was read. */
export function noteAsRead(noted: Unfinished, bookkeeping: Bookkeeping): Correction[number] {
  const holds = unfinishedTexts.isAsRead(noteKey(noted, bookkeeping), noted);
  const sql = guardIn(bookkeeping.dialect)('history', holds, quoteText('another note than was read'));
  return { sql, role: 'guard' };
}

/** What the note is found by. */
export function noteKey({ tag }: Unfinished, { quoted }: Bookkeeping) {
  return { records: quoted, tag };
}
