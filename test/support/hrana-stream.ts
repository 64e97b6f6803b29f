import { createRequire } from 'node:module';
import { isBlank, meaningfulTokens } from '../../src/sql/tokens.ts';

export type HranaRequest =
  | { readonly type: 'close' | 'get_autocommit' }
  | { readonly type: 'execute'; readonly stmt: HranaStmt }
  | { readonly type: 'batch'; readonly batch: { readonly steps: readonly HranaStep[] } }
  | {
      readonly type: 'sequence' | 'describe';
      readonly sql?: string | null;
      readonly sql_id?: number | null;
    }
  | { readonly type: 'store_sql'; readonly sql_id: number; readonly sql: string }
  | { readonly type: 'close_sql'; readonly sql_id: number };

export interface HranaStmt {
  readonly sql?: string | null;
  readonly sql_id?: number | null;
  readonly args?: readonly HranaValue[];
  readonly named_args?: readonly { readonly name: string; readonly value: HranaValue }[];
  readonly want_rows?: boolean;
}

export interface HranaStep {
  readonly condition?: HranaCondition | null;
  readonly stmt: HranaStmt;
}

type HranaCondition =
  | { readonly type: 'ok' | 'error'; readonly step: number }
  | { readonly type: 'not'; readonly cond: HranaCondition }
  | { readonly type: 'and' | 'or'; readonly conds: readonly HranaCondition[] }
  | { readonly type: 'is_autocommit' };

type HranaValue =
  | { readonly type: 'null' }
  | { readonly type: 'integer'; readonly value: string }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'blob'; readonly base64: string };

interface HranaError {
  readonly message: string;
  readonly code: string;
}

interface HranaRows {
  readonly cols: readonly { readonly name: string; readonly decltype: string | null }[];
  readonly rows: readonly (readonly HranaValue[])[];
  readonly affected_row_count: number;
  readonly last_insert_rowid: string | null;
}

type HranaResponse =
  | { readonly type: 'close' | 'sequence' | 'store_sql' | 'close_sql' }
  | { readonly type: 'execute'; readonly result: HranaRows }
  | {
      readonly type: 'batch';
      readonly result: {
        readonly step_results: readonly (HranaRows | null)[];
        readonly step_errors: readonly (HranaError | null)[];
      };
    }
  | { readonly type: 'describe'; readonly result: unknown }
  | { readonly type: 'get_autocommit'; readonly is_autocommit: boolean };

export type HranaResult =
  | { readonly type: 'ok'; readonly response: HranaResponse }
  | { readonly type: 'error'; readonly error: HranaError };

/** What befalls one request while it is carried out. */
export type HranaTrouble =
  | { readonly kind: 'none' }
  /** COMMIT is left out, as if the machine stopped before it. */
  | { readonly kind: 'without-commit' }
  /** The statement in the middle is not allowed. */
  | { readonly kind: 'refused' }
  /** The time of a write transaction is over: it is rolled back before this statement, which says so. */
  | { readonly kind: 'too-long'; readonly at: 'middle' | 'commit' };

/** One stream: one connection of the engine, held between requests by a baton. */
export class HranaStream {
  readonly #db: LibsqlDatabase;
  readonly #sql = new Map<number, string>();
  readonly #writeLimit: number;
  #limit: NodeJS.Timeout | undefined;
  #timedOut = false;
  closed = false;

  constructor(file: string, { writeLimit }: { readonly writeLimit: number }) {
    // The engine under @libsql/client, without its pool: a stream is one connection.
    const load = createRequire(import.meta.resolve('@libsql/client'));
    const Database: new (path: string, options: { timeout: number }) => LibsqlDatabase = load('libsql');
    this.#db = new Database(file, { timeout: 0.5 });
    this.#writeLimit = writeLimit;
  }

  run(request: HranaRequest, trouble: HranaTrouble): HranaResult {
    try {
      const response = this.#respond(request, trouble);
      this.#watch();
      return { type: 'ok', response };
    } catch (error) {
      return { type: 'error', error: toHranaError(error) };
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.#limit);
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    this.#db.close();
  }

  #respond(request: HranaRequest, trouble: HranaTrouble): HranaResponse {
    switch (request.type) {
      case 'close':
        this.close();
        return { type: 'close' };
      case 'get_autocommit':
        return { type: 'get_autocommit', is_autocommit: !this.#db.inTransaction };
      case 'execute':
        if (trouble.kind === 'refused') throw notAllowed(this.#text(request.stmt));
        return { type: 'execute', result: this.#execute(request.stmt) };
      case 'batch':
        return { type: 'batch', result: this.#batch(request.batch.steps, trouble) };
      case 'sequence':
        this.#db.exec(this.#text(request));
        return { type: 'sequence' };
      case 'describe':
        return { type: 'describe', result: this.#describe(this.#text(request)) };
      case 'store_sql':
        this.#sql.set(request.sql_id, request.sql);
        return { type: 'store_sql' };
      case 'close_sql':
        this.#sql.delete(request.sql_id);
        return { type: 'close_sql' };
    }
  }

  #batch(steps: readonly HranaStep[], trouble: HranaTrouble) {
    const results: (HranaRows | null)[] = [];
    const errors: (HranaError | null)[] = [];
    const holds = (condition: HranaCondition): boolean => {
      switch (condition.type) {
        case 'ok':
          return results[condition.step] != null;
        case 'error':
          return errors[condition.step] != null;
        case 'not':
          return !holds(condition.cond);
        case 'and':
          return condition.conds.every(holds);
        case 'or':
          return condition.conds.some(holds);
        case 'is_autocommit':
          return !this.#db.inTransaction;
      }
    };
    const isHit = (index: number) => index === placeOf(trouble, steps);
    for (const [index, { condition, stmt }] of steps.entries()) {
      const run = condition == null || holds(condition);
      const { result, error } = run
        ? this.#step(stmt, isHit(index) ? trouble : { kind: 'none' })
        : { result: null, error: null };
      results.push(result);
      errors.push(error);
    }
    return { step_results: results, step_errors: errors };
  }

  #step(stmt: HranaStmt, trouble: HranaTrouble) {
    if (trouble.kind === 'without-commit') return { result: null, error: null };
    try {
      if (trouble.kind === 'refused') throw notAllowed(this.#text(stmt));
      if (trouble.kind === 'too-long') this.#rollBack();
      return { result: this.#execute(stmt), error: null };
    } catch (error) {
      return { result: null, error: toHranaError(error) };
    }
  }

  #execute(stmt: HranaStmt): HranaRows {
    if (this.#timedOut) {
      this.#timedOut = false;
      throw new Refusal('TRANSACTION_TIMEOUT', 'Transaction timed-out');
    }
    const sql = this.#text(stmt);
    refuse(sql);
    const prepared = this.#db.prepare(sql);
    prepared.safeIntegers(true);
    const args = argsOf(stmt);
    if (!returnsRows(prepared)) {
      const { changes, lastInsertRowid } = prepared.run(args);
      return { cols: [], rows: [], affected_row_count: changes, last_insert_rowid: String(lastInsertRowid) };
    }
    const cols = prepared.columns().map(({ name, type }) => ({ name, decltype: type ?? null }));
    const rows = prepared.all(args).map((row) => row.map(toHranaValue));
    return { cols, rows, affected_row_count: 0, last_insert_rowid: null };
  }

  #describe(sql: string) {
    const prepared = this.#db.prepare(sql);
    const cols = returnsRows(prepared) ? prepared.columns() : [];
    return {
      params: [],
      cols: cols.map(({ name, type }) => ({ name, decltype: type ?? null })),
      is_explain: /^\s*explain/i.test(sql),
      is_readonly: /^\s*(select|values|explain|pragma)/i.test(sql),
    };
  }

  #text({ sql, sql_id: id }: { readonly sql?: string | null; readonly sql_id?: number | null }): string {
    const text = sql ?? this.#sql.get(id ?? -1);
    if (text === undefined) throw new Refusal('SQL_STORE_NOT_FOUND', `No SQL is stored under ${id}`);
    return text;
  }

  #watch(): void {
    clearTimeout(this.#limit);
    if (this.closed || !this.#db.inTransaction) return;
    this.#limit = setTimeout(() => this.#rollBack(), this.#writeLimit);
    this.#limit.unref();
  }

  /** What a server does with a write transaction that is open too long. */
  #rollBack(): void {
    if (this.closed || !this.#db.inTransaction) return;
    this.#db.exec('ROLLBACK');
    this.#timedOut = true;
  }
}

/** The statement of a batch that a trouble befalls. */
function placeOf(trouble: HranaTrouble, steps: readonly HranaStep[]): number {
  const commit = steps.findLastIndex(({ stmt }) => stmt.sql === 'COMMIT');
  switch (trouble.kind) {
    case 'none':
      return -1;
    case 'without-commit':
      return commit;
    case 'refused':
      return Math.floor((commit === -1 ? steps.length : commit) / 2);
    case 'too-long':
      return trouble.at === 'commit' ? commit : Math.floor(commit / 2);
  }
}

interface LibsqlDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): LibsqlStatement;
  exec(sql: string): void;
  close(): void;
}

interface LibsqlStatement {
  safeIntegers(on: boolean): void;
  raw(on: boolean): void;
  columns(): readonly { readonly name: string; readonly type?: string | null }[];
  all(args: unknown): readonly (readonly unknown[])[];
  run(args: unknown): { readonly changes: number; readonly lastInsertRowid: number | bigint };
}

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function returnsRows(statement: LibsqlStatement): boolean {
  try {
    statement.raw(true);
    return true;
  } catch {
    // `raw` throws for a statement that returns no data.
    return false;
  }
}

function refuse(sql: string): void {
  if (isBlank(sql)) throw new Refusal('SQL_NO_STATEMENT', 'SQL string does not contain any statement');
  const words = meaningfulTokens(sql).map(({ text }) => text.toUpperCase());
  const [first = '', second = ''] = words;
  const isTrigger = first === 'CREATE' && words.slice(1, 3).includes('TRIGGER');
  const end = words.indexOf(';');
  if (!isTrigger && end !== -1 && end < words.length - 1) {
    throw new Refusal('SQL_MANY_STATEMENTS', 'SQL string contains more than one statement');
  }
  const temporary = first === 'CREATE' && (second === 'TEMP' || second === 'TEMPORARY');
  const pragma = first === 'PRAGMA' && !allowedPragmas.has(words[2] === '.' ? (words[3] ?? '') : second);
  if (temporary || pragma || refusedWords.has(first)) {
    throw notAllowed(`${first} ${second}`);
  }
}

function notAllowed(sql: string): Refusal {
  return new Refusal('SQL_PARSE_ERROR', `SQL not allowed statement: ${sql.slice(0, 60)}`.trim());
}

const refusedWords = new Set(['VACUUM', 'ANALYZE', 'ATTACH', 'DETACH']);
const allowedPragmas = new Set(
  'FOREIGN_KEYS DEFER_FOREIGN_KEYS FOREIGN_KEY_CHECK FOREIGN_KEY_LIST INTEGRITY_CHECK QUICK_CHECK TABLE_LIST TABLE_INFO TABLE_XINFO INDEX_LIST INDEX_INFO INDEX_XINFO FUNCTION_LIST ENCODING PAGE_SIZE PAGE_COUNT USER_VERSION SCHEMA_VERSION APPLICATION_ID DATA_VERSION'.split(
    ' ',
  ),
);

function argsOf({ args = [], named_args: named = [] }: HranaStmt): unknown {
  if (named.length === 0) return args.map(fromHranaValue);
  return Object.fromEntries(
    named.map(({ name, value }) => [name.replace(/^[:@$]/, ''), fromHranaValue(value)]),
  );
}

function fromHranaValue(value: HranaValue): unknown {
  switch (value.type) {
    case 'null':
      return null;
    case 'integer':
      return BigInt(value.value);
    case 'float':
    case 'text':
      return value.value;
    case 'blob':
      return Buffer.from(value.base64, 'base64');
  }
}

function toHranaValue(value: unknown): HranaValue {
  if (value === null || value === undefined) return { type: 'null' };
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) };
  if (typeof value === 'number') return { type: 'float', value };
  if (typeof value === 'string') return { type: 'text', value };
  if (value instanceof Uint8Array) return { type: 'blob', base64: Buffer.from(value).toString('base64') };
  throw new Error(`The engine returned a ${typeof value}.`);
}

function toHranaError(error: unknown): HranaError {
  if (error instanceof Refusal) return { message: error.message, code: error.code };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return { message: `SQLite error: ${error.message}`, code: error.code };
  }
  throw error;
}
