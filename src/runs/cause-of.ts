import type { Address } from '../engines/address.ts';
import { SqlError, type Engine, type Unit, type UnitOutcome } from '../engines/engine.ts';
import { MigrateError } from '../lib/errors.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Migration } from '../migrations/migration.ts';
import {
  shownBy,
  type Cause,
  type Failure,
  type Found,
  type Show,
  type Suspicion,
} from '../operations/causes/failure.ts';
import { explainError } from '../operations/explain-error.ts';
import { lineUp } from '../operations/history/history.ts';
import { addedViolations } from '../operations/evidence/judge.ts';
import type { ViolationCount } from '../operations/evidence/measurement.ts';
import { readForeignKeys } from '../schema/foreign-keys.ts';
import { readSchema } from '../schema/read.ts';
import { sketched, sketchOf } from '../schema/sketch.ts';
import { classify } from '../sql/classify.ts';
import { guardIn } from '../sql/guard.ts';
import type { Query } from '../sql/statement.ts';
import type { RunContext, RunDatabase } from './context.ts';
import { countViolations } from './measure/measure.ts';
import { serverNames } from './postgres/server-names.ts';

export interface FailedUnit {
  readonly migration: Migration;
  readonly failed: Pick<Extract<UnitOutcome, { kind: 'failed' }>, 'number' | 'error'>;
  /** Where it failed; all of it is undone there. */
  readonly engine: Engine;
  /** There in a rehearsal, whose database may be written to: the unit is run again up to the statement, to look. */
  readonly again?: Unit;
  /** The rows that refer to nothing, where they were counted already. */
  readonly violations?: readonly ViolationCount[];
}

/** What is known of the database and its history. */
export type FailedOn = Pick<
  RunDatabase,
  'target' | 'database' | 'bookkeeping' | 'entries' | 'migrations' | 'selected' | 'engine' | 'file'
>;

/** What is known of the run. */
export interface FailedIn extends Pick<RunContext, 'again'> {
  readonly environment: Pick<RunContext['environment'], 'name'>;
  readonly databases: Pick<RunContext['databases'], 'size'>;
}

/**
 * Why a statement failed and what to do, with the rows in the way counted where they can be.
 *
 * @returns undefined when the error is none that is known, or the database does not answer any more
 */
export async function causeOf(unit: FailedUnit, of: FailedOn, context: FailedIn): Promise<Cause | undefined> {
  try {
    const failure = await failureOf(unit, of, context);
    const suspicion = explainError(failure);
    if (!suspicion) return undefined;
    const { cause, commands } = await causeIn(suspicion, { unit, failure, engine: of.engine });
    return of.file === 'begun' ? { why: cause.why, next: withoutTheFile(failure, commands) } : cause;
  } catch (error) {
    // The failure itself is what is to be told; that it cannot be explained as well adds nothing to it.
    if (error instanceof MigrateError || error instanceof SqlError) return undefined;
    throw error;
  }
}

interface CauseAndCommands {
  readonly cause: Cause;
  /** What shows the rows in the way. */
  readonly commands: readonly string[];
}

async function causeIn(
  suspicion: Suspicion,
  {
    unit,
    failure,
    engine,
  }: { readonly unit: FailedUnit; readonly failure: Failure; readonly engine: FailedOn['engine'] },
): Promise<CauseAndCommands> {
  switch (suspicion.kind) {
    case 'known':
      return { cause: suspicion.cause, commands: [] };
    case 'rows': {
      const found = await foundBefore(unit, failure, suspicion.sql);
      const commands = await thoseThatShow(engine, suspicion.shows);
      return { cause: suspicion.say(found, commands), commands };
    }
    case 'violations': {
      const found = unit.violations ?? (await violationsOf(unit));
      const commands = await thoseThatShow(engine, suspicion.shows(found));
      return { cause: suspicion.say(found, commands), commands };
    }
    default:
      return unreachable(suspicion);
  }
}

/** Of a migration that is begun, only what it meets can be changed: with another file, its beginning is another's. */
function withoutTheFile({ migration, environment, again }: Failure, commands: readonly string[]): string {
  return shownBy(
    commands,
    `${migration.tag} is half-finished in ${environment}, so leave its file as it is: put right in the database itself what is in the way, then run ${again} again.`,
  );
}

async function failureOf(
  { migration, failed: { number: told, error }, engine }: FailedUnit,
  of: FailedOn,
  { environment, databases, again }: FailedIn,
): Promise<Failure> {
  const number = told ?? onlyOneThatNames(error.message, migration, engine);
  const { address } = of.target;
  const several = databases.size > 1;
  const schema = await readSchema(engine.query, { bookkeeping: [of.database.table] });
  const before = migration.statements.slice(0, number === undefined ? undefined : number - 1);
  const start = sketchOf(schema, await readForeignKeys(engine.query));
  return {
    message: error.message,
    code: error.code,
    environment: environment.name,
    again: `${again}${several && !again.includes('--database') ? ` --database ${of.database.name}` : ''}`,
    database: several ? of.database.name : undefined,
    dialect: dialectOf(address, engine.query),
    ...(engine.query.dialect === 'postgres' ? { named: await serverNames(error, engine.query) } : {}),
    migration,
    number,
    sql: number === undefined ? undefined : migration.statements[number - 1]?.sql,
    schema,
    sketch: before.reduce((sketch, { sql }) => sketched(sketch, sql), start),
    history: lineUp({ migrations: of.migrations, bookkeeping: of.bookkeeping, entries: of.entries }).items,
    // What a way out runs is none of them.
    ranBefore: new Set(
      of.selected.slice(0, Math.max(0, of.selected.indexOf(migration))).map(({ tag }) => tag),
    ),
  };
}

function dialectOf({ kind }: Address, { dialect }: Query): Failure['dialect'] {
  if (dialect === 'postgres') return 'postgres';
  return kind === 'd1-local' || kind === 'd1-remote' ? 'd1' : 'libsql';
}

/** Of a unit that is one request the server names no statement; often only one holds the name that the error ends with. */
function onlyOneThatNames(
  message: string,
  { statements }: Migration,
  { delivery }: Engine,
): number | undefined {
  const name = /([\w]+)["`]?$/.exec(message)?.[1];
  if (delivery !== 'one-request' || name === undefined) return undefined;
  if (statements.length === 1) return 1;
  const word = new RegExp(`\\b${name}\\b`, 'i');
  const found = statements.flatMap(({ sql }, index) => (word.test(sql) ? [index + 1] : []));
  return found.length === 1 ? found[0] : undefined;
}

async function foundBefore(unit: FailedUnit, failure: Failure, sql: string): Promise<Found | undefined> {
  const { number } = failure;
  const ask = async (query: Query): Promise<Found | undefined> => {
    const [row] = await query({ sql });
    return row ? { n: Number(row['n']), groups: Number(row['groups'] ?? 0) } : undefined;
  };
  if (number === undefined) return undefined;
  const earlier = unit.migration.statements.slice(0, number - 1);
  if (earlier.every(changesNoRow(unit.engine.query))) {
    const found = await orUndefined(() => ask(unit.engine.query));
    if (found) return found;
  }
  return unit.again && askInside(unit.engine, unit.again, { after: number - 1, ask });
}

/** Then the rows are, before the statement, what they are now that all is undone. */
function changesNoRow({ dialect }: Query): (statement: { readonly sql: string }) => boolean {
  const changing = dialect === 'sqlite' ? changesRows : changesPostgresRows;
  return ({ sql }) => !changing.has(classify(sql).kind);
}

type Kind = ReturnType<typeof classify>['kind'];

const changesRows: ReadonlySet<Kind> = new Set(['insert', 'update', 'delete', 'unknown'] as const);

/** There a function can do anything, and most statements can call one. */
const changesPostgresRows: ReadonlySet<Kind> = new Set([
  ...changesRows,
  'combined',
  'truncate',
  'copy',
  'merge',
  'do',
  'call',
  'select',
  'alter-table',
  'create-table',
] as const);

/** Runs the unit up to a statement, asks there, and undoes it all. */
async function askInside<T>(
  engine: Engine,
  unit: Unit,
  { after, ask }: { readonly after: number; readonly ask: (query: Query) => Promise<T> },
): Promise<T | undefined> {
  let answer: T | undefined;
  const end = unit.statements.findIndex(({ number }) => number === after);
  const statements = unit.statements.slice(0, end + 1);
  const undo = { sql: guardIn(engine.query.dialect)('looked', '0'), role: 'guard' } as const;
  await engine.unit(
    { ...unit, statements: [...statements, undo] },
    {
      afterStatement: async (number, query) => {
        if (number === after) answer = await orUndefined(() => ask(query));
      },
    },
  );
  return answer;
}

/**
 * What the migration up to the statement that failed, or to its end, leaves without what it refers to: with the check
 * put off to the commit; with none at all where a key refuses at once.
 */
async function violationsOf({
  migration,
  failed,
  engine,
  again,
}: FailedUnit): Promise<readonly ViolationCount[] | undefined> {
  if (!again) return undefined;
  const before = await countViolations(engine.query);
  const postpone = { sql: 'PRAGMA defer_foreign_keys = ON', role: 'guard' } as const;
  const postponed: Unit = { foreignKeys: 'on', statements: [postpone, ...again.statements] };
  const question = { after: failed.number ?? migration.statements.length, ask: countViolations };
  const after =
    (await askInside(engine, postponed, question)) ??
    (engine.foreignKeys === 'switchable'
      ? await askInside(engine, { ...again, foreignKeys: 'off' }, question)
      : undefined);
  return after && addedViolations(before, after);
}

/** A command that shows no row would only mislead: earlier statements may have made the rows, or made them what they were. */
async function thoseThatShow(target: Engine | undefined, shows: readonly Show[]): Promise<readonly string[]> {
  const commands: string[] = [];
  if (!target) return commands;
  for (const { sql, command } of shows) {
    const rows = await orUndefined(() => target.query({ sql: `SELECT 1 FROM (${sql}) AS shown LIMIT 1` }));
    if (rows !== undefined && rows.length > 0) commands.push(command);
  }
  return commands;
}

async function orUndefined<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SqlError || error instanceof MigrateError) return undefined;
    throw error;
  }
}
