import { pathToFileURL } from 'node:url';
import { createClient, type Client, type InStatement } from '@libsql/client/sqlite3';
import type { Bookkeeping } from '../bookkeeping/bookkeeping.ts';
import type { Migration } from '../migrations/migration.ts';
import type { Statement } from '../sql/statement.ts';
import type { DemoEnvironment } from './environments.ts';

export interface DemoDatabase {
  /** Absolute path of the file to make. */
  readonly path: string;
  readonly migrations: readonly Migration[];
  readonly bookkeeping: Bookkeeping;
  /** What happened to this database besides its migrations; `undefined`: nothing. */
  readonly story: DemoEnvironment | undefined;
  /** Inserted when this migration has run, so that the later ones meet rows. */
  readonly rows: { readonly after: string; readonly statements: readonly Statement[] };
}

/** Makes one database file the way it would have come about: migrations, rows in between, mishaps. */
export async function makeDatabase({
  path,
  migrations,
  bookkeeping,
  story,
  rows,
}: DemoDatabase): Promise<void> {
  using client = openForMaking(path);
  // Nothing of value is in it yet, so the disk need not confirm every step.
  await client.execute('PRAGMA synchronous = OFF');
  await client.batch(bookkeeping.create().map(input), 'write');
  const upTo = story ? indexOf(migrations, story.upTo) : migrations.length - 1;
  const ran = migrations.slice(0, upTo + 1).filter(({ tag }) => tag !== story?.skipped);
  const seeded = indexOf(ran, rows.after) + 1;
  await client.migrate(unit(ran.slice(0, seeded), bookkeeping, story));
  await client.batch(rows.statements.map(input), 'write');
  if (seeded < ran.length) await client.migrate(unit(ran.slice(seeded), bookkeeping, story));
  for (const statement of strayStatements(migrations, story)) await client.execute(statement);
}

function openForMaking(path: string): Client & Disposable {
  const client = createClient({ url: pathToFileURL(path).href, concurrency: 1 });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

/** The statements of migrations, each followed by its record: what drizzle-orm's own migrator sends. */
function unit(
  migrations: readonly Migration[],
  bookkeeping: Bookkeeping,
  story: DemoEnvironment | undefined,
): InStatement[] {
  return migrations.flatMap((migration) => [
    ...migration.statements.map(({ sql }) => sql),
    ...records(migration, story).map((record) => input(bookkeeping.record(record, record.when))),
  ]);
}

function records(migration: Migration, story: DemoEnvironment | undefined): readonly Migration[] {
  if (migration.tag === story?.unrecorded) return [];
  if (migration.tag !== story?.edited?.tag) return [migration];
  const edited = { ...migration, hash: story.edited.hash };
  return story.orphan ? [edited, { ...migration, ...story.orphan }] : [edited];
}

/** What ran outside any transaction: the beginning of a migration that was cut off, and what was typed by hand. */
function strayStatements(
  migrations: readonly Migration[],
  story: DemoEnvironment | undefined,
): readonly string[] {
  const { cutOff, byHand = [] } = story ?? {};
  if (!cutOff) return byHand;
  const { statements } = migrations[indexOf(migrations, cutOff.tag)] ?? { statements: [] };
  return [...statements.slice(0, cutOff.after).map(({ sql }) => sql), ...byHand];
}

function indexOf(migrations: readonly Migration[], tag: string): number {
  const found = migrations.findIndex((migration) => migration.tag === tag);
  if (found === -1) throw new Error(`The demo project has no migration ${tag}.`);
  return found;
}

function input({ sql, args }: Statement): InStatement {
  return { sql, args: [...(args ?? [])] };
}
