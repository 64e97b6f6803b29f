import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../engines/address.ts';
import type { Engine, UnitOutcome, UnitStatement } from '../engines/engine.ts';
import { openEngine } from '../engines/open.ts';
import type { Schema } from '../schema/schema.ts';
import { createSchemaReader, readSchema } from '../schema/read.ts';
import { classify } from '../sql/classify.ts';
import { guard } from '../sql/guard.ts';

type Statements = readonly { readonly sql: string }[];

/** A scratch database without rows, under the rules of the target's engine, that can be tried out and stays as it was. */
export interface ReplayBase extends AsyncDisposable {
  schema(): Promise<Schema>;
  /** Runs statements for good, or none of them. */
  keep(statements: Statements): Promise<Refusal | undefined>;
  /** Runs `path` and then `statements`, and undoes everything again. */
  points(path: Statements, statements: Statements): Promise<TriedOut>;
}

/** A statement's number among those it was run with, from 1. */
export interface Refusal {
  readonly statement: number;
  readonly why: string;
  /** There when rows were in its way: with the target's rows it may have run. */
  readonly dependsOn?: 'rows';
}

export interface TriedOut {
  /** The schema after `path`, and after each of `statements` that ran. */
  readonly points: readonly Schema[];
  readonly failure?: Refusal;
}

export interface ReplayBaseOptions {
  /** What is diagnosed: the scratch database obeys the same engine's rules. */
  readonly like: Address['kind'];
  /** Name of the tracking table, which is no part of the schema. */
  readonly bookkeeping: string;
  readonly signal?: AbortSignal;
}

export async function openReplayBase(options: ReplayBaseOptions): Promise<ReplayBase> {
  const { engine, close } = await openScratchEngine(options.like);
  const schemaOptions = { bookkeeping: [options.bookkeeping] };
  return {
    schema: () => readSchema(engine.query, schemaOptions),
    keep: (statements) => keep(engine, statements, options.signal),
    points: (path, statements) => tryOut(engine, { path, statements, ...options }),
    [Symbol.asyncDispose]: close,
  };
}

async function openScratchEngine(
  like: Address['kind'],
): Promise<{ readonly engine: Engine; readonly close: () => Promise<void> }> {
  if (like !== 'd1-local' && like !== 'd1-remote') {
    const engine = await opened({ kind: 'libsql-memory' });
    return { engine, close: async () => engine[Symbol.asyncDispose]() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'migrate-tui-replay-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const engine = await opened({ kind: 'd1-local', path: join(folder, 'd1.sqlite'), id: '', root: folder });
    // Nobody reads it after a crash.
    await engine.query({ sql: 'PRAGMA synchronous = OFF' });
    return { engine, close: async () => (await engine[Symbol.asyncDispose](), remove()) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function opened(address: Address): Promise<Engine> {
  const found = await openEngine(address, { purpose: 'change', ifMissing: 'create' });
  if (found.kind !== 'open') throw new Error('A scratch database is made when it is not there.');
  return found.engine;
}

async function keep(
  engine: Engine,
  statements: Statements,
  signal: AbortSignal | undefined,
): Promise<Refusal | undefined> {
  const run = runnable(statements);
  if (run.refusal) return run.refusal;
  const outcome = await engine.unit(
    { foreignKeys: enforcement(engine), statements: run.statements },
    signal ? { signal } : {},
  );
  signal?.throwIfAborted();
  return outcome.kind === 'committed' ? undefined : refusalOf(outcome);
}

interface TryOut extends ReplayBaseOptions {
  readonly path: Statements;
  readonly statements: Statements;
}

async function tryOut(engine: Engine, { path, statements, bookkeeping, signal }: TryOut): Promise<TriedOut> {
  const schemaOptions = { bookkeeping: [bookkeeping] };
  const { statements: own, refusal } = runnable(statements);
  const points: Schema[] = [];
  // Statements that were left out change nothing: the point before them is theirs, too.
  const fill = (length: number, schema: Schema | undefined) => {
    if (schema) for (let at = points.length; at < length; at += 1) points.push(schema);
  };
  let reader: ReturnType<typeof createSchemaReader> | undefined;
  const read = async (number: number, query: Engine['query']) => {
    reader ??= createSchemaReader(query, schemaOptions);
    fill(number, points.at(-1));
    fill(number + 1, await reader.read());
  };
  const outcome = await engine.unit(
    {
      foreignKeys: enforcement(engine),
      statements: [
        ...runnable(path).statements.map(({ sql, role }) => ({ sql, role })),
        { sql: 'SELECT 1', role: 'migration', number: 0 },
        ...own,
        { sql: guard('replay', '0'), role: 'guard' },
      ],
    },
    { ...(signal ? { signal } : {}), afterStatement: read },
  );
  signal?.throwIfAborted();
  const failure = outcome.kind === 'guarded' ? refusal : refusalOf(outcome);
  fill(failure ? failure.statement : statements.length + 1, points.at(-1));
  return { points, ...(failure && { failure }) };
}

function refusalOf(outcome: UnitOutcome): Refusal {
  if (outcome.kind !== 'failed') return { statement: 0, why: outcome.kind };
  const { number = 0, error } = outcome;
  const refusal = { statement: number, why: error.message };
  return error.code.includes('CONSTRAINT') ? { ...refusal, dependsOn: 'rows' } : refusal;
}

function enforcement({ foreignKeys }: Engine): 'on' | 'off' {
  return foreignKeys === 'always-on' ? 'on' : 'off';
}

/**
 * What a migration's statements are within one transaction that is undone: those that begin and end transactions are
 * left out, as whoever ran them committed what came before. What ROLLBACK undid cannot be told.
 */
function runnable(statements: Statements): {
  readonly statements: readonly UnitStatement[];
  readonly refusal?: Refusal;
} {
  const run: UnitStatement[] = [];
  for (const [index, { sql }] of statements.entries()) {
    const kind = classify(sql);
    if (kind.kind === 'transaction' && kind.verb === 'rollback') {
      return {
        statements: run,
        refusal: { statement: index + 1, why: 'it is ROLLBACK, and what that undid cannot be told' },
      };
    }
    if (kind.kind !== 'transaction' && kind.kind !== 'vacuum') {
      run.push({ sql, role: 'migration', number: index + 1 });
    }
  }
  return { statements: run };
}
