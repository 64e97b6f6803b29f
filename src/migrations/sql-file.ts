import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { MigrateError } from '../lib/errors.ts';
import { sha256 } from '../lib/hash.ts';
import { safe } from '../lib/safe-text.ts';
import { splitMigration } from '../sql/split.ts';
import type { MigrationStatement } from '../sql/split.ts';
import type { Dialect } from '../sql/statement.ts';
import { codeOf } from '../lib/error-code.ts';
import { whyNot } from './listing.ts';
import { lacksFinalSemicolon } from './final-semicolon.ts';
import type { FolderNote } from './migration.ts';

/** An SQL file of a migration folder, read as Drizzle reads it: as UTF-8, a byte-order mark included. */
export interface SqlFile {
  /** Absolute path. */
  readonly file: string;
  /** SHA-256 of the text, which is that of the bytes unless they are not UTF-8. */
  readonly hash: string;
  /** The same with CRLF for LF or LF for CRLF; computed when asked for. */
  readonly hashWithOtherLineEnds: () => string;
  /** Split when first asked for; PostgreSQL's at once. */
  readonly statements: () => readonly MigrationStatement[];
  readonly notes: readonly FolderNote[];
}

/**
 * @param missing what to throw when the file is not there; by default an error that names it
 * @param tool whose way of reading the notes speak of
 */
export async function readSqlFile(
  file: string,
  { missing, tool = 'Drizzle', dialect = 'sqlite' }: ReadSqlOptions = {},
): Promise<SqlFile> {
  const bytes = bytesOf(file, missing);
  const text = decoded(file, bytes);
  const clean = isUtf8(bytes);
  const split = dialect === 'postgres' ? await splitForPostgres(text) : undefined;
  const hasChunks = tool !== numbersTool && tool !== companionsTool;
  const own = (all: readonly MigrationStatement[]) => (hasChunks ? all : all.map(withoutChunk));
  let statements = split && own(split.statements);
  return {
    file,
    hash: sha256(clean ? bytes : text),
    hashWithOtherLineEnds: () => sha256(withOtherLineEnds(text)),
    statements: () => (statements ??= own(splitMigration(text))),
    notes: [
      ...[
        ...remarks(text, { encoding: clean ? 'utf-8' : 'other', tool, dialect }),
        ...(tool === 'wrangler' ? wranglerRemarks(text) : []),
      ].map((message) => ({ file, message })),
      ...(split?.notes ?? []).map((note) => ({ file, ...note })),
    ],
  };
}

/** Breakpoints are Drizzle's: who runs numbered files, or what stands beside a migration, knows only the whole file. */
function withoutChunk(statement: MigrationStatement): MigrationStatement {
  const { chunk: _, ...rest } = statement;
  return rest;
}

export const numbersTool = 'a runner of numbered files';

/** No other one knows what stands beside a migration. */
export const companionsTool = 'migrate-tui';

type Tool = 'Drizzle' | 'wrangler' | typeof numbersTool | typeof companionsTool;

export interface ReadSqlOptions {
  readonly missing?: (() => MigrateError) | undefined;
  readonly tool?: Tool | undefined;
  /** What the file is written in; `sqlite` unless given. */
  readonly dialect?: Dialect | undefined;
}

/**
 * A text that PostgreSQL's own parser does not take is parted by its semicolons, and the server has the last word: it may
 * be newer than our parser, and a rehearsal asks it first.
 */
async function splitForPostgres(text: string): Promise<{
  readonly statements: readonly MigrationStatement[];
  readonly notes: readonly Omit<FolderNote, 'file'>[];
}> {
  const { splitPostgres } = await import('../sql/postgres/split-postgres.ts');
  const { SqlSyntaxError } = await import('../sql/postgres/parser.ts');
  try {
    return { statements: await splitPostgres(text), notes: [] };
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const { line, message, next } = error;
    const says = next === undefined ? message : `${message}; ${next.replace(/\.$/, '')}`;
    const note = {
      message: `has in line ${line} what PostgreSQL does not take: ${says}`,
      syntax: { line, says },
    };
    return { statements: splitMigration(text), notes: [note] };
  }
}

/** At once: of hundreds of small files each would otherwise wait in line for a thread four times. */
function bytesOf(file: string, missing: ReadSqlOptions['missing']): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    if (missing && codeOf(cause) === 'ENOENT') throw missing();
    throw notReadable(file, cause);
  }
}

function decoded(file: string, bytes: Buffer): string {
  try {
    return bytes.toString('utf8');
  } catch (cause) {
    throw notReadable(file, cause);
  }
}

function withOtherLineEnds(text: string): string {
  return text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n');
}

function remarks(
  text: string,
  {
    encoding,
    tool,
    dialect,
  }: {
    readonly encoding: 'utf-8' | 'other';
    readonly tool: Tool;
    readonly dialect: Dialect;
  },
): readonly string[] {
  return [
    encoding === 'utf-8'
      ? ''
      : `is not valid UTF-8: the bytes that are not are read as U+FFFD, as ${tool} does`,
    text.startsWith('\uFEFF') ? 'begins with a byte-order mark, which is part of its hash' : '',
    mixesLineEnds(text) ? 'mixes line ends (CRLF and LF); changing them changes its hash' : '',
    text.includes('\0') && dialect === 'sqlite' ? 'holds a NUL character, where SQLite stops reading' : '',
  ].filter((remark) => remark !== '');
}

function wranglerRemarks(text: string): readonly string[] {
  return [
    lacksFinalSemicolon(text)
      ? 'does not end in a semicolon: wrangler puts its record right behind the last statement and fails with a syntax error'
      : '',
    text.includes('\r\n') && /\btrigger\b/i.test(text)
      ? 'has CRLF line ends and a trigger, which Cloudflare has refused with "incomplete input" when wrangler sent it'
      : '',
  ].filter((remark) => remark !== '');
}

function mixesLineEnds(text: string): boolean {
  return text.includes('\r\n') && /(?:^|[^\r])\n/.test(text);
}

function notReadable(file: string, cause: unknown): MigrateError {
  return new MigrateError(
    'migrations',
    `Migration file ${safe(basename(file), { lines: 'one' })} cannot be read: ${whyNot(cause)}`,
    { next: `Look at ${safe(file, { lines: 'one' })}.`, cause },
  );
}
