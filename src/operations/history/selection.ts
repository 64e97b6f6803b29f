import { MigrateError } from '../../lib/errors.ts';
import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Selection } from '../change.ts';
import { findMigration } from './find-migration.ts';
import type { History, HistoryItem } from './history.ts';
import { isByNumber } from './passed-by.ts';
import { stoppedAt } from '../diagnosis/stopped-at.ts';
import { rekeyRefusal } from './rekey.ts';

/** What a deploy of one database would run. */
export interface Selected {
  /** In the order of running. */
  readonly selected: readonly Migration[];
  /** Not recorded and not selected. */
  readonly waiting: readonly { readonly tag: string; readonly why: string }[];
  /** Why it must not be done as asked; nothing was changed. */
  readonly refusal?: MigrateError;
}

export type Wanted = Pick<Selection, 'to' | 'only' | 'order'> & {
  /** Its name, for the commands that lead out of a refusal. */
  readonly environment: string;
};

/**
 * Chooses among the migrations without a record. Without `to` and `only`: all pending ones.
 * Skipped ones are chosen only out of order. Throws `MigrateError` `not-found` for a tag that fits no file or several.
 */
export function select(history: History, wanted: Wanted): Selected {
  const items = history.items.filter((item) => 'migration' in item);
  const migrations = items.map(({ migration }) => migration);
  const asked = wanted.only ?? wanted.to;
  const target = asked === undefined ? undefined : findMigration(migrations, asked);
  const range = inRange(items, target, wanted);
  // Before anything else: what looks pending or unrecorded has run under another name.
  const refusal =
    rekeyRefusal(history, wanted.environment) ?? refusalOf({ history, items, range, target, wanted });
  const selected = refusal
    ? []
    : range.filter(({ kind }) => runs(kind, wanted.order)).map(({ migration }) => migration);
  const why = whyWaiting({ history, wanted, target, selected, refusal });
  return {
    selected,
    waiting: items
      .filter(({ kind, migration }) => isOpen(kind) && !selected.includes(migration))
      .map((item) => ({ tag: item.migration.tag, why: why(item) })),
    ...(refusal && { refusal }),
  };
}

type FileItem = Extract<HistoryItem, { readonly migration: Migration }>;

/** The items that the person means: up to `to`, exactly `only`, or all. */
function inRange(
  items: readonly FileItem[],
  target: Migration | undefined,
  wanted: Wanted,
): readonly FileItem[] {
  if (!target) return items;
  const index = items.findIndex(({ migration }) => migration === target);
  return items.slice(wanted.only === undefined ? 0 : index, index + 1);
}

function runs(kind: FileItem['kind'], order: Wanted['order']): boolean {
  return kind === 'pending' || (kind === 'skipped' && order === 'out-of-order');
}

function isOpen(kind: FileItem['kind']): boolean {
  return kind === 'pending' || kind === 'skipped' || kind === 'half' || kind === 'unrecorded';
}

interface RefusalInput {
  readonly history: History;
  readonly items: readonly FileItem[];
  readonly range: readonly FileItem[];
  readonly target: Migration | undefined;
  readonly wanted: Wanted;
}

function refusalOf(input: RefusalInput): MigrateError | undefined {
  return unclear(input) ?? skippedTarget(input) ?? earlierPending(input);
}

/** A migration that ran at least in part must not be run again, nor be passed by. */
function unclear({ history, items, range, target, wanted }: RefusalInput): MigrateError | undefined {
  const last = range.at(-1);
  // One migration alone stands on everything before it.
  const standsOn = wanted.only === undefined || !last ? range : items.slice(0, items.indexOf(last) + 1);
  const mayPassBy = wanted.only !== undefined && wanted.order === 'out-of-order';
  const item = standsOn.find(
    ({ kind, migration }) =>
      (kind === 'half' || kind === 'unrecorded') && (migration === target || !mayPassBy),
  );
  if (!item) return undefined;
  const { tag } = item.migration;
  return item.kind === 'half'
    ? new MigrateError('refused', `${tag} ${stoppedAt(item)} in an earlier run`, {
        next: `migrate-tui recover ${wanted.environment} says what is there and offers the ways out.`,
      })
    : new MigrateError('refused', `${tag} is not recorded, but the schema is as if it had run`, {
        next: isWithoutRecords(history)
          ? `No migration is recorded there: migrate-tui baseline ${wanted.environment} finds the place of the history that the schema is. migrate-tui recover ${wanted.environment} looks at each by itself.`
          : `migrate-tui recover ${wanted.environment} proves it and offers to record it.`,
      });
}

/** Whether nothing at all is recorded, as where `push`, a person or a dump made the database. */
export function isWithoutRecords({ items }: Pick<History, 'items'>): boolean {
  return items.every(({ kind }) => kind === 'pending' || kind === 'unrecorded');
}

function skippedTarget({ history, range, target, wanted }: RefusalInput): MigrateError | undefined {
  const item = range.find(({ migration }) => migration === target);
  if (item?.kind !== 'skipped' || wanted.order === 'out-of-order') return undefined;
  return new MigrateError('refused', `${item.migration.tag} was skipped: ${passedWhy(history)}`, {
    next: 'Add --out-of-order to run it all the same.',
  });
}

function earlierPending({ items, target, wanted }: RefusalInput): MigrateError | undefined {
  if (wanted.only === undefined || wanted.order === 'out-of-order' || !target) return undefined;
  const index = items.findIndex(({ migration }) => migration === target);
  if (items[index]?.kind !== 'pending') return undefined;
  const earlier = items.slice(0, index).filter(({ kind }) => kind === 'pending');
  const [first] = earlier;
  if (!first) return undefined;
  const more = earlier.length > 1 ? ` and ${count(earlier.length - 1)} more` : '';
  return new MigrateError(
    'refused',
    `${first.migration.tag}${more === '' ? ' is' : `${more} are`} pending before ${target.tag}`,
    {
      next: `Use --to ${target.tag} to run them in order, or add --out-of-order.`,
    },
  );
}

interface WaitingInput {
  readonly history: History;
  readonly wanted: Wanted;
  readonly target: Migration | undefined;
  readonly selected: readonly Migration[];
  readonly refusal: MigrateError | undefined;
}

function whyWaiting({ history, wanted, target, selected, refusal }: WaitingInput) {
  return ({ kind, migration: { when } }: FileItem): string => {
    if (kind === 'half') return 'it is half-finished';
    if (kind === 'unrecorded') return 'it is not recorded, but the schema is as if it had run';
    if (kind === 'skipped') return `${passedWhy(history)}; --out-of-order does`;
    if (refusal) return 'waits for what is refused';
    const passedBy = history.kind === 'drizzle-0' && selected.find((migration) => migration.when >= when);
    if (passedBy) return `not asked for; after ${passedBy.tag}, which is newer, Drizzle never runs it`;
    const asked = target?.tag ?? '';
    return wanted.only === undefined ? `comes after ${asked}` : `only ${asked} was asked for`;
  };
}

/** Why a skipped migration is not run, as the end of a sentence. */
function passedWhy({ kind }: Pick<History, 'kind'>): string {
  return isByNumber(kind)
    ? 'a migration with a higher number is recorded, so a deploy does not run it'
    : 'a newer migration is recorded, so Drizzle never runs it';
}
