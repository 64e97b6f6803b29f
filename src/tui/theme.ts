/** What a text means; the look follows from it. Screens never name a colour. */
export type Tone = keyof typeof theme;

/** The properties of Ink's `Text` that a tone may set. */
export interface Look {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly inverse?: boolean;
  readonly underline?: boolean;
}

/**
 * The 16 ANSI colours only, so the person's own scheme decides how they look, on dark and on light.
 * No background is set but the badge's. `dim` is faint (SGR 2): bright black vanishes in some schemes.
 */
export const theme = {
  text: {},
  dim: { dimColor: true },
  accent: { color: 'cyan', bold: true },
  ok: { color: 'green' },
  warn: { color: 'yellow' },
  danger: { color: 'red', bold: true },
  badge: { color: 'red', bold: true, inverse: true },
  /** The word that failed, in its place. */
  fault: { color: 'red', bold: true, underline: true },
  added: { color: 'green' },
  removed: { color: 'red' },
  /** A name in a sentence, where weight helps and colour would say too much. */
  strong: { bold: true },
  'sql.keyword': { bold: true },
  'sql.string': { color: 'green' },
  'sql.comment': { dimColor: true },
} as const satisfies Readonly<Record<string, Look>>;
