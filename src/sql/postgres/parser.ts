import { setFlagsFromString } from 'node:v8';

/** A text that PostgreSQL's own parser refuses. */
export class SqlSyntaxError extends Error {
  override readonly name = 'SqlSyntaxError';
  /** Where, in UTF-16 units from the beginning of the text. */
  readonly offset: number;
  /** Line of the text, from 1. */
  readonly line: number;
  /** What to do about it, a whole sentence, where that is known. */
  readonly next: string | undefined;

  /** @param message what is wrong, without values of the text: `syntax error at or near "FROM"` */
  constructor(
    message: string,
    {
      text,
      offset,
      next,
      cause,
    }: { text: string; offset: number; next?: string | undefined; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.offset = offset;
    this.line = text.slice(0, offset).split('\n').length;
    this.next = next;
  }
}

/** Where a statement begins and ends in a text, in UTF-16 units. It may end in comments and spaces. */
export interface ParsedSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Parts a text into statements with the parser of PostgreSQL 18 itself (libpg_query).
 *
 * @throws SqlSyntaxError with offsets in this text
 */
export async function parsedSpans(text: string): Promise<readonly ParsedSpan[]> {
  if (text === '') return [];
  const nul = text.indexOf('\0');
  // The parser would stop there in silence, and leave the rest unread.
  if (nul !== -1)
    throw new SqlSyntaxError('a NUL character, which PostgreSQL does not take', { text, offset: nul });
  const { parse, SqlError } = await loadedParser();
  try {
    // A lone surrogate has no UTF-8; what replaces it is as long.
    const { stmts = [] } = await parse(text.toWellFormed());
    const at = offsetsOf(text);
    return stmts.map(({ stmt_location: start = 0, stmt_len: length = 0 }) => ({
      start: at(start),
      // A length of 0 stands for the rest of the text.
      end: length === 0 ? text.length : at(start + length),
    }));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw syntaxError(text, error.message, error.sqlDetails?.cursorPosition ?? 0);
  }
}

/**
 * What PostgreSQL's own parser reads in a text, as libpg_query writes its tree:
 * https://github.com/pganalyze/libpg_query/blob/18-latest/protobuf/pg_query.proto
 *
 * @throws Error for what it does not take
 */
export async function parsedTree(text: string): Promise<unknown> {
  const { parse } = await loadedParser();
  return parse(text.toWellFormed());
}

/**
 * V8 would compile the parser's largest function anew, and better, once a project's files took it some thousand steps:
 * on Node 24 half a second of a processor and 600 MB, at whose end the process waits before it exits, for more time than
 * all files take to parse. Whether a function counts its steps is settled when it is first called and compiled. So the
 * first call is made while nothing is counted: what comes later, as PGlite, is compiled as ever. The second flag stands
 * for compiling well at once where nothing is counted, and is read nowhere else.
 * Node lets flags be set at any time: https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
function loadedParser(): Promise<typeof import('libpg-query')> {
  loading ??= (async () => {
    const library = await import('libpg-query');
    setFlagsFromString('--no-wasm-dynamic-tiering');
    setFlagsFromString('--no-wasm-tier-up');
    try {
      await library.loadModule();
      await library.parse('SELECT 1');
    } finally {
      setFlagsFromString('--wasm-dynamic-tiering');
    }
    return library;
  })();
  return loading;
}

let loading: Promise<typeof import('libpg-query')> | undefined;

/** From bytes of UTF-8, asked for in rising order, to UTF-16 units. */
function offsetsOf(text: string): (bytes: number) => number {
  if (Buffer.byteLength(text) === text.length) return (bytes) => bytes;
  const all = Buffer.from(text);
  let seen = 0;
  let offset = 0;
  return (bytes) => {
    offset += all.toString('utf8', seen, bytes).length;
    seen = bytes;
    return offset;
  };
}

/** The parser counts characters, of which some are two UTF-16 units. */
function syntaxError(text: string, said: string, characters: number): SqlSyntaxError {
  let offset = 0;
  for (let passed = 0; passed < characters && offset < text.length; passed += 1)
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1);
  if (/^[ \t]*\\/.test(line) || text.charAt(offset) === '\\') {
    return new SqlSyntaxError('a command of psql, which is no SQL', {
      text,
      offset,
      next: 'Take out the lines that begin with a backslash; pg_dump writes \\restrict and \\unrestrict for psql alone.',
    });
  }
  if (/\bcopy\b[^;]*\bfrom\s+stdin\b[^;]*;\s*$/i.test(text.slice(0, offset))) {
    return new SqlSyntaxError('rows behind COPY … FROM STDIN, which only psql reads', {
      text,
      offset,
      next: 'Write the rows as INSERT statements; pg_dump --inserts does.',
    });
  }
  return new SqlSyntaxError(withoutValue(said), { text, offset });
}

/** The parser quotes the token that it stumbled over, or all the rest of the text; a value is left out. */
function withoutValue(said: string): string {
  const near = / at or near "(.*)"$/s.exec(said);
  return near && !/^[\w.,;:()[\]*=<>+-]{1,63}$/.test(near[1] ?? '') ? said.slice(0, near.index) : said;
}
