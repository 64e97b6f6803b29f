import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Diagnosed } from './diagnosis/diagnosis.ts';
import type { FolderReplay } from './history/folder-fit.ts';
import type { History } from './history/history.ts';
import { movedRecords } from './history/moved-records.ts';
import type { RecoveryCase } from './reports.ts';
import { changed, type WhatRan } from './situations/changed.ts';
import { duplicateRecords } from './situations/duplicate-records.ts';
import { halfTakenBack, type HalfTakenBack } from './situations/half-taken-back.ts';
import { halfWithoutFile, type HalfWithoutFile } from './situations/half-without-file.ts';
import { leftLock, type LeftLock } from './situations/left-lock.ts';
import { leftTables, type LeftTable } from './situations/left-tables.ts';
import { movedFiles } from './situations/moved-files.ts';
import { namelessRecords } from './situations/nameless-records.ts';
import { orphans } from './situations/orphans.ts';
import { recordsBeside } from './situations/records-beside.ts';
import { explainedByReplay, regeneratedFolder } from './situations/regenerated-folder.ts';
import { renamedRecords } from './situations/renamed-records.ts';
import { skipped } from './situations/skipped.ts';
import { takenTogether } from './situations/taken-together.ts';
import type { TwoTables } from './history/two-tables.ts';
import type { WaysOut } from './ways/shown-ways.ts';
import type { WayOut } from './ways/way-out.ts';
import { withoutRecord } from './ways/without-record.ts';

/** What is known of one target that may need a way out. */
export interface RecoveryInput extends SituationFacts {
  readonly database: string;
  readonly history: History;
  /** How far migrations came that have no record, by tag. */
  readonly diagnosed: ReadonlyMap<string, Diagnosed>;
  /** The ways out of these, by tag. */
  readonly waysOut?: ReadonlyMap<string, WaysOut>;
  readonly entries: readonly Entry[];
  /** Told the target's columns. */
  readonly bookkeeping: Bookkeeping;
  readonly beside: TwoTables | undefined;
  /** The newest whole backup of the environment. */
  readonly backup: string | undefined;
  readonly environment: string;
}

/** What is looked at only where a situation asks for it. */
export interface SituationFacts {
  /** There when a run left its lock. */
  readonly lock?: LeftLock;
  /** There when migrations in parts are half-finished that have no file. */
  readonly withoutFile?: readonly HalfWithoutFile[];
  /** There when a rollback in parts stopped in the middle of migrations that are recorded. */
  readonly takenBack?: readonly HalfTakenBack[];
  /** There when records, or migrations that are half-finished, have no file. */
  readonly folder?: FolderReplay;
  /** Tables under the names that rebuilds use on the way. */
  readonly rebuildTables?: readonly LeftTable[];
  /** What edited files were when they ran, by tag, where git or a run of ours knows it. */
  readonly whatRan?: ReadonlyMap<string, WhatRan>;
}

/** A case with what each allowed option would do, by the option's id. */
export interface RecoverableCase {
  readonly shown: RecoveryCase;
  readonly ways: ReadonlyMap<string, WayOut>;
}

/** What is wrong with a target, one case for each thing that needs a way out; none when nothing is. */
export function casesOf(input: RecoveryInput): readonly RecoverableCase[] {
  const explained = explainedByReplay(input);
  const diagnosed = new Map([...input.diagnosed].filter(([tag]) => !explained.has(tag)));
  return takenTogether(situations.flatMap((find) => find({ ...input, diagnosed })));
}

/** Each finds one known situation; in this order they are shown. */
const situations: readonly ((input: RecoveryInput) => readonly RecoverableCase[])[] = [
  renamedRecords,
  movedFiles,
  recordsBeside,
  regeneratedFolder,
  withoutRecord,
  halfWithoutFile,
  halfTakenBack,
  leftTables,
  skipped,
  duplicateRecords,
  namelessRecords,
  changed,
  orphans,
  leftLock,
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
    ...movedRecords(history).map(({ migration }) => migration.tag),
    ...(beside?.onlyOther ?? []).map(({ tag }) => tag),
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
