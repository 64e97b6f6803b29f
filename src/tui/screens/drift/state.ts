import type { DriftBase } from '../../../operations/questions.ts';
import type { BackupSummary, DriftObject, DriftReport, IgnoredDrift } from '../../../operations/reports.ts';
import type { Context, RequestOf } from '../../screen.ts';
import { noFilter, type Filter } from '../filter.ts';
import type { Asked } from '../page.ts';
import type { Known, Reading } from '../reading.ts';

/** What differs between an environment and something else, and where the eye is. */
export interface DriftState {
  readonly environment: string;
  readonly than: DriftBase;
  /** The one database that is compared; undefined where the project has one only. */
  readonly database: string | undefined;
  /** The last answer. It stays while it is asked again. */
  readonly known: KnownDrift | undefined;
  readonly reading: Reading;
  /** The item under the cursor, among those that the filter leaves. */
  readonly at: number;
  /** The first row of the list that is drawn. */
  readonly top: number;
  /** Which difference inside the object, from 0. */
  readonly difference: number;
  /** The first row of the text that is drawn. */
  readonly textTop: number;
  readonly pane: 'objects' | 'text';
  /** `text`: the text of the object over the whole screen. */
  readonly zoom: 'none' | 'text';
  readonly filter: Filter;
  /** The list that lies over the page and takes its keys. */
  readonly choice: Choice | undefined;
}

export interface KnownDrift extends Known<DriftReport> {
  readonly items: readonly DriftItem[];
}

/** What is in the list: a difference, or one that the configuration allows. */
export type DriftItem =
  | { readonly kind: 'differs'; readonly key: string; readonly object: DriftObject }
  | { readonly kind: 'allowed'; readonly key: string; readonly object: IgnoredDrift };

/** A list over the page: what to compare with, or what a draft becomes. */
export type Choice =
  | {
      readonly of: 'others';
      readonly cursor: number;
      readonly backups: Asked<readonly BackupSummary[]>;
    }
  | { readonly of: 'take'; readonly cursor: number };

export function firstState(
  { environment, than = { kind: 'migrations' } }: RequestOf<'drift'>,
  context: Context,
): DriftState {
  return {
    environment,
    than,
    database: databaseOf(environment, context),
    known: undefined,
    reading: { kind: 'asking', since: context.now },
    at: 0,
    top: 0,
    difference: 0,
    textTop: 0,
    pane: 'objects',
    zoom: 'none',
    filter: noFilter,
    choice: undefined,
  };
}

/** The databases of an environment, in the project's order. */
export function databasesOf(environment: string, { opening }: Context): readonly string[] {
  const found = opening?.environments.find(({ name }) => name === environment);
  return found?.targets.map(({ database }) => database) ?? [];
}

/** The marked one, where the environment has it; undefined where the project has one only. */
function databaseOf(environment: string, context: Context): string | undefined {
  if ((context.opening?.databases.length ?? 0) < 2) return undefined;
  const names = databasesOf(environment, context);
  return names.find((name) => name === context.database) ?? names[0];
}

export function databaseFlag({ database }: DriftState): readonly string[] {
  return database === undefined ? [] : ['--database', database];
}

/** The words of `migrate-tui` that ask for what is on the page. */
export function driftArguments(state: DriftState): readonly string[] {
  const { environment, than } = state;
  return [
    'drift',
    environment,
    ...(than.kind === 'environment' ? [than.name] : []),
    ...(than.kind === 'file' ? ['--against', than.file] : []),
    ...databaseFlag(state),
  ];
}

/** Migrations whose work is there without a record, as far as its status says. */
export function unrecordedIn(
  { environment, database }: DriftState,
  { environments }: Context,
): readonly string[] {
  const targets = environments.get(environment)?.status?.targets ?? [];
  return targets
    .filter((target) => database === undefined || target.database === database)
    .flatMap(({ items }) => items.flatMap(({ tag, state }) => (state === 'unrecorded' ? [tag] : [])));
}

/** The differences first; then those that may be there. */
export function itemsOf({ objects, ignored }: DriftReport): readonly DriftItem[] {
  return [
    ...objects.map((object): DriftItem => ({ kind: 'differs', key: keyOf(object), object })),
    ...ignored.map((object): DriftItem => ({ kind: 'allowed', key: keyOf(object), object })),
  ];
}

function keyOf({ database, type, name }: DriftObject | IgnoredDrift): string {
  return `${database} ${type} ${name}`;
}

/**
 * What the filter leaves: names, kinds and causes that hold these letters. Looked for once for each filter: the page
 * asks for it many times, and there may be thousands.
 */
export function shownItems({ known, filter }: DriftState): readonly DriftItem[] {
  if (!known || filter.text === '') return known?.items ?? [];
  const before = found.get(known);
  if (before?.text === filter.text) return before.items;
  const wanted = filter.text.toLowerCase();
  const items = known.items.filter((item) => wordsOf(item).toLowerCase().includes(wanted));
  found.set(known, { text: filter.text, items });
  return items;
}

const found = new WeakMap<KnownDrift, { readonly text: string; readonly items: readonly DriftItem[] }>();

function wordsOf(item: DriftItem): string {
  const { type, name } = item.object;
  return `${type} ${name} ${item.kind === 'differs' ? (item.object.cause ?? '') : item.object.reason}`;
}

export function itemAt(state: DriftState): DriftItem | undefined {
  return shownItems(state)[state.at];
}

/** The difference whose text is shown. */
export function objectAt(state: DriftState): DriftObject | undefined {
  const item = itemAt(state);
  return item?.kind === 'differs' ? item.object : undefined;
}
