import { unreachable } from '../../../lib/unreachable.ts';

/**
 * The statements of a dump that is too large for memory, one after the other, each with its closing semicolon.
 * As long as the dump is SQL, nothing of it is lost or changed but the space between statements.
 */
export async function* statementsIn(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  let piece = newPiece();
  for await (const chunk of withEnd(chunks)) {
    text += chunk.text;
    for (;;) {
      const step = next(text, piece, chunk);
      if (step === 'more') break;
      const statement = text.slice(0, piece.at).trim();
      if (statement !== '' && statement !== ';') yield statement;
      text = text.slice(piece.at);
      piece = newPiece();
      if (chunk.isLast && text === '') break;
    }
  }
}

interface Piece {
  /** How far it was looked at. */
  at: number;
  /** Its first words, as many as tell whether it is a trigger. */
  opening: string[];
  last: string;
  beforeLast: string;
}

const newPiece = (): Piece => ({ at: 0, opening: [], last: '', beforeLast: '' });

/** Looks on until the statement ends, or until more of the text is needed to go on. */
function next(text: string, piece: Piece, { isLast }: { readonly isLast: boolean }): 'ended' | 'more' {
  for (;;) {
    interesting.lastIndex = piece.at;
    const from = interesting.exec(text)?.index ?? text.length;
    if (from === text.length) {
      piece.at = from;
      return isLast ? 'ended' : 'more';
    }
    const token = tokenAt(text, from);
    const end = isLast && token.end === undefined ? text.length : token.end;
    // A word may go on in the next chunk, and so may the second half of `--`.
    if (end === undefined || (!isLast && end === text.length && token.kind !== 'semicolon')) {
      piece.at = from;
      return 'more';
    }
    piece.at = end;
    if (token.kind === 'semicolon' && endsHere(piece)) return 'ended';
    note(piece, token.kind, text.slice(from, end));
  }
}

const interesting = /[;'"`[\-/\w]/g;

interface Token {
  readonly kind: 'semicolon' | 'word' | 'other';
  /** Undefined: beyond the text. */
  readonly end: number | undefined;
}

function tokenAt(text: string, from: number): Token {
  const char = text.charAt(from);
  switch (char) {
    case ';':
      return { kind: 'semicolon', end: from + 1 };
    case "'":
    case '"':
    case '`':
      return { kind: 'other', end: after(text, char, from + 1) };
    case '[':
      return { kind: 'other', end: after(text, ']', from + 1) };
    case '-':
      return { kind: 'other', end: text.startsWith('--', from) ? after(text, '\n', from + 2) : from + 1 };
    case '/':
      return { kind: 'other', end: text.startsWith('/*', from) ? after(text, '*/', from + 2) : from + 1 };
    default:
      word.lastIndex = from;
      word.test(text);
      return { kind: 'word', end: word.lastIndex };
  }
}

const word = /\w+/y;

function after(text: string, end: string, from: number): number | undefined {
  const found = text.indexOf(end, from);
  return found === -1 ? undefined : found + end.length;
}

function note(piece: Piece, kind: Token['kind'], text: string): void {
  switch (kind) {
    case 'word':
    case 'semicolon':
      if (piece.opening.length < 3) piece.opening.push(text.toUpperCase());
      piece.beforeLast = piece.last;
      piece.last = text.toUpperCase();
      return;
    case 'other':
      return;
    default:
      unreachable(kind);
  }
}

/** A trigger's own statements end in semicolons; the trigger ends at `; END ;`. */
function endsHere({ opening, last, beforeLast }: Piece): boolean {
  const isTrigger = opening[0] === 'CREATE' && opening.slice(1).includes('TRIGGER');
  return !isTrigger || (last === 'END' && beforeLast === ';');
}

async function* withEnd(
  chunks: AsyncIterable<string>,
): AsyncGenerator<{ readonly text: string; readonly isLast: boolean }> {
  for await (const text of chunks) yield { text, isLast: false };
  yield { text: '', isLast: true };
}
