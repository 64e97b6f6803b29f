import { MigrateError } from '../lib/errors.ts';
import { asking } from '../sql/statement.ts';
import { copyAside, type CopyAside } from './copy-aside.ts';
import { SqlError, type Engine, type UnitOutcome } from './engine.ts';
import { lookAtFile } from './file-check.ts';
import { fileReader, UnfinishedWrite, type FileReader, type FileReaderOptions } from './file-reader.ts';
import { refuseWrite } from './read-only.ts';
import { busyError } from './sql-errors.ts';
import { turns } from './turns.ts';

export interface SqliteReaderOptions extends FileReaderOptions {
  /** Where a copy may be made of a file that was left in the middle of a write; without it such a file is refused. */
  readonly scratch?: string;
}

/** Opens a database file for questions: read-only by the engine, and without changing anything of it. */
export async function openSqliteReader(options: SqliteReaderOptions): Promise<Engine> {
  const { path } = options;
  const { kind } = await lookAtFile(path);
  if (kind === 'missing') {
    throw new MigrateError('unreachable', `${path} does not exist`, {
      next: 'Correct the path of this target.',
    });
  }
  const file = fileOrCopy(options);
  // Only one question may find out that another way of reading is needed.
  const inTurn = turns();
  return {
    name: 'sqlite-reader',
    location: path,
    delivery: 'statement-by-statement',
    foreignKeys: 'switchable',
    query: asking('sqlite', async (statement) => {
      refuseWrite(statement.sql, path);
      return inTurn(() => file.query(statement));
    }),
    remark: () => (file.isReadAside() ? readFromACopy : undefined),
    unit: () => Promise.resolve(readOnly(path)),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

interface FileOrCopy extends FileReader {
  readonly isReadAside: () => boolean;
}

/** Reads the file itself, and a copy of it for as long as it stays as a write that broke off left it. */
function fileOrCopy(options: SqliteReaderOptions): FileOrCopy {
  const file = fileReader(options);
  let aside: Aside | undefined;
  const leaveAside = async () => {
    await aside?.reader[Symbol.asyncDispose]();
    await aside?.copy[Symbol.asyncDispose]();
    aside = undefined;
  };
  return {
    isReadAside: () => aside !== undefined,
    query: asking('sqlite', async (statement) => {
      for (let attempt = 0; attempt < 20; attempt += 1) {
        if (aside?.copy.isCurrent()) return aside.reader.query(statement);
        await leaveAside();
        try {
          return await file.query(statement);
        } catch (error) {
          if (!(error instanceof UnfinishedWrite)) throw error;
          await file[Symbol.asyncDispose]();
          aside = await readAside(options, error);
        }
      }
      throw busyError(options.path, 0);
    }),
    async [Symbol.asyncDispose]() {
      await leaveAside();
      await file[Symbol.asyncDispose]();
    },
  };
}

/** The outcome of every unit on an engine that was opened for questions. */
export function readOnly(location: string): UnitOutcome {
  return {
    kind: 'failed',
    error: new SqlError(`${location} is open for reading only`, { code: 'SQLITE_READONLY' }),
  };
}

interface Aside {
  readonly copy: CopyAside;
  readonly reader: FileReader;
}

const readFromACopy =
  'A program ended in the middle of a write to this file. What is shown is a copy of it in which that write is undone, as the next program that writes to the file will undo it';

async function readAside(
  { scratch, ...options }: SqliteReaderOptions,
  unfinished: UnfinishedWrite,
): Promise<Aside | undefined> {
  if (scratch === undefined) {
    throw new MigrateError('unreachable', unfinished.message, {
      cause: unfinished,
      next: 'Open it once with a program that may write to it: that undoes the write.',
    });
  }
  const { path } = options;
  const copy = await copyAside(path, scratch);
  return copy && { copy, reader: fileReader({ ...options, path: copy.path, location: path }) };
}
