import { quantity } from '../lib/numbers.ts';
import type { Bookkeeping, Entry } from '../bookkeeping/bookkeeping.ts';
import type { Correction } from './correction.ts';
import { sayDiagnosis } from './diagnosis-words.ts';
import type { Diagnosed } from './diagnosis.ts';
import type { History } from './history.ts';
import { renameRecords } from './rekey.ts';
import type { RecoveryCase, RecoveryOption } from './reports.ts';
import { adoptDrizzleRecords, describeTwoTables, type TwoTables } from './two-tables.ts';

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

/** A case with what each allowed option would write. */
export interface RecoverableCase {
  readonly shown: RecoveryCase;
  /** Statements of the options that put the tracking table right, by option; `now` in milliseconds. */
  readonly corrections: ReadonlyMap<string, (now: number) => Correction>;
}

/** What is wrong with a target, one case for each way out that it needs; none when nothing is. */
export function casesOf(input: RecoveryInput): readonly RecoverableCase[] {
  return [...renamedRecords(input), ...recordsBeside(input), ...withoutRecord(input)];
}

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

/** The records have the names that the files had before `drizzle-kit up` moved them. */
function renamedRecords({ database, history, entries }: RecoveryInput): readonly RecoverableCase[] {
  const { renames } = history;
  const [first] = renames?.pairs ?? [];
  if (!renames || !first) return [];
  const { table, pairs, unmatchedRecords } = renames;
  const option: RecoveryOption = {
    id: 're-key',
    recommended: true,
    allowed: true,
    why: `Gives ${quantity(pairs.length, 'record')} of ${table} the names that the files have now; no migration is run, nothing is removed.`,
  };
  return [
    {
      shown: {
        database,
        tag: first.migration.tag,
        verdict: `recorded under other names: ${quantity(pairs.length, 'migration')}`,
        evidence: [
          ...pairs.map(({ from, to }) => `${from} is ${to} now`),
          ...unmatchedRecords.map(({ name }) => `${name ?? ''} has no file that it can be told to be`),
        ],
        options: [option],
      },
      corrections: new Map([[option.id, () => renameRecords(renames, entries)]]),
    },
  ];
}

/** Somebody ran Drizzle's own migrator on a database that wrangler's table speaks for. */
function recordsBeside(input: RecoveryInput): readonly RecoverableCase[] {
  const { database, beside, bookkeeping, entries, drizzleTable } = input;
  const [first] = beside?.onlyDrizzle ?? [];
  if (!beside || !first) return [];
  const isEdited = beside.edited.length > 0;
  const option: RecoveryOption = {
    id: 'reconcile',
    recommended: !isEdited,
    allowed: true,
    why: `Records in ${bookkeeping.table} what ${drizzleTable} has as applied (${quantity(beside.onlyDrizzle.length, 'migration')}); no migration is run, ${drizzleTable} stays as it is.`,
  };
  return [
    {
      shown: {
        database,
        tag: first.tag,
        verdict: `recorded by Drizzle only: ${quantity(beside.onlyDrizzle.length, 'migration')}`,
        evidence: [
          `${describeTwoTables(beside, { d1: bookkeeping.table, drizzle: drizzleTable })}.`,
          ...beside.edited.map(({ tag }) => `${tag} was edited after Drizzle applied it`),
        ],
        options: [option],
      },
      corrections: new Map([
        [option.id, (now) => adoptDrizzleRecords(beside, { bookkeeping, entries, now })],
      ]),
    },
  ];
}

/** Something of a migration is in the schema, and it has no record. */
function withoutRecord(input: RecoveryInput): readonly RecoverableCase[] {
  return [...input.diagnosed].map(([tag, { diagnosis, evidence }]) => ({
    shown: {
      database: input.database,
      tag,
      verdict: sayDiagnosis(diagnosis),
      ...(diagnosis.kind === 'stopped' && { after: diagnosis.after }),
      ...('of' in diagnosis && { of: diagnosis.of }),
      evidence,
      options: diagnosis.kind === 'unrecorded' ? [] : [restoring(input)],
    },
    corrections: new Map(),
  }));
}

function restoring({ backup, environment }: RecoveryInput): RecoveryOption {
  return {
    id: 'restore',
    recommended: false,
    allowed: false,
    why:
      backup === undefined
        ? 'No whole backup is kept on this machine.'
        : `Loses what was written since, so it is not chosen here: migrate-tui restore ${environment} ${backup} says what that is.`,
  };
}
