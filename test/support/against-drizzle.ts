import { createClient, type Client } from '@libsql/client';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine } from '../../src/engines/open.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import type { Consent } from '../../src/operations/change.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import { fingerprint } from '../../src/schema/fingerprint.ts';
import { readSchema } from '../../src/schema/read.ts';
import { folder0, folder1, writeFiles } from './drizzle-folders.ts';
import { drizzleLines } from './drizzle-lines.ts';
import { carryOut, consent, selection } from './in-process.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** One migration folder and two databases: ours is migrated by the product, theirs by drizzle-orm. */
export interface Rivals extends AsyncDisposable {
  readonly project: SmallProject;
  /** Replaces the folder. */
  write(migrations: readonly RivalMigration[]): Promise<void>;
  /** Runs statements in both databases, with foreign keys off: also rows that refer to nothing. */
  both(statements: readonly string[]): Promise<void>;
  /** drizzle-orm's own `migrate()`. */
  migrate(which: Which): Promise<void>;
  /** The product's last event. */
  change(
    kind: 'apply' | 'deploy',
    given?: Partial<Consent>,
  ): Promise<Extract<RunEvent, { kind: 'done' | 'failed' }>>;
  content(which: Which): Promise<Content>;
}

export type Which = 'ours' | 'theirs';

export interface RivalMigration {
  readonly tag: string;
  readonly chunks: readonly string[];
}

/** All of a database but the lock table of the product. */
export interface Content {
  readonly fingerprint: string;
  /** Word for word. */
  readonly schema: readonly string[];
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

export async function rivals(
  migrations: readonly RivalMigration[],
  {
    format = 'drizzle-0',
    marker = '\n--> statement-breakpoint\n',
  }: { format?: DrizzleLine; marker?: string } = {},
): Promise<Rivals> {
  const project = smallProject();
  const folder = join(project.root, 'drizzle');
  const paths = { ours: join(project.root, 'local.db'), theirs: join(project.root, 'theirs.db') };
  const write = async (next: readonly RivalMigration[]) => {
    await rm(folder, { recursive: true, force: true });
    await writeFiles(folder, filesOf(next, format, marker));
  };
  await write(migrations);
  return {
    project,
    write,
    both: async (statements) => {
      for (const path of Object.values(paths))
        await withClient(path, (client) => client.migrate([...statements]));
    },
    migrate: (which) => withClient(paths[which], (client) => drizzleLines[format].migrate(client, folder)),
    change: async (kind, given = {}) => {
      const events = await carryOut(project, {
        kind,
        environment: 'local',
        selection,
        consent: { ...consent, ...given },
      });
      const last = events.at(-1);
      if (last?.kind !== 'done' && last?.kind !== 'failed') throw new Error('The run has no last event.');
      return last;
    },
    content: (which) => contentOf(paths[which]),
    async [Symbol.asyncDispose]() {
      rmSync(project.root, { recursive: true, force: true });
      project[Symbol.dispose]();
    },
  };
}

function filesOf(migrations: readonly RivalMigration[], format: DrizzleLine, marker: string) {
  const files = migrations.map(({ tag, chunks }, index) => ({
    tag: format === 'drizzle-0' ? tag : `${20_240_101_000_000 + index}_${tag}`,
    sql: chunks.join(marker),
  }));
  return format === 'drizzle-0' ? folder0(files) : folder1(files);
}

async function withClient<T>(path: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = createClient({ url: `file:${path}` });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

async function contentOf(path: string): Promise<Content> {
  const opened = await openEngine(
    { kind: 'libsql-file', path },
    { purpose: 'question', ifMissing: 'refuse' },
  );
  if (opened.kind !== 'open') return { fingerprint: '', schema: [], rows: {} };
  await using engine = opened.engine;
  const objects = await engine.query({
    sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE '\\_\\_migrate\\_tui%' ESCAPE '\\' ORDER BY type, name",
  });
  const rows: Record<string, readonly string[]> = {};
  for (const { type, name, sql } of objects) {
    if (type !== 'table' || String(sql).startsWith('CREATE VIRTUAL')) continue;
    const table = `"${String(name).replaceAll('"', '""')}"`;
    const columns = await engine.query({
      sql: 'SELECT name FROM pragma_table_xinfo(?) ORDER BY cid',
      args: [String(name)],
    });
    const values = columns
      .map((column) => `quote("${String(column['name']).replaceAll('"', '""')}")`)
      .join(` || ', ' || `);
    const found = await engine.query({ sql: `SELECT ${values} AS line FROM ${table}` });
    rows[String(name)] = found.map(({ line }) => withoutTime(String(name), String(line))).toSorted();
  }
  return {
    fingerprint: fingerprint(await readSchema(engine.query)),
    schema: objects.map(({ type, name, tbl_name: of, sql }) => [type, name, of, sql].map(String).join('|')),
    rows,
  };
}

/** Drizzle 1.0 records the time of applying. */
function withoutTime(table: string, line: string): string {
  return table === '__drizzle_migrations' ? line.replace(/'\d{4}-\d\d-\d\dT[\d:.]+Z'$/, 'a time') : line;
}
