import type { Address } from '../engines/address.ts';
import { MigrateError } from '../lib/errors.ts';
import type { Migration } from '../migrations/migration.ts';
import { changingTables } from '../operations/replay-time.ts';
import { squashStatements, type LeftBehind } from '../operations/squash-text.ts';
import { fingerprint } from '../schema/fingerprint.ts';
import { splitMigration } from '../sql/split.ts';
import { leftBehind } from './left-behind.ts';
import { openReplayBase } from './replay-points.ts';

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
    changing: changingTables([left.tables, again.tables], { from, to: Date.now() }, texts),
  };
}

/** How what a squashed file makes in an empty database compares with what it stands for. */
export type Proven =
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'differs'; readonly in: 'schema' | 'rows'; readonly names: readonly string[] };

export async function proveBaseline(
  text: string,
  { left }: Baseline,
  options: BaselineOptions,
): Promise<Proven> {
  await using base = await openReplayBase(options);
  const refusal = await base.keep(splitMigration(text));
  if (refusal) return { kind: 'refused', why: `statement ${refusal.statement}: ${refusal.why}` };
  const made = await leftBehind(base, options.bookkeeping);
  const objects = objectsThatDiffer(left, made);
  if (objects.length > 0) return { kind: 'differs', in: 'schema', names: objects };
  const tables = contentsThatDiffer(left, made);
  return tables.length > 0 ? { kind: 'differs', in: 'rows', names: tables } : { kind: 'same' };
}

async function replayed(migrations: readonly Migration[], options: BaselineOptions): Promise<LeftBehind> {
  await using base = await openReplayBase(options);
  for (const { tag, file, statements } of migrations) {
    options.signal.throwIfAborted();
    const refusal = await base.keep(statements);
    if (!refusal) continue;
    const line = statements[refusal.statement - 1]?.line ?? 1;
    throw new MigrateError(
      'migrations',
      `The history cannot be replayed: at ${tag}, statement ${refusal.statement} (${file}:${line}), because ${refusal.why}. Nothing was written.`,
      {
        next: 'A history that gives no database from nothing cannot be squashed; drift and baseline tell what is there.',
      },
    );
  }
  return await leftBehind(base, options.bookkeeping);
}

function objectsThatDiffer(left: LeftBehind, made: LeftBehind): readonly string[] {
  const say = ({ schema }: LeftBehind) =>
    new Map(schema.objects.map(({ type, name, normal }) => [`${type} ${name}`, normal]));
  return keysThatDiffer(say(left), say(made));
}

function contentsThatDiffer(left: LeftBehind, made: LeftBehind): readonly string[] {
  const say = ({ tables, sequences, pragmas }: LeftBehind) =>
    new Map([
      ...tables.map(({ name, columns, rows }) => [name, JSON.stringify([columns, rows])] as const),
      ...Array.from(sequences, ([name, last]) => [`the last number of ${name}`, last] as const),
      ...pragmas,
    ]);
  return keysThatDiffer(say(left), say(made));
}

function keysThatDiffer(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
}
