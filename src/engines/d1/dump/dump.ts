import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { rename } from '../../../lib/patient-fs.ts';
import { MigrateError, runAgain } from '../../../lib/errors.ts';
import { count } from '../../../lib/numbers.ts';
import type { CopyRules } from '../../../sql/copy-rules.ts';
import type { D1RemoteAddress } from '../../address.ts';
import type { OnCopyProgress } from '../../copy-progress.ts';
import { holdFile } from '../../held-files.ts';
import { rulesOf, type Masking } from '../../masks.ts';
import { refuseOtherShape } from '../../shape-of.ts';
import { flushFolder, hashFile, removeAll, type FileCopy } from '../../libsql/backup-file.ts';
import type { Content } from '../../libsql/content.ts';
import { errcodeOf, toCopyError } from '../../libsql/node-sqlite.ts';
import { readDumpSource, type AskRaw, type DumpSource } from './source.ts';
import { writeDump } from './write.ts';
import { connectD1, type D1Connection } from '../remote/connection.ts';
import { positionOf } from '../remote/rewind.ts';

export interface DumpD1Options {
  readonly address: D1RemoteAddress;
  /** Absolute path of the copy; its folder exists. */
  readonly to: string;
  /** `schema`: every object, no rows; full-text tables are then empty. */
  readonly what: 'schema' | 'rows';
  /** What is not copied as it is: it is written nowhere. */
  readonly masking?: Masking | undefined;
  /** What the rules were made for (see `shapeOf`). */
  readonly shape?: string;
  /** How often to read it all at most, when it is written to meanwhile; 3 unless said. */
  readonly attempts?: number;
  /** Milliseconds; 10,000 unless said. */
  readonly connectTimeout?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnCopyProgress;
}

export interface D1Dump extends FileCopy {
  /** Whether nobody wrote between the first and the last read, so that the copy is one moment of the database. */
  readonly consistent: boolean;
  /** Where the database was in its history before and after; undefined where it keeps none. */
  readonly positions: { readonly before: string; readonly after: string } | undefined;
}

/**
 * Copies a database at Cloudflare into a local SQLite file, a page of rows to a request: exact values and rowids,
 * indexes, views, triggers, counters of AUTOINCREMENT, full-text tables with their content. D1 has no read that lasts
 * longer than a request, so the place in its history before and after tells whether the copy is one moment of it.
 *
 * Throws `MigrateError`: `unreachable`, `not-found`, `busy`, `storage`, `backup-failed`, `interrupted`.
 */
export async function dumpD1(options: DumpD1Options): Promise<D1Dump> {
  const { address, to, attempts = 3, connectTimeout = 10_000, signal } = options;
  const part = `${to}.${process.pid}.part`;
  try {
    const connection = await connectD1(address, { connectTimeout, ...(signal ? { signal } : {}) });
    const copied = await copyInto(part, connection, options, attempts);
    const sha256 = await hashFile(part);
    const { size } = await stat(part);
    await rename(part, to);
    await flushFolder(dirname(to));
    const { content, consistent, positions } = copied;
    return { bytes: size, sha256, tables: content.tables, schema: content.schema, consistent, positions };
  } catch (error) {
    if (signal?.aborted)
      throw new MigrateError('interrupted', 'The copy of the remote database was stopped.', {
        next: runAgain,
      });
    throw toCopyError(error, `${to} could not be written`, part);
  } finally {
    await removeAll(part);
  }
}

interface Copied extends Pick<D1Dump, 'consistent' | 'positions'> {
  readonly content: Content;
}

async function copyInto(
  part: string,
  connection: D1Connection,
  options: DumpD1Options,
  attempts: number,
): Promise<Copied> {
  const before = await position(connection);
  const attempt = await copyOnce(part, connection, options);
  const after = await position(connection);
  const positions = before === undefined || after === undefined ? undefined : { before, after };
  const moved = before !== after;
  if (moved && attempts > 1) return copyInto(part, connection, options, attempts - 1);
  if (attempt.kind === 'copied' && (moved || attempt.wrong.length === 0)) {
    return { content: attempt.content, consistent: !moved && positions !== undefined, positions };
  }
  const wrong = attempt.kind === 'copied' ? attempt.wrong.join('; ') : refusalOf(attempt.cause);
  throw new MigrateError(
    'backup-failed',
    `The copy of ${connection.location} is not what was copied: ${wrong}${moved ? '. It is being written to' : ''}`,
    {
      next: moved ? 'Try again while fewer programs write to it.' : 'Try again.',
      ...(attempt.kind === 'torn' ? { cause: attempt.cause } : {}),
    },
  );
}

function position(connection: D1Connection): Promise<string | undefined> {
  return connection.database.version === 'alpha' ? Promise.resolve(undefined) : positionOf(connection);
}

type Attempt =
  | { readonly kind: 'copied'; readonly content: Content; readonly wrong: readonly string[] }
  /** Rows of different moments that no schema allows together. */
  | { readonly kind: 'torn'; readonly cause: unknown };

async function copyOnce(part: string, connection: D1Connection, options: DumpD1Options): Promise<Attempt> {
  await removeAll(part);
  const ask: AskRaw = (questions) => connection.raw(questions, longPatience);
  const source = await readDumpSource(ask);
  refuseOtherShape(source.shape, options.shape, connection.location);
  using _held = holdFile(part, 'node:sqlite');
  try {
    const content = await writeDump(part, source, ask, options);
    await flush(part);
    return {
      kind: 'copied',
      content,
      wrong: options.what === 'rows' ? differences(source, content, options.masking?.rules) : [],
    };
  } catch (error) {
    // 19: a constraint, 1: an object that is not there (any more).
    const base = (errcodeOf(error) ?? 0) & 0xff;
    if (base === 19 || base === 1) return { kind: 'torn', cause: error };
    throw error;
  }
}

/** Without the engine's own words, which may quote a row. */
function refusalOf(cause: unknown): string {
  return `SQLite refuses a part of its schema or rows (${errcodeOf(cause) ?? 'no code'})`;
}

/** A token that has used up its requests is let in again after five minutes at most. */
const longPatience = { broken: 60_000, busy: 330_000 };

function differences(
  source: DumpSource,
  { tables }: Content,
  rules: CopyRules = { tables: [] },
): readonly string[] {
  const copied = new Map(tables.map(({ table, rows }) => [table, rows]));
  const asTheyAre = source.tables.filter(
    ({ name, isBehindVirtual }) => !isBehindVirtual && rulesOf(name, rules)?.rows !== 'left-out',
  );
  // Behind a virtual table that is made anew the rows are others.
  const compared = rules.tables.length === 0 ? source.tables : asTheyAre;
  return compared.flatMap(({ name, rows }) => {
    const found = copied.get(name) ?? rows;
    return found === rows ? [] : [`table ${name} has ${count(found)} rows instead of ${count(rows)}`];
  });
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}
