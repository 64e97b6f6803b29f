import { structuredPatch } from 'diff';

/** A unified diff's body: lines that begin with a space, `-` or `+`, and `@@` before each hunk. */
export type TextDiff =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  /** Too different, or too long, to be shown line by line. */
  | { readonly kind: 'too-large'; readonly removed: number; readonly added: number };

export interface TextDiffOptions {
  /** Unchanged lines around a change; 3 when not given. */
  readonly context?: number;
  /** Lines of both texts together above which none is compared. */
  readonly maxLines?: number;
}

/** Compares two texts line by line, in bounded time. */
export function textDiff(left: string, right: string, options: TextDiffOptions = {}): TextDiff {
  const { context = 3, maxLines = 20_000 } = options;
  const removed = lineCount(left);
  const added = lineCount(right);
  if (removed + added > maxLines) return { kind: 'too-large', removed, added };
  // Two texts without a common line take seconds; the limit on edits gives up in a fraction of one.
  const patch = structuredPatch('', '', withEnd(left), withEnd(right), '', '', {
    context,
    maxEditLength: 2000,
  });
  if (!patch) return { kind: 'too-large', removed, added };
  return { kind: 'lines', lines: patch.hunks.flatMap(hunkLines) };
}

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

function hunkLines(hunk: Hunk): readonly string[] {
  const place = `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`;
  return [place, ...hunk.lines];
}

const lineCount = (text: string) => (text === '' ? 0 : text.split('\n').length);
const withEnd = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
