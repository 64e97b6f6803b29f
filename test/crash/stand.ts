import { cpSync, existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SmallProject } from '../support/small-project.ts';
import type { ToolTarget } from './tool.ts';

/** `numbered`: with the records of numbered files, in place of the tool's that the engine goes with. */
export type EngineName =
  | 'libSQL file'
  | 'libSQL server'
  | 'D1 local'
  | 'D1 remote'
  | 'libSQL file, numbered'
  | 'libSQL server, numbered';

/** A project whose staging environment is a database of one engine. */
export interface Stand extends AsyncDisposable {
  readonly engine: EngineName;
  readonly project: SmallProject;
  /** Where another tool gets at the database. */
  readonly target: ToolTarget;
  /** Reads past our program. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The database as it is now, with what a killed writer left beside it. @returns puts it back */
  keep(): Promise<() => Promise<void>>;
  /** Keeps the next unit of a run waiting. */
  hold(): Held;
  /** What the connection of a tool can meet; absent: there is no connection, the file is opened in place. */
  readonly faults?: {
    /** The next request is lost before anything of it is carried out, or only its answer is. */
    cut(when: 'before' | 'after'): void;
    /** The next request, or the next unit of a run, is refused: there is no room. */
    refuse(what: 'request' | 'unit'): void;
    none(): void;
  };
}

/** A unit that waits. Without a connection it waits for the file: then `drop` and `cut` let it run, too. */
export interface Held {
  /** It can be told that it waits at the server; without one only the ledger tells. */
  readonly arrived: Promise<void> | undefined;
  let(how: 'run' | 'drop' | 'cut'): void;
}

/** Everything that a command of ours may change: the database, the ledger, the backups. */
export async function keepAll(stand: Stand): Promise<() => Promise<void>> {
  const { root, env } = stand.project;
  const aside = join(dirname(root), `aside-${(asides += 1)}`);
  const folders = [join(root, '.migrate-tui'), env['XDG_STATE_HOME'] ?? ''];
  for (const [at, folder] of folders.entries()) {
    if (existsSync(folder)) cpSync(folder, join(aside, String(at)), { recursive: true });
  }
  const putBack = await stand.keep();
  return async () => {
    await putBack();
    for (const [at, folder] of folders.entries()) {
      rmSync(folder, { recursive: true, force: true });
      const kept = join(aside, String(at));
      if (existsSync(kept)) cpSync(kept, folder, { recursive: true });
    }
  };
}

let asides = 0;

/** Every object and the rows of every table, in an order of their own. */
export interface Content {
  /** Definitions as the database has them. */
  readonly objects: string;
  /** Rows as text, by table. */
  readonly tables: ReadonlyMap<string, string>;
}

/** Without what belongs to us, to the tracking tables and to the engine. */
export async function contentOf({ rows }: Pick<Stand, 'rows'>): Promise<Content> {
  const all = await rows(
    "SELECT type, name, sql FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY name",
  );
  const objects = all.filter(({ name }) => !isOurs.test(String(name)));
  const tables = new Map<string, string>();
  for (const { type, name } of objects) {
    if (type !== 'table') continue;
    const found = await rows(`SELECT * FROM "${String(name)}"`);
    const lines = found.map((row) =>
      JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    );
    tables.set(String(name), lines.toSorted().join('\n'));
  }
  return {
    objects: JSON.stringify(objects.map((each) => [each['type'], each['name'], each['sql']])),
    tables,
  };
}

const isOurs = /^(?:__migrate_tui|__drizzle_migrations|d1_migrations|_migrations|_cf_|sqlite_autoindex)/;

export function isSame(one: Content, other: Content): boolean {
  return keyOf(one) === keyOf(other);
}

export function keyOf({ objects, tables }: Content): string {
  return JSON.stringify([objects, [...tables]]);
}
