import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { EngineDatabase } from './d1-engine.ts';

/** A database that the stand-in serves, with its history. */
export interface ServedDatabase extends Disposable {
  readonly uuid: string;
  readonly name: string;
  readonly createdAt: string;
  readonly engine: EngineDatabase;
  /** One request after the other, as a Durable Object has it. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Keeps the state under a new bookmark when something was written since the last one. */
  noteWrite(): Promise<void>;
  readonly bookmark: string;
  /** The last bookmark at or before a time, in milliseconds; undefined before the database was made. */
  bookmarkAt(time: number): string | undefined;
  /** Takes the file back to a bookmark; false when there is no such one. */
  takeBack(bookmark: string): Promise<boolean>;
  /** Bytes. */
  size(): Promise<number>;
  /** Runs a text on a plain connection, without a transaction around it: what an import is like. */
  load(sql: string): void;
}

/** @param folder where the states under each bookmark are kept */
export async function serveDatabase(
  engine: EngineDatabase,
  name: string,
  folder: string,
): Promise<ServedDatabase> {
  await engine.batch([{ sql: 'SELECT 1' }]);
  // Told by SQLite of every commit of any other connection, whatever made it.
  const watcher = new DatabaseSync(engine.file, { timeout: 5000 });
  // Cloudflare's own, which every database there has, and which nobody may look into.
  watcher.exec('CREATE TABLE IF NOT EXISTS _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID');
  const versionNow = () => Number(watcher.prepare('PRAGMA data_version').get()?.['data_version']);
  const kept: { readonly bookmark: string; readonly at: number; readonly file: string }[] = [];
  const keep = async () => {
    const bookmark = bookmarkOf(engine.id, kept.length);
    const file = join(folder, `${engine.id}-${kept.length}.sqlite`);
    await backup(watcher, file, { rate: wholeFile });
    kept.push({ bookmark, at: Date.now(), file });
  };
  let seen = versionNow();
  await keep();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    uuid: engine.id,
    name,
    createdAt: new Date().toISOString(),
    engine,
    inTurn: (work) => {
      const mine = turn.then(work, work);
      turn = mine.catch(() => undefined);
      return mine;
    },
    noteWrite: async () => {
      const version = versionNow();
      if (version === seen) return;
      seen = version;
      await keep();
    },
    get bookmark() {
      return kept.at(-1)?.bookmark ?? '';
    },
    bookmarkAt: (time) => kept.findLast(({ at }) => at <= time)?.bookmark,
    takeBack: async (bookmark) => {
      const found = kept.find((one) => one.bookmark === bookmark);
      if (!found) return false;
      using source = new DatabaseSync(found.file, { readOnly: true });
      await backup(source, engine.file, { rate: wholeFile });
      return true;
    },
    size: async () => (await stat(engine.file)).size,
    load: (sql) => {
      using connection = new DatabaseSync(engine.file, {
        timeout: 5000,
        enableDoubleQuotedStringLiterals: true,
      });
      connection.exec(sql);
    },
    [Symbol.dispose]: () => watcher.close(),
  };
}

/** In the real one's form, and sorted like the states. */
function bookmarkOf(id: string, number: number): string {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  const digest = createHash('md5').update(`${id} ${number}`).digest('hex');
  return `${hex(number)}-${hex(0)}-00004f2c-${digest}`;
}

/** Pages a step: all of them, so that nobody writes in between. */
const wholeFile = 1_000_000;
