import { commentAbove, lineCounter, type Span } from './lines.ts';
import { tokens } from './tokens.ts';
import type { Token } from './tokens.ts';

/** One statement of a migration file, as the author wrote it. */
export interface MigrationStatement {
  /** From its first word to its last; comments inside it are kept, the closing `;` is not part of it. */
  readonly sql: string;
  /** Line of its first character in the file, from 1. */
  readonly line: number;
  /** Its number in its file, from 1, where it is run apart from others of that file. */
  readonly number?: number;
  /** The comments that stand above it, as written. */
  readonly comment?: string;
  /** Number, from 1, of the piece between two breakpoint markers that it stands in. */
  readonly chunk?: number;
  /** `none`: no `;` stands behind it, only a breakpoint marker or the end of the file. Absent where one does. */
  readonly terminator?: 'none';
}

/** What Drizzle writes between statements. It cuts the file at every occurrence of this text. */
export const breakpointMarker = '--> statement-breakpoint';

/**
 * The statements of a migration file, without pieces that hold nothing but comments, spaces and semicolons.
 *
 * A statement ends at a semicolon (for CREATE TRIGGER, at the one after its END) and at every breakpoint marker,
 * whatever stands before or after the marker on its line. A marker inside a string, a quoted name or a block
 * comment belongs to that: what an author commented out, as `drizzle-kit pull` does with a whole file, never runs.
 * Never fails and leaves nothing out: an unterminated string or comment goes to the end of the text,
 * and everything between two statements is blank. Takes time in proportion to the text.
 */
export function splitMigration(text: string): readonly MigrationStatement[] {
  const lineAt = lineCounter(text);
  return Array.from(statementSpans(text), ({ start, end, chunk, comments, terminator }) => {
    const comment = commentAbove(text, comments);
    return {
      sql: text.slice(start, end),
      line: lineAt(start),
      chunk,
      ...(comment === undefined ? {} : { comment }),
      ...(terminator === 'none' ? { terminator } : {}),
    };
  });
}

/** Where a statement stands in the text (`end` exclusive), and the comments between it and the one before. */
export interface StatementSpan extends Span {
  readonly chunk: number;
  readonly comments: readonly Span[];
  readonly terminator: 'semicolon' | 'none';
}

/** What `splitMigration` does, as offsets. */
export function* statementSpans(text: string): Generator<StatementSpan> {
  let base = 0;
  for (let chunk = 1; base < text.length; chunk += 1) base = yield* piecesOfChunk(text, base, chunk);
}

/** The statements up to the next marker; returns where the text after that marker begins. */
function* piecesOfChunk(text: string, base: number, chunk: number): Generator<StatementSpan, number> {
  let open: OpenPiece | undefined;
  let comments: Span[] = [];
  const source = tokensToMarker(text, base);
  let step = source.next();
  for (; step.done !== true; step = source.next()) {
    const token = step.value;
    const span = { start: token.offset, end: token.offset + token.text.length };
    if (token.kind === 'comment' && !open) comments.push(span);
    if (token.kind === 'comment' || token.kind === 'space') continue;
    if (token.text === ';' && (!open || endsAtSemicolon(open))) {
      if (open) yield { ...spanOf(open), chunk, comments, terminator: 'semicolon' };
      open = undefined;
      comments = [];
    } else {
      open = grown(open, token, span);
    }
  }
  if (open) yield { ...spanOf(open), chunk, comments, terminator: 'none' };
  return step.value;
}

/** The tokens up to the next marker that separates; returns the offset after it. Offsets are those of the text. */
function* tokensToMarker(text: string, base: number): Generator<Token, number> {
  for (let from = base; ;) {
    const marker = text.indexOf(breakpointMarker, from);
    const limit = marker === -1 ? text.length : marker + breakpointMarker.length;
    let surrounding: Token | undefined;
    for (const { kind, text: part, offset, closed } of tokens(text.slice(from, limit))) {
      const token = { kind, text: part, offset: from + offset, closed };
      if (marker === -1 || token.offset + part.length <= marker) yield token;
      else if (part.startsWith('--')) return limit;
      else surrounding = wholeTokenAt(text, token.offset);
    }
    if (!surrounding) return limit;
    yield surrounding;
    from = surrounding.offset + surrounding.text.length;
  }
}

/** The token that starts here, to its real end. */
function wholeTokenAt(text: string, start: number): Token | undefined {
  for (const token of tokens(text.slice(start))) return { ...token, offset: start };
  return undefined;
}

/** A statement whose end was not seen yet. */
interface OpenPiece {
  readonly start: number;
  end: number;
  /** Its first words, as many as tell whether it is a trigger. */
  opening: string;
  words: number;
  /** Its last two tokens. */
  last: string;
  beforeLast: string;
}

const spanOf = ({ start, end }: OpenPiece): Span => ({ start, end });

// Grown in place: one object a statement, not one a token, keeps large files quick.
function grown(open: OpenPiece | undefined, { text }: Token, { start, end }: Span): OpenPiece {
  const piece = open ?? { start, end, opening: '', words: 0, last: '', beforeLast: '' };
  piece.end = end;
  if (piece.words < wordsOfOpening) piece.opening += `${text} `;
  piece.words += 1;
  piece.beforeLast = piece.last;
  piece.last = text;
  return piece;
}

const wordsOfOpening = 3;
const opensTrigger = /^CREATE (?:TEMP |TEMPORARY )?TRIGGER /i;

// The rule of sqlite3_complete(): a CASE inside a trigger ends in END too, but no semicolon stands before that END.
function endsAtSemicolon({ opening, last, beforeLast }: OpenPiece): boolean {
  if (!opensTrigger.test(opening)) return true;
  return beforeLast === ';' && last.toUpperCase() === 'END';
}
