import { createHash, randomUUID } from 'node:crypto';
import { answer, refusal, type ApiAnswer } from './d1-answer.ts';
import type { ServedDatabase } from './d1-database.ts';
import { D1Refusal, type D1DumpOptions } from './d1-engine.ts';
import { splitAsService } from './d1-splitter.ts';

/** How often an export or import says that it is still active before it is complete. */
export interface Polls {
  export: number;
  import: number;
}

/** Exports and imports of one server, and the files that go with them. */
export class Transfers {
  readonly polls: Polls = { export: 1, import: 1 };
  readonly #files = new Map<string, string>();
  readonly #exports = new Map<string, { left: number; lastAsked: number }>();
  readonly #imports = new Map<string, Import>();
  readonly #base: () => string;

  /** @param base where the files are reached, without a slash at its end */
  constructor(base: () => string) {
    this.#base = base;
  }

  /**
   * What keeps everybody else out at this request. An export that nobody asks for any more is over by itself; an import
   * goes on, a step with each request.
   */
  async holding(database: ServedDatabase): Promise<'export' | 'import' | undefined> {
    const running = this.#exports.get(database.uuid);
    if (running !== undefined && Date.now() - running.lastAsked < 5000) return 'export';
    const importing = this.#imports.get(database.uuid);
    if (importing === undefined || importing.result !== undefined) return undefined;
    await step(database, importing);
    return importing.result === undefined ? 'import' : undefined;
  }

  async export(database: ServedDatabase, body: ExportBody): Promise<ApiAnswer> {
    const { uuid, bookmark } = database;
    const left = this.#exports.get(uuid)?.left ?? this.polls.export;
    const common = { success: true, type: 'export', at_bookmark: bookmark };
    if (left > 0) {
      this.#exports.set(uuid, { left: left - 1, lastAsked: Date.now() });
      return answer({ ...common, status: 'active', messages: ['Uploaded part 1'] });
    }
    this.#exports.delete(uuid);
    try {
      const filename = `${uuid}-${bookmark}.sql`;
      this.#files.set(filename, await database.engine.dump(dumpOptions(body)));
      const signed_url = `${this.#base()}/download/${filename}?signature=${randomUUID()}`;
      return answer({ ...common, status: 'complete', messages: [], result: { filename, signed_url } });
    } catch (error) {
      if (!(error instanceof D1Refusal)) throw error;
      return answer({ ...common, status: 'error', messages: [], error: error.message });
    }
  }

  async import(database: ServedDatabase, body: ImportBody): Promise<ApiAnswer> {
    const { action, etag = '' } = body;
    const filename = `${database.uuid}/${etag}.sql`;
    if (action === 'init' && !this.#files.has(filename)) {
      const upload_url = `${this.#base()}/upload/${encodeURIComponent(filename)}?signature=${randomUUID()}`;
      return answer({ success: true, type: 'import', messages: [], filename, upload_url });
    }
    if (action !== 'poll') {
      const sql = this.#files.get(filename);
      if (sql === undefined) return refusal(400, 7400, 'The file was not uploaded');
      this.#imports.set(database.uuid, { sql, left: this.polls.import, result: undefined });
    }
    return answer(await this.#importState(database));
  }

  async #importState(database: ServedDatabase): Promise<Record<string, unknown>> {
    const running = this.#imports.get(database.uuid);
    if (!running) return { success: false, error: 'Not currently importing anything.' };
    if (running.result === undefined) await step(database, running);
    if (running.result === undefined) {
      const messages = ['Processed 1 of 2 parts'];
      return { success: true, type: 'import', status: 'active', at_bookmark: database.bookmark, messages };
    }
    this.#imports.delete(database.uuid);
    return running.result;
  }

  /** Takes an upload; answers with what an S3 store would. */
  upload(filename: string, bytes: Buffer): { readonly etag: string } {
    this.#files.set(filename, bytes.toString());
    return { etag: createHash('md5').update(bytes).digest('hex') };
  }

  file(filename: string): string | undefined {
    return this.#files.get(filename);
  }
}

export interface ExportBody {
  readonly dump_options?: {
    readonly no_schema?: boolean;
    readonly no_data?: boolean;
    readonly tables?: readonly string[];
  };
}

export interface ImportBody {
  readonly action?: 'init' | 'ingest' | 'poll';
  readonly etag?: string;
}

function dumpOptions({ dump_options: options = {} }: ExportBody): D1DumpOptions {
  return {
    schema: options.no_schema ? 'without' : 'with',
    rows: options.no_data ? 'without' : 'with',
    tables: options.tables ?? [],
  };
}

interface Import {
  readonly sql: string;
  /** Requests until it is run. */
  left: number;
  result: Record<string, unknown> | undefined;
}

async function step(database: ServedDatabase, running: Import): Promise<void> {
  if (running.left > 0) running.left -= 1;
  else running.result = await ingest(database, running.sql);
}

/** Runs the whole text at once, and takes the database back when it fails: there is no transaction around it. */
async function ingest(database: ServedDatabase, sql: string): Promise<Record<string, unknown>> {
  const before = database.bookmark;
  const begun = performance.now();
  try {
    const pieces = splitAsService(sql);
    const control = pieces.find((piece) => /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i.test(piece));
    if (control !== undefined) throw new Error(noTransactions);
    database.load(sql);
    await database.noteWrite();
    return completed(database, pieces.length, performance.now() - begun);
  } catch (error) {
    await database.noteWrite();
    if (database.bookmark !== before) await database.takeBack(before);
    await database.noteWrite();
    const message = `${error instanceof Error ? error.message : String(error)}: SQLITE_ERROR`;
    return {
      success: false,
      type: 'import',
      status: 'error',
      messages: [],
      errors: [message],
      error: message,
    };
  }
}

const noTransactions =
  'To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements.';

async function completed(
  database: ServedDatabase,
  queries: number,
  duration: number,
): Promise<Record<string, unknown>> {
  const size_after = await database.size();
  const meta = {
    duration,
    rows_read: 0,
    rows_written: 0,
    changes: 0,
    last_row_id: 0,
    changed_db: true,
    size_after,
  };
  return {
    success: true,
    type: 'import',
    status: 'complete',
    at_bookmark: database.bookmark,
    messages: ['Completed'],
    result: { num_queries: queries, final_bookmark: database.bookmark, meta },
  };
}
