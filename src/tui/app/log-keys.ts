import type { TraceEntry } from '../../operations/trace.ts';
import { clockWithMilliseconds } from '../../lib/time.ts';
import { duration } from '../../lib/numbers.ts';
import type { Input } from '../keyboard/key.ts';
import { filterInput } from '../screens/filter.ts';
import type { KeyOutcome, Lead } from './keys.ts';
import type { AppState, CommandLog } from './state.ts';

/** The entries that are shown: what failed only, and what the filter names. */
export function shownEntries({ entries, only, filter }: CommandLog): readonly TraceEntry[] {
  const wanted = filter.text.toLowerCase();
  return entries.filter(
    (entry) =>
      (only === 'all' || entry.outcome.kind === 'failed') &&
      (wanted === '' ||
        `${entry.environment ?? ''} ${entry.kind} ${entry.what}`.toLowerCase().includes(wanted)),
  );
}

/** The row under the cursor: the newest one while nobody has moved up. */
export function logCursor(log: CommandLog): number {
  return Math.max(0, Math.min(log.cursor, shownEntries(log).length - 1));
}

/** A key or paste while the command log is open; undefined: it is not the log's. */
export function logInput(state: AppState, input: Input): KeyOutcome | undefined {
  const { log } = state;
  const to = (part: Partial<CommandLog>, leads: readonly Lead[] = []): KeyOutcome => ({
    state: { ...state, log: { ...log, ...part } },
    leads,
  });
  const filter = filterInput(log.filter, input);
  // An entry in full is closed before the filter is cleared: one step back a key.
  const closes = log.full === 'in-full' && log.filter.typing === 'set' && filter?.typing === 'set';
  if (filter && !closes) return to({ filter });
  if (input.kind === 'paste') return undefined;
  const cursor = logCursor(log);
  const last = shownEntries(log).length - 1;
  switch (input.key.name) {
    case '@':
      return to({ shown: 'closed' }, [{ kind: 'log', follow: 'off' }]);
    case 'esc':
      if (log.full === 'in-full') return to({ full: 'one-line' });
      return to({ shown: 'closed' }, [{ kind: 'log', follow: 'off' }]);
    case 'z':
      return to({ shown: log.shown === 'zoomed' ? 'part' : 'zoomed' });
    case 'a':
      return to({ only: log.only === 'all' ? 'failed' : 'all', cursor: Number.MAX_SAFE_INTEGER });
    case 'enter':
      return to({ full: log.full === 'one-line' ? 'in-full' : 'one-line' });
    case 'j':
    case 'down':
      return to({ cursor: cursor >= last - 1 ? Number.MAX_SAFE_INTEGER : cursor + 1 });
    case 'k':
    case 'up':
      return to({ cursor: Math.max(0, cursor - 1) });
    case 'g':
    case 'home':
      return to({ cursor: 0 });
    case 'G':
    case 'end':
      return to({ cursor: Number.MAX_SAFE_INTEGER });
    case 'pageup':
    case 'ctrl-u':
      return to({ cursor: Math.max(0, cursor - 8) });
    case 'pagedown':
    case 'ctrl-d':
      return to({ cursor: cursor + 8 > last ? Number.MAX_SAFE_INTEGER : cursor + 8 });
    case 'y':
      return copied(state, shownEntries(log)[cursor]);
    default:
      return undefined;
  }
}

/** Whether a key means something else while the command log is open. */
export function isLogKey(state: AppState, name: string): boolean {
  if (state.log.shown === 'closed') return false;
  return state.log.filter.typing === 'typing' || logKeyNames.has(name);
}

const logKeyNames: ReadonlySet<string> = new Set(
  '@ esc z a / enter y j down k up g home G end pageup ctrl-u pagedown ctrl-d'.split(' '),
);

/** An entry as one line of text, for copying. */
function entryText(entry: TraceEntry): string {
  const at = clockWithMilliseconds(entry.at);
  return `${at}  ${entry.environment ?? '-'}  ${entry.kind}  ${entry.what}  ${duration(entry.took)}  ${entry.outcome.says}`;
}

function copied(state: AppState, entry: TraceEntry | undefined): KeyOutcome {
  const top = state.stack.at(-1);
  if (entry === undefined || top === undefined) return { state, leads: [] };
  const effect = { kind: 'copy', text: entryText(entry), what: 'the command' } as const;
  return { state, leads: [{ kind: 'effect', owner: top.key, effect }] };
}
