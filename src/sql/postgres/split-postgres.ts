import { commentAbove, lineCounter, type Span } from '../lines.ts';
import { parsedSpans, SqlSyntaxError } from './parser.ts';
import { postgresPieces, type PostgresPiece } from './pieces.ts';
import { breakpointMarker, type MigrationStatement } from '../split.ts';

/**
 * The statements of a migration file for PostgreSQL, without pieces that hold nothing but comments, spaces and
 * semicolons; the counterpart of `splitMigration`.
 *
 * A statement ends where PostgreSQL's own parser says it does, and at every breakpoint marker in a line comment.
 * A marker inside a string, a dollar quote, a quoted name or a block comment belongs to that. Nothing is left out:
 * what stands between two statements is blank. The parser is loaded by the first call (about 50 ms).
 *
 * A single statement above a megabyte, such as an INSERT of very many rows, is not parsed: its end is told by quotes
 * and semicolons as psql does, because the parser would need a hundred times its size in memory.
 *
 * @throws SqlSyntaxError for what PostgreSQL would not parse, with the line in the file
 */
export async function splitPostgres(text: string): Promise<readonly MigrationStatement[]> {
  const lineAt = lineCounter(text);
  const statements: MigrationStatement[] = [];
  for (const { chunk, parts } of chunksOf(text)) {
    for (const part of parts) {
      for (const span of await statementsIn(text, part)) {
        const { start, end, comments, terminator } = span;
        const comment = commentAbove(text, comments);
        statements.push({
          sql: text.slice(start, end),
          line: lineAt(start),
          chunk,
          ...(comment === undefined ? {} : { comment }),
          ...(terminator === 'none' ? { terminator } : {}),
        });
      }
    }
  }
  return statements;
}

interface StatementSpan extends Span {
  readonly comments: readonly Span[];
  readonly terminator: 'semicolon' | 'none';
}

/** The text between two markers, in parts that are parsed one at a time. */
interface Chunk {
  readonly chunk: number;
  readonly parts: readonly Span[];
}

/** What is parsed at once, in UTF-16 units; a statement above it has a part of its own. */
const partSize = 262_144;
/** Above it a statement is not parsed. */
const mostParsed = 1_048_576;

function* chunksOf(text: string): Generator<Chunk> {
  let chunk = 1;
  for (let base = text.startsWith('\uFEFF') ? 1 : 0; base < text.length; chunk += 1) {
    const { parts, next } = chunkAt(text, base);
    yield { chunk, parts };
    base = next;
  }
}

function chunkAt(text: string, base: number): { readonly parts: readonly Span[]; readonly next: number } {
  const parts: Span[] = [];
  const nesting = statementNesting();
  let start = base;
  /** Behind the last semicolon at which the part may end. */
  let mayEnd = base;
  for (const piece of postgresPieces(text, base)) {
    const marker =
      piece.kind === 'line-comment' ? text.slice(piece.start, piece.end).indexOf(breakpointMarker) : -1;
    if (marker !== -1) {
      const end = piece.start + marker;
      return { parts: [...parts, ...partsUpTo(end, start, mayEnd)], next: end + breakpointMarker.length };
    }
    if (nesting.ends(piece, text)) {
      if (piece.end - start > partSize && mayEnd > start) {
        parts.push({ start, end: mayEnd });
        start = mayEnd;
      }
      mayEnd = piece.end;
    }
  }
  return { parts: [...parts, ...partsUpTo(text.length, start, mayEnd)], next: text.length };
}

function partsUpTo(end: number, start: number, mayEnd: number): readonly Span[] {
  const isLong = end - start > partSize && mayEnd > start && mayEnd < end;
  const parts = isLong
    ? [
        { start, end: mayEnd },
        { start: mayEnd, end },
      ]
    : [{ start, end }];
  return parts.filter((part) => part.end > part.start);
}

/**
 * Tells the semicolons that end a statement from those inside one, by psql's rule: none in parentheses, none between
 * BEGIN and END in the body of a function or procedure.
 */
function statementNesting(): { ends(piece: PostgresPiece, text: string): boolean } {
  let parentheses = 0;
  let begins = 0;
  let opening: string[] = [];
  const word = (said: string) => {
    if (opening.length < openingWords) opening.push(said);
    const makes =
      opening[0] === 'CREATE' && opening.some((each) => each === 'FUNCTION' || each === 'PROCEDURE');
    if (!makes || parentheses > 0) return;
    if (said === 'BEGIN' || (said === 'CASE' && begins > 0)) begins += 1;
    if (said === 'END' && begins > 0) begins -= 1;
  };
  return {
    ends: ({ kind, start, end }, text) => {
      const said = text.slice(start, end);
      if (kind === 'word') word(said.toUpperCase());
      if (kind !== 'symbol') return false;
      if (said === '(') parentheses += 1;
      if (said === ')') parentheses = Math.max(0, parentheses - 1);
      if (said !== ';' || parentheses > 0 || begins > 0) return false;
      opening = [];
      return true;
    },
  };
}

/** CREATE OR REPLACE FUNCTION. */
const openingWords = 4;

async function statementsIn(text: string, part: Span): Promise<readonly StatementSpan[]> {
  const inside = text.slice(part.start, part.end);
  const spans = inside.length > mostParsed ? wholeOf(inside) : await parsed(text, part);
  let behind = 0;
  const found = spans.map((span) => {
    const comments = commentsBetween(inside, behind, span.start);
    behind = span.end;
    return {
      start: part.start + span.start,
      end: part.start + (contentEnd(inside, span) ?? span.end),
      comments: comments.map(({ start, end }) => ({ start: part.start + start, end: part.start + end })),
      terminator: inside.charAt(span.end) === ';' ? 'semicolon' : 'none',
    } as const;
  });
  commentsBetween(inside, behind, inside.length);
  return found;
}

async function parsed(text: string, part: Span): Promise<readonly Span[]> {
  try {
    return await parsedSpans(text.slice(part.start, part.end));
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const { message, next, cause } = error;
    throw new SqlSyntaxError(message, { text, offset: part.start + error.offset, next, cause });
  }
}

/** A part of one statement, as long as it is. */
function wholeOf(inside: string): readonly Span[] {
  let first: PostgresPiece | undefined;
  let last: PostgresPiece | undefined;
  for (const piece of contentOf(inside)) {
    first ??= piece;
    last = piece;
  }
  if (!first || !last) return [];
  const isClosed = last.kind === 'symbol' && inside.charAt(last.start) === ';';
  return [{ start: first.start, end: isClosed ? last.start : last.end }];
}

/** The comments between two statements; throws where anything else but semicolons stands there: a bug. */
function commentsBetween(inside: string, start: number, end: number): readonly Span[] {
  const comments: Span[] = [];
  for (const piece of postgresPieces(inside.slice(start, end))) {
    if (isComment(piece)) comments.push({ start: start + piece.start, end: start + piece.end });
    else if (piece.kind !== 'space' && inside.charAt(start + piece.start) !== ';')
      throw new Error('A part of a migration file was not read.');
  }
  return comments;
}

function contentEnd(inside: string, { start, end }: Span): number | undefined {
  let last: number | undefined;
  for (const piece of contentOf(inside.slice(start, end))) last = piece.end;
  return last === undefined ? undefined : start + last;
}

function* contentOf(text: string): Generator<PostgresPiece> {
  for (const piece of postgresPieces(text)) if (piece.kind !== 'space' && !isComment(piece)) yield piece;
}

const isComment = ({ kind }: PostgresPiece) => kind === 'line-comment' || kind === 'block-comment';
