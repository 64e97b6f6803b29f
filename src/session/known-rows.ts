import type { LedgerCheck, LedgerRun, LedgerUnit } from '../ledger/ledger.ts';
import { parseJson } from '../lib/json.ts';

/** A run as the ledger keeps it, with what it keeps as JSON read. */
export interface KnownRun extends Omit<LedgerRun, 'databases' | 'confirmation'> {
  readonly databases: readonly string[];
  /** Undefined: none was given, or it cannot be read. */
  readonly confirmation: Readonly<Record<string, unknown>> | undefined;
}

export interface KnownUnit extends Omit<LedgerUnit, 'statementHashes'> {
  /** Undefined: they cannot be read. */
  readonly statementHashes: readonly string[] | undefined;
}

export interface KnownRows {
  readonly runs: readonly KnownRun[];
  readonly units: readonly KnownUnit[];
  readonly checks: readonly LedgerCheck[];
  /** What of them is not what this program writes, and was left out; in words. */
  readonly unreadable: readonly string[];
}

/**
 * Reads what the ledger answers. SQLite gives back whatever stands in a column, so a value that a disk or a hand has
 * damaged costs that value and no other: the rest of the row is known, and every other run.
 */
export function knownRows(rows: {
  readonly runs: readonly LedgerRun[];
  readonly units: readonly LedgerUnit[];
  readonly checks: readonly LedgerCheck[];
}): KnownRows {
  const unreadable: string[] = [];
  const units = rows.units.map((unit) => {
    const what = `of unit ${unit.id} in run ${unit.run}`;
    return knownUnit(unit, (column) => unreadable.push(`${column} ${what}`));
  });
  const ofRun = Map.groupBy(units, ({ run }) => run);
  const runs = rows.runs.map((run) =>
    knownRun(run, ofRun.get(run.id) ?? [], (column) => unreadable.push(`${column} of run ${run.id}`)),
  );
  const checks = rows.checks.filter(({ askedAt, environment, database }) => {
    if (isTime(askedAt)) return true;
    unreadable.push(`when ${database} of ${environment} was compared`);
    return false;
  });
  return { runs, units, checks, unreadable };
}

/** Told of each column that is left out. */
type Damage = (column: string) => void;

/** What the units say stands in for what the run says no more. */
function knownRun(run: LedgerRun, units: readonly KnownUnit[], damage: Damage): KnownRun {
  const databases = readable(run.databases, namesIn, () => damage('databases'));
  const confirmation = readable(run.confirmation, recordIn, () => damage('confirmation'));
  const startedAt = readable(run.startedAt, timeIn, () => damage('started_at'));
  const finishedAt = readable(run.finishedAt, timeIn, () => damage('finished_at'));
  const exitCode = readable(run.exitCode, numberIn, () => damage('exit_code'));
  const began = startedAt ?? units[0]?.beganAt ?? 0;
  return {
    ...run,
    ...texts(run, ['key', 'operation', 'environment', 'by', 'host', 'version'], damage),
    ...texts(run, ['git', 'outcome', 'message', 'backup', 'plan', 'planHash'], damage),
    databases: databases ?? [...new Set(units.map(({ database }) => database))],
    confirmation,
    startedAt: began,
    // It ended: that something stands there says so.
    finishedAt: run.finishedAt === null ? null : (finishedAt ?? began),
    exitCode: exitCode ?? null,
  };
}

function knownUnit(unit: LedgerUnit, damage: Damage): KnownUnit {
  const statementHashes = readable(unit.statementHashes, namesIn, () => damage('statement_hashes'));
  const beganAt = readable(unit.beganAt, timeIn, () => damage('began_at'));
  const took = readable(unit.took, numberIn, () => damage('took'));
  return {
    ...unit,
    ...texts(unit, ['database', 'tag', 'hash', 'outcome'], damage),
    statementHashes,
    beganAt: beganAt ?? 0,
    took: took ?? null,
  };
}

/** Those columns of text that hold something else, as empty ones. */
function texts<T extends object>(
  row: T,
  columns: readonly (keyof T & string)[],
  damage: Damage,
): Readonly<Record<string, string>> {
  const other = columns.filter((column) => row[column] !== null && typeof row[column] !== 'string');
  other.forEach(damage);
  return Object.fromEntries(other.map((column) => [column, '']));
}

/** Undefined where there is none, and where it is damaged. */
function readable<T, R>(
  value: T | null,
  read: (value: T) => R | undefined,
  damaged: () => void,
): R | undefined {
  if (value === null) return undefined;
  const found = read(value);
  if (found === undefined) damaged();
  return found;
}

function namesIn(json: string): readonly string[] | undefined {
  const value = valueIn(json);
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}

function recordIn(json: string): Readonly<Record<string, unknown>> | undefined {
  const value = valueIn(json);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

function valueIn(json: unknown): unknown {
  if (typeof json !== 'string') return undefined;
  const read = parseJson(json);
  return read.kind === 'read' ? read.value : undefined;
}

function timeIn(value: unknown): number | undefined {
  return isTime(value) ? value : undefined;
}

/** What a date can be made of. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
