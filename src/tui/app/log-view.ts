import { count, duration } from '../../lib/numbers.ts';
import type { Signs } from '../../lib/signs.ts';
import { clockWithMilliseconds } from '../../lib/time.ts';
import type { TraceEntry } from '../../operations/trace.ts';
import { columns, rule } from '../present/layout.ts';
import { say, toned, type Line } from '../present/line.ts';
import { sqlOnOneLine } from '../present/sql.ts';
import { windowTop } from '../present/window.ts';
import { widthOf, wrapped } from '../present/width.ts';
import { filterText, isFiltering } from '../screens/filter.ts';
import { logCursor, shownEntries } from './log-keys.ts';
import type { CommandLog } from './state.ts';

/** The command log as rows: its rule, then the newest entries, the cursor in sight. */
export function logLines(
  signs: Signs,
  log: CommandLog,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Line[] {
  const entries = shownEntries(log);
  const title = rule(signs, width, [{ at: 3, title: titleOf(log, { shown: entries.length, signs, width }) }]);
  if (height <= 1) return [title];
  if (entries.length === 0) return [title, [say(`  ${emptySentence(log)}`, 'dim')]];
  const cursor = logCursor(log);
  const entry = entries[cursor];
  if (log.full === 'in-full' && entry) return [title, ...inFull(entry, width).slice(0, height - 1)];
  const room = height - 1;
  const top = windowTop({ top: entries.length - room, cursor, height: room, length: entries.length });
  const rows = entries
    .slice(top, top + room)
    .map((one, index) => entryLine(signs, one, top + index === cursor ? 'cursor' : 'other', width));
  return [title, ...rows];
}

function titleOf(
  log: CommandLog,
  { shown, signs, width }: { readonly shown: number; readonly signs: Signs; readonly width: number },
): string {
  const { filter, only, entries } = log;
  const of = shown === entries.length ? count(shown) : `${count(shown)} of ${count(entries.length)}`;
  const typed = isFiltering(filter) ? ` /${filterText(filter, signs)}` : '';
  const what = only === 'failed' ? ' what failed only' : '';
  const head = `commands ${of}${what}${typed}`;
  // Whole keys give way, the way out last.
  for (let count = logKeys.length; count > 0; count -= 1) {
    const title = [head, ...logKeys.slice(-count)].join('   ');
    if (widthOf(title) + 8 <= width) return title;
  }
  return head;
}

const logKeys = ['a only what failed', 'y copy', 'enter in full', '/ filter', 'z zoom', '@ close'] as const;

function emptySentence({ entries, only, filter }: CommandLog): string {
  if (entries.length === 0) return 'Nothing was asked of any database yet.';
  return filter.text === '' && only === 'failed' ? 'Nothing failed.' : `Nothing matches "${filter.text}".`;
}

function entryLine(signs: Signs, entry: TraceEntry, row: 'cursor' | 'other', width: number): Line {
  const failed = entry.outcome.kind === 'failed';
  const outcomeWidth = Math.max(12, Math.min(26, Math.floor(width / 5)));
  const narrow = width < 80;
  const what: Line = entry.kind === 'sql' ? sqlOnOneLine(entry.what) : [say(entry.what)];
  const used = 2 + 14 + (narrow ? 0 : 13) + 5 + 9 + 2 + outcomeWidth;
  return columns(signs, [
    { content: say(row === 'cursor' ? signs.cursor : '', 'accent'), width: 2 },
    { content: say(clockWithMilliseconds(entry.at), 'dim'), width: 14 },
    { content: narrow ? '' : (entry.environment ?? '-'), width: narrow ? 0 : 13, cut: 'middle' },
    { content: entry.kind, width: 5 },
    { content: failed ? toned(what, 'danger') : what, width: Math.max(8, width - used) },
    { content: duration(entry.took), width: 9, align: 'right' },
    { content: '', width: 2 },
    { content: say(entry.outcome.says, failed ? 'danger' : 'dim'), width: outcomeWidth },
  ]);
}

function inFull(entry: TraceEntry, width: number): readonly Line[] {
  const head = `${clockWithMilliseconds(entry.at)} UTC, ${entry.environment ?? 'no environment'}, ${entry.kind}, ${entry.access}, ${duration(entry.took)}, ${entry.outcome.says}`;
  const lines = [head, ...entry.what.split('\n')].flatMap((line) => wrapped(line, width - 4));
  return lines.map((line, index) => [say(`  ${line}`, index === 0 ? 'dim' : 'text')]);
}
