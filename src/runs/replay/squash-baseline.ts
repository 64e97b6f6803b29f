import type { Address, PostgresAddress } from '../../engines/address.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { changingTables } from '../../operations/squash/replay-time.ts';
import { squashStatements, type LeftBehind } from '../../operations/squash/text.ts';
import { fingerprint } from '../../schema/fingerprint.ts';
import { breakpointMarker, splitMigration } from '../../sql/split.ts';
import { leftInSqlite } from './left-behind.ts';
import { leftInPostgres, type RolesOfHistory } from '../postgres/left-behind.ts';
import { prepareRoles } from '../postgres/roles-of-history.ts';
import { openReplayBase, type ReplayBase } from './replay-points.ts';

/** A squashed file's content, and what it has to make. */
export interface Baseline {
  readonly statements: readonly string[];
  readonly left: LeftBehind;
  readonly fingerprint: string;
  /** Tables whose rows another replay of the same migrations would not give. */
  readonly changing: readonly string[];
}

export interface BaselineOptions {
  /** The rules of the engine that it is replayed under. */
  readonly like: Address['kind'];
  /** The server that PostgreSQL is replayed on, instead of in PGlite. */
  readonly scratch?: Pick<PostgresAddress, 'url' | 'password'> | undefined;
  /** Name of the tracking table. */
  readonly bookkeeping: string;
  readonly signal: AbortSignal;
}

/**
 * Replays migrations twice, each time in an empty scratch database, and writes down what they leave.
 *
 * @throws MigrateError `migrations` with the place at which they cannot be replayed; `refused`
 */
export async function makeBaseline(
  migrations: readonly Migration[],
  options: BaselineOptions,
): Promise<Baseline> {
  const from = Date.now();
  const left = await replayed(migrations, options);
  const again = await replayed(migrations, options);
  const texts = migrations.flatMap(({ statements }) => statements.map(({ sql }) => sql));
  return {
    statements: squashStatements(left),
    left,
    fingerprint: fingerprint(left.schema),
    changing: changingTables(
      [left.tables, again.tables],
      { from, to: Date.now(), names: namesIn(left) },
      texts,
    ),
  };
}

function namesIn(left: LeftBehind): readonly string[] {
  return left.dialect === 'postgres' ? left.names : [];
}

/** How what a squashed file makes in an empty database compares with what it stands for. */
export type Proven =
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'differs'; readonly in: 'schema' | 'rows'; readonly names: readonly string[] };

/** Runs the text of a squashed file in an empty database, and compares what is there then with what was left behind. */
export async function proveBaseline(
  text: string,
  { left, statements }: Baseline,
  options: BaselineOptions,
): Promise<Proven> {
  const parted = statements.findIndex((sql) => left.dialect === 'postgres' && sql.includes(breakpointMarker));
  if (parted !== -1) {
    return {
      kind: 'refused',
      why: `statement ${parted + 1}: it holds the text ${breakpointMarker}, where drizzle-orm would part it`,
    };
  }
  const file = { tag: 'the one file', file: '', statements: await statementsOf(text, left.dialect) };
  await using base = await openBase(options);
  const prepared = await prepare([file], base);
  const refusal = await base.keep(file.statements);
  if (refusal) return { kind: 'refused', why: `statement ${refusal.statement}: ${refusal.why}` };
  const made = await leftIn(base, prepared, options);
  const objects = objectsThatDiffer(left, made);
  if (objects.length > 0) return { kind: 'differs', in: 'schema', names: objects };
  const tables = contentsThatDiffer(left, made);
  return tables.length > 0 ? { kind: 'differs', in: 'rows', names: tables } : { kind: 'same' };
}

/** PostgreSQL's own parser is loaded only then. */
async function statementsOf(text: string, dialect: LeftBehind['dialect']): Promise<Replayed['statements']> {
  if (dialect === 'sqlite') return splitMigration(text);
  const { splitPostgres } = await import('../../sql/postgres/split-postgres.ts');
  return splitPostgres(text);
}

type Replayed = Pick<Migration, 'tag' | 'file' | 'statements'>;

async function replayed(migrations: readonly Replayed[], options: BaselineOptions): Promise<LeftBehind> {
  await using base = await openBase(options);
  const prepared = await prepare(migrations, base);
  for (const { tag, file, statements } of migrations) {
    options.signal.throwIfAborted();
    const refusal = await base.keep(statements);
    if (!refusal) continue;
    const line = statements[refusal.statement - 1]?.line ?? 1;
    throw new MigrateError(
      'migrations',
      `The history cannot be replayed: at ${tag}, statement ${refusal.statement} (${file}:${line}), because ${refusal.why}. Nothing was written.`,
      { next: nextOf(base) },
    );
  }
  return await leftIn(base, prepared, options);
}

async function openBase(options: BaselineOptions): Promise<ReplayBase> {
  try {
    return await openReplayBase(options);
  } catch (cause) {
    // The project's own PGlite is not there.
    if (options.like !== 'pglite' || !(cause instanceof MigrateError && cause.code === 'config')) throw cause;
    throw new MigrateError(
      'config',
      'A history of PostgreSQL is replayed in PGlite, which the project does not have. Nothing was written.',
      { cause, next: 'npm i -D @electric-sql/pglite, or name a server for it with scratch in a target.' },
    );
  }
}

function nextOf({ engine }: ReplayBase): string {
  return engine.name === 'pglite'
    ? 'It is replayed in PGlite: what only a server has, such as an extension, is there with scratch in a target, which names a server for that.'
    : 'A history that gives no database from nothing cannot be squashed; drift and baseline tell what is there.';
}

/** Undefined for SQLite, which has no roles. */
function prepare(
  migrations: readonly Replayed[],
  { engine }: ReplayBase,
): Promise<RolesOfHistory> | undefined {
  return engine.query.dialect === 'postgres' ? prepareRoles(migrations, engine) : undefined;
}

function leftIn(
  base: ReplayBase,
  roles: RolesOfHistory | undefined,
  { bookkeeping }: BaselineOptions,
): Promise<LeftBehind> {
  return roles ? leftInPostgres(base, roles) : leftInSqlite(base, bookkeeping);
}

function objectsThatDiffer(left: LeftBehind, made: LeftBehind): readonly string[] {
  const say = (one: LeftBehind) =>
    new Map([
      ...one.schema.objects.map(({ type, name, normal }) => [`${type} ${name}`, normal] as const),
      ...(one.dialect === 'postgres' ? one.rights.map((sql) => [sql, sql] as const) : []),
    ]);
  return keysThatDiffer(say(left), say(made));
}

function contentsThatDiffer(left: LeftBehind, made: LeftBehind): readonly string[] {
  const say = (one: LeftBehind) =>
    new Map([
      ...one.tables.map((table) => [table.name, contentOf(table)] as const),
      ...Array.from(one.sequences, ([name, last]) => [`the last number of ${name}`, last] as const),
      ...(one.dialect === 'sqlite' ? one.pragmas : []),
    ]);
  return keysThatDiffer(say(left), say(made));
}

function contentOf(table: LeftBehind['tables'][number]): string {
  return JSON.stringify([table.columns, table.rows, 'computed' in table ? table.computed : []]);
}

function keysThatDiffer(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
}
