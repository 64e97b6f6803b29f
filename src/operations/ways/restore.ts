import { quantity } from '../../lib/numbers.ts';
import { agoAndMoment } from '../../lib/time.ts';
import type { Option } from './option.ts';
import { listed, rowCount } from './words.ts';

/** A whole backup of the environment that has the database as it was before. */
export interface KeptBackup {
  readonly id: string;
  /** ISO 8601. */
  readonly takenAt: string;
  /** Rows by table when it was taken, in lower case. */
  readonly rows: ReadonlyMap<string, number>;
  /** What came since, per table that has more rows now; absent: not counted. */
  readonly added?: readonly { readonly table: string; readonly rows: number }[];
  /** Migrations that were recorded since. */
  readonly recorded: number;
  /** `server`: a place in the server's own history. */
  readonly kept: 'copy' | 'server';
}

/** What is known of the backups of an environment. */
export type Backups =
  | { readonly kind: 'kept'; readonly backup: KeptBackup }
  /** `half-finished`: every one that is kept is of the database as it stands now. */
  | {
      readonly kind: 'none';
      readonly why: 'none-kept' | 'half-finished';
      /** There where the server keeps a history of its own, which reaches further than what is kept here. */
      readonly history?: ServerHistory;
    };

/** What another tool can take the whole database back in. */
export interface ServerHistory {
  /** How far back it reaches, for people. */
  readonly retention: string;
  /** The database as `wrangler` knows it. */
  readonly database: string;
  /** ISO 8601: when a run of ours began what is unfinished; undefined: nobody here knows. */
  readonly begun: string | undefined;
}

/** Last of all, and never by itself: what was written since is gone. */
export function restoring(backups: Backups, now: Date): Option {
  if (backups.kind === 'none') {
    const why =
      backups.why === 'none-kept'
        ? 'No whole backup of it is kept on this machine.'
        : 'Every backup that is kept was taken when it was half-finished already.';
    return { kind: 'closed', id: 'restore', why: `${why}${byHand(backups.history)}` };
  }
  const { backup } = backups;
  const { id, takenAt, kept } = backup;
  const from = kept === 'copy' ? `backup ${id}` : `backup ${id}, a place in the server's own history`;
  const why = `Last resort: puts back ${from}, ${agoAndMoment(takenAt, now)}. ${loses(backup)}`;
  return { kind: 'open', id: 'restore', why, way: { kind: 'restore', backup: id } };
}

/** It is not done from here: nothing is known of the state that it leads back to, nor of what is lost. */
function byHand(history: ServerHistory | undefined): string {
  if (!history) return '';
  const { retention, database, begun } = history;
  const time = begun ?? 'TIME';
  const when =
    begun === undefined
      ? 'a TIME before it was begun, which is not known here'
      : 'the time before it was begun';
  return ` The server keeps a history (${retention}): npx wrangler d1 time-travel restore ${database} --timestamp=${time} takes all of it back to ${when}. All that was written since is lost, and how much is not known: the last resort.`;
}

function loses({ added, recorded }: KeptBackup): string {
  const more = (added ?? []).map(({ table, rows }) => `${rowCount(rows)} of ${table}`);
  const again =
    recorded <= 0 ? '' : ` ${quantity(recorded, 'migration')} recorded since will be pending again.`;
  if (added === undefined) return `What was written since is lost; it could not be counted.${again}`;
  if (more.length === 0)
    return `No table has more rows than then; what was changed in rows since is lost.${again}`;
  return `Loses ${listed(more)} written since, and what was changed in other rows.${again}`;
}
