import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Diagnosed } from './diagnosis.ts';
import type { History } from './history.ts';
import type { RecoveryCase } from './reports.ts';
import { recordsBeside } from './situations/records-beside.ts';
import { renamedRecords } from './situations/renamed-records.ts';
import type { TwoTables } from './two-tables.ts';
import type { WayOut } from './ways/way-out.ts';
import { withoutRecord } from './ways/without-record.ts';

/** What is known of one target that may need a way out. */
export interface RecoveryInput {
  readonly database: string;
  readonly history: History;
  /** How far migrations came that have no record, by tag. */
  readonly diagnosed: ReadonlyMap<string, Diagnosed>;
  readonly entries: readonly Entry[];
  /** Told the target's columns. */
  readonly bookkeeping: Bookkeeping;
  readonly beside: TwoTables | undefined;
  /** The name of Drizzle's table, for people. */
  readonly drizzleTable: string;
  /** The newest whole backup of the environment. */
  readonly backup: string | undefined;
  readonly environment: string;
}

/** A case with what each allowed option would do, by the option's id. */
export interface RecoverableCase {
  readonly shown: RecoveryCase;
  readonly ways: ReadonlyMap<string, WayOut>;
}

/** What is wrong with a target, one case for each thing that needs a way out; none when nothing is. */
export function casesOf(input: RecoveryInput): readonly RecoverableCase[] {
  return situations.flatMap((find) => find(input));
}

/** Each finds one known situation; in this order they are shown. */
const situations: readonly ((input: RecoveryInput) => readonly RecoverableCase[])[] = [
  renamedRecords,
  recordsBeside,
  withoutRecord,
];

/**
 * What a diagnosis is asked about.
 *
 * @returns `recorded`: what another name or the other tool's table records counts, too; `doubtful`: what the names in
 * the schema show to have been begun without a record
 */
export function toDiagnose({
  history,
  beside,
}: Pick<RecoveryInput, 'history'> & { readonly beside?: TwoTables }): {
  readonly doubtful: ReadonlySet<string>;
  readonly recorded: ReadonlySet<string>;
} {
  const elsewhere = [
    ...(history.renames?.pairs ?? []).map(({ migration }) => migration.tag),
    ...(beside?.onlyDrizzle ?? []).map(({ tag }) => tag),
  ];
  const here = history.items.flatMap((item) =>
    item.kind === 'applied' || item.kind === 'changed' ? [item.migration.tag] : [],
  );
  const recorded = new Set([...here, ...elsewhere]);
  const open = history.items.flatMap((item) =>
    item.kind === 'half' || item.kind === 'unrecorded' ? [item.migration.tag] : [],
  );
  return { recorded, doubtful: new Set(open.filter((tag) => !recorded.has(tag))) };
}
