import type { Address, PostgresAddress } from '../../engines/address.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Schema } from '../../schema/schema.ts';
import { createSchemaReader, readSchema } from '../../schema/read.ts';
import { guardIn } from '../../sql/guard.ts';
import { enforcement, openScratchEngine, refusalOf, runnable, type Refusal } from './scratch-engine.ts';

export type { Refusal } from './scratch-engine.ts';

type Statements = readonly { readonly sql: string }[];

/** A scratch database without rows, under the rules of the target's engine, that can be tried out and stays as it was. */
export interface ReplayBase extends AsyncDisposable {
  readonly engine: Pick<Engine, 'name' | 'query'>;
  readonly query: Engine['query'];
  schema(): Promise<Schema>;
  /** Runs statements for good, or none of them. */
  keep(statements: Statements): Promise<Refusal | undefined>;
  /** Runs `path` and then `statements`, and undoes everything again. */
  points(path: Statements, statements: Statements): Promise<TriedOut>;
}

export interface TriedOut {
  /** The schema after `path`, and after each of `statements` that ran. */
  readonly points: readonly Schema[];
  readonly failure?: Refusal;
}

export interface ReplayBaseOptions {
  /** What is diagnosed: the scratch database obeys the same engine's rules. */
  readonly like: Address['kind'];
  /** A server on which it is made, instead of in memory. */
  readonly scratch?: Pick<PostgresAddress, 'url' | 'password'> | undefined;
  /** Name of the tracking table, which is no part of the schema. */
  readonly bookkeeping: string;
  readonly signal?: AbortSignal;
}

/** Opens an empty scratch database of the same engine. */
export async function openReplayBase(options: ReplayBaseOptions): Promise<ReplayBase> {
  const { engine, close } = await (options.scratch
    ? openOnServer(options.scratch, options.signal)
    : openScratchEngine(options.like));
  const schemaOptions = { bookkeeping: [options.bookkeeping] };
  return {
    engine,
    query: engine.query,
    schema: () => readSchema(engine.query, schemaOptions),
    keep: (statements) => keep(engine, statements, options.signal),
    points: (path, statements) => tryOut(engine, { path, statements, ...options }),
    [Symbol.asyncDispose]: close,
  };
}

async function openOnServer(
  { url, password }: Pick<PostgresAddress, 'url' | 'password'>,
  signal: AbortSignal | undefined,
): ReturnType<typeof openScratchEngine> {
  const { makeOnServer } = await import('../postgres/scratch.ts');
  const { engine } = await makeOnServer({ kind: 'postgres', url, password }, 'replay', signal);
  return { engine, close: async () => engine[Symbol.asyncDispose]() };
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
        { sql: guardIn(engine.query.dialect)('replay', '0'), role: 'guard' },
      ],
    },
    { ...(signal ? { signal } : {}), afterStatement: read },
  );
  signal?.throwIfAborted();
  const failure = outcome.kind === 'guarded' ? refusal : refusalOf(outcome);
  fill(failure ? failure.statement : statements.length + 1, points.at(-1));
  return { points, ...(failure && { failure }) };
}
