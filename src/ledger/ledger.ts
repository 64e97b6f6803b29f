import { existsSync } from 'node:fs';
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import { MigrateError } from '../lib/errors.ts';
import {
  openLedgerDatabase,
  type LedgerDatabase,
  type OpenedLedger,
  type OpenLedgerOptions,
} from './database.ts';
import { stillThere } from './still-there.ts';
import { checks, runs, units } from './tables.ts';

export type LedgerRun = typeof runs.$inferSelect;
export type LedgerUnit = typeof units.$inferSelect;
export type LedgerCheck = typeof checks.$inferSelect;
export type NewRun = Omit<typeof runs.$inferInsert, 'id'>;
export type NewUnit = Omit<typeof units.$inferInsert, 'id'>;
export type RunEnd = Required<Pick<LedgerRun, 'finishedAt' | 'outcome' | 'exitCode' | 'message'>> &
  Partial<Pick<LedgerRun, 'databases' | 'backup' | 'plan' | 'planHash' | 'confirmation'>>;

/**
 * The durable record of runs. Every write is committed when its promise resolves;
 * every failure to write is a `MigrateError` `storage`, so that the caller can stop before it changes a target.
 */
export interface Ledger extends AsyncDisposable {
  openRun(run: NewRun): Promise<number>;
  note(run: number, known: Partial<RunEnd>): Promise<void>;
  closeRun(run: number, end: RunEnd): Promise<void>;
  /** Takes a run away that turned out to be none; its number is not given again. */
  forgetRun(run: number): Promise<void>;
  /** The intent: written before a unit begins. */
  beginUnit(unit: NewUnit): Promise<number>;
  endUnit(
    unit: number,
    end: { readonly endedAt: number; readonly outcome: string; readonly took: number },
  ): Promise<void>;
  recordCheck(check: Omit<LedgerCheck, 'id'>): Promise<void>;
  /** Newest first. */
  runs(environment?: string): Promise<readonly LedgerRun[]>;
  unfinishedRuns(): Promise<readonly LedgerRun[]>;
  /** Oldest first; of one run, or of all. */
  units(run?: number): Promise<readonly LedgerUnit[]>;
  /** The newest check of every target. */
  lastChecks(): Promise<readonly LedgerCheck[]>;
}

/**
 * Opens the ledger at a path or a libSQL URL.
 *
 * @returns undefined when it is only read and is not there: a project without a run has no ledger
 */
export async function openLedger(location: string, options: OpenLedgerOptions): Promise<Ledger | undefined> {
  if (options.purpose === 'read' && !location.includes('://') && !existsSync(location)) return undefined;
  const opened = await openLedgerDatabase(location, options);
  if (!opened) return undefined;
  const { close } = opened;
  return {
    ...writers(opened, stillThere(location)),
    ...readers(opened, location),
    [Symbol.asyncDispose]: async () => close(),
  };
}

/** @param insist throws when what is written now would be read by nobody */
function writers(opened: OpenedLedger, insist: () => void) {
  const { database } = opened;
  const writing = <T>(write: () => Promise<T>) => writeIn(opened, write);
  const { begin, end } = unitStatements(database);
  return {
    openRun: (run: NewRun) =>
      writing(async () => {
        const [row] = await database.insert(runs).values(run).returning({ id: runs.id });
        if (!row) throw new Error('The ledger gave no number for the run.');
        return row.id;
      }),
    note: (run: number, known: Partial<RunEnd>) =>
      writing(async () => void (await database.update(runs).set(known).where(eq(runs.id, run)))),
    closeRun: (run: number, end: RunEnd) =>
      writing(async () => void (await database.update(runs).set(end).where(eq(runs.id, run)))),
    forgetRun: (run: number) =>
      writing(async () => void (await database.delete(runs).where(eq(runs.id, run)))),
    beginUnit: (unit: NewUnit) =>
      writing(async () => {
        insist();
        const { lastInsertRowid } = await begin.run({ ...unit });
        if (lastInsertRowid === undefined) throw new Error('The ledger gave no number for the unit.');
        return Number(lastInsertRowid);
      }),
    endUnit: (unit: number, ended: { endedAt: number; outcome: string; took: number }) =>
      writing(async () => {
        insist();
        await end.run({ unit, ...ended });
      }),
    recordCheck: (check: Omit<LedgerCheck, 'id'>) =>
      writing(async () => void (await database.insert(checks).values(check))),
  };
}

/** Built once and read from not at all: they run before and after every unit, and a row of an answer costs as much as the statement. */
function unitStatements(database: LedgerDatabase) {
  const given = sql.placeholder;
  return {
    begin: database
      .insert(units)
      .values({
        run: given('run'),
        database: given('database'),
        tag: given('tag'),
        hash: given('hash'),
        statementHashes: given('statementHashes'),
        beganAt: given('beganAt'),
      })
      .prepare(),
    end: database
      .update(units)
      .set({
        endedAt: sql`${given('endedAt')}`,
        outcome: sql`${given('outcome')}`,
        took: sql`${given('took')}`,
      })
      .where(eq(units.id, given('unit')))
      .prepare(),
  };
}

function readers(opened: OpenedLedger, location: string) {
  const { database } = opened;
  const reading = <T>(read: () => Promise<T>) => readIn({ ...opened, location }, read);
  return {
    runs: (environment?: string) =>
      reading(async () =>
        database
          .select()
          .from(runs)
          .where(environment === undefined ? undefined : eq(runs.environment, environment))
          .orderBy(desc(runs.id)),
      ),
    unfinishedRuns: () =>
      reading(async () => database.select().from(runs).where(isNull(runs.finishedAt)).orderBy(desc(runs.id))),
    units: (run?: number) =>
      reading(async () =>
        database
          .select()
          .from(units)
          .where(run === undefined ? undefined : and(eq(units.run, run)))
          .orderBy(units.id),
      ),
    lastChecks: () =>
      reading(async () => {
        const all = await database.select().from(checks).orderBy(desc(checks.id));
        return [
          ...Map.groupBy(all, ({ environment, database: of }) => JSON.stringify([environment, of])).values(),
        ].flatMap((ofTarget) => ofTarget.slice(0, 1));
      }),
  };
}

/** A file that is damaged further back can be opened. */
async function readIn<T>(
  { location, isNewer }: { readonly location: string } & Pick<OpenedLedger, 'isNewer'>,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (await isNewer().catch(() => false)) throw tooNew('read', cause);
    throw new MigrateError('storage', `The ledger of runs, ${location}, cannot be read: ${whyOf(cause)}.`, {
      next: location.includes('://')
        ? 'Look after the server that keeps it.'
        : 'Delete .migrate-tui to go on without it: that loses the record of runs and nothing else.',
      cause,
    });
  }
}

async function writeIn<T>({ isNewer }: Pick<OpenedLedger, 'isNewer'>, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (cause instanceof MigrateError) throw cause;
    if (await isNewer().catch(() => false)) throw tooNew('written', cause);
    throw new MigrateError('storage', `The ledger of runs cannot be written: ${whyOf(cause)}.`, {
      next: 'Make .migrate-tui in the project writable, with free space on its disk; deploys wait until then.',
      cause,
    });
  }
}

function tooNew(what: 'read' | 'written', cause: unknown): MigrateError {
  return new MigrateError(
    'storage',
    `The ledger of runs was made by a newer version of migrate-tui, and cannot be ${what} by this one: ${whyOf(cause)}.`,
    { next: 'Use that version here, too.', cause },
  );
}

/** Drizzle's own words hold the whole query. */
function whyOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : String(thrown);
}
