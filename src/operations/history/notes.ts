import type { Bookkeeping, Entry } from '../../bookkeeping/bookkeeping.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { numberedName } from '../../migrations/numbered-name.ts';
import { some } from '../../migrations/some.ts';
import type { HistoryItem } from './history.ts';
import type { Paired } from './pair-up.ts';
import type { Renames } from './rekey.ts';

/** Something about a target's records that a person should know. */
export interface HistoryNote {
  readonly tag?: string;
  /** A whole sentence without its full stop. */
  readonly message: string;
}

export interface NotesInput {
  readonly items: readonly HistoryItem[];
  readonly paired: Paired;
  readonly bookkeeping: Pick<Bookkeeping, 'kind' | 'table' | 'tableShape'>;
  readonly entries: readonly Entry[];
  readonly renames: Renames | undefined;
  readonly hashWhenApplied: HashWhenApplied;
}

/** Empty when nothing knows it. */
export type HashWhenApplied = (migration: Migration, entry: Entry) => string;

/** What is odd about the records, though the states of the items do not show it. */
export function historyNotes(input: NotesInput): readonly HistoryNote[] {
  return [
    ...otherShape(input),
    ...duplicates(input),
    ...nameless(input),
    ...sameContent(input),
    ...lineEnds(input),
    ...renamed(input),
    ...outOfOrder(input),
    ...otherNames(input),
  ];
}

function otherShape({ bookkeeping: { kind, table, tableShape } }: NotesInput): readonly HistoryNote[] {
  if (tableShape === undefined || tableShape === kind) return [];
  return kind === 'drizzle-1'
    ? [
        {
          message: `Table ${table} has the shape of Drizzle 0.x; the first deploy upgrades it as drizzle-orm 1.0 does`,
        },
      ]
    : [
        {
          message: `Table ${table} has the shape of Drizzle 1.0, which does not see the records that 0.x adds to it`,
        },
      ];
}

function duplicates({ paired }: NotesInput): readonly HistoryNote[] {
  const counts = Map.groupBy(paired.duplicates, ({ migration }) => migration.tag);
  return Array.from(counts, ([tag, more]) => ({
    tag,
    message: `${tag} is recorded ${more.length + 1} times`,
  }));
}

function nameless({ paired, bookkeeping }: NotesInput): readonly HistoryNote[] {
  if (bookkeeping.kind !== 'drizzle-1' || bookkeeping.tableShape !== 'drizzle-1') return [];
  return [...paired.entryOf]
    .filter(([, entry]) => entry.name === undefined)
    .map(([{ tag }]) => ({
      tag,
      message: `${tag} is recorded without its name, so drizzle-orm 1.0 would run it again`,
    }));
}

/** Git may give a file other line ends on another machine: that is no edit, though the hash is another. */
export function differsInLineEndsOnly(migration: Migration, { hash }: Pick<Entry, 'hash'>): boolean {
  return hash !== migration.hash && hash === migration.hashWithOtherLineEnds;
}

function lineEnds({ paired, hashWhenApplied }: NotesInput): readonly HistoryNote[] {
  return [...paired.entryOf]
    .filter(([migration, entry]) =>
      differsInLineEndsOnly(migration, { hash: hashWhenApplied(migration, entry) }),
    )
    .map(([{ tag }]) => ({
      tag,
      message: `${tag} was applied with other line ends (CRLF or LF) than its file has here`,
    }));
}

/** A file that was given another time or name after it was applied looks as if it had never run. */
function sameContent({ items, paired }: NotesInput): readonly HistoryNote[] {
  const orphans = new Map(paired.orphans.map((entry) => [entry.hash, entry]));
  return items.flatMap((item) => {
    if (item.kind !== 'pending' && item.kind !== 'skipped') return [];
    const { tag, hash } = item.migration;
    const entry = orphans.get(hash);
    if (!entry) return [];
    const known = entry.name ?? new Date(entry.createdAt).toISOString();
    return [{ tag, message: `${tag} has the content of a recorded migration without a file (${known})` }];
  });
}

/** Without a word this looks as if nothing had been applied and everything recorded had lost its file. */
function renamed({ renames, bookkeeping: { table } }: NotesInput): readonly HistoryNote[] {
  const [first] = renames?.pairs ?? [];
  if (!renames || !first) return [];
  const unclear = renames.unmatchedRecords.map((entry) => entry.name ?? '');
  return [
    {
      message:
        `${quantity(renames.pairs.length, 'record')} of ${table} ${renames.pairs.length === 1 ? 'has' : 'have'} the name from before ` +
        `drizzle-kit up moved the migrations into folders (${first.from} is now ${first.to}): ` +
        'wrangler would run them again; the records are to be renamed before anything is deployed',
    },
    ...(unclear.length === 0
      ? []
      : [{ message: `No single folder can be told for ${some(unclear)}, which stays as it is` }]),
  ];
}

/** The number alone tells what ran: a record of that number under another name may be another migration's. */
function otherNames({ paired, bookkeeping: { kind, table } }: NotesInput): readonly HistoryNote[] {
  if (kind !== 'numbered') return [];
  return [...paired.entryOf].flatMap(([{ tag }, { name }]) => {
    if (name === undefined || isCalled(tag, name)) return [];
    const message = `${tag} counts as applied because ${table} has its number, under another name (${name}): if that was another migration, ${tag} never ran and needs a number of its own`;
    return [{ tag, message }];
  });
}

/** As its file is, or by what stands after the number; runners write `-`, `_` and blanks for one another. */
function isCalled(tag: string, name: string): boolean {
  const same = (text: string) =>
    text
      .replace(/(?:\.up)?\.sql$/, '')
      .replaceAll(/[-_. ]+/g, ' ')
      .toLowerCase();
  const said = numberedName(name);
  const title = numberedName(tag)?.title ?? tag;
  return same(said?.title ?? name) === same(title);
}

/** wrangler runs what has no record, wherever it stands. */
function outOfOrder({ items, bookkeeping, renames }: NotesInput): readonly HistoryNote[] {
  if (bookkeeping.kind !== 'd1' || renames) return [];
  const last = items.findLast(({ kind }) => kind === 'applied' || kind === 'changed');
  if (!last || !('migration' in last)) return [];
  return items.slice(0, items.indexOf(last)).flatMap((item) =>
    item.kind === 'pending'
      ? [
          {
            tag: item.migration.tag,
            message: `${item.migration.tag} is pending although ${last.migration.tag} after it is applied; a deploy runs it now, as wrangler does, out of order`,
          },
        ]
      : [],
  );
}
