import { createContext, useContext } from 'react';
import { parseLook, type Meaning, type ThemeChoice, type ThemeName } from '../lib/theme-choice.ts';

/** What a text means; the look follows from it. Screens never name a colour. */
export type Tone = Meaning;

/** The properties of Ink's `Text` that a tone may set. */
export interface Look {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly italic?: boolean;
  readonly inverse?: boolean;
  readonly underline?: boolean;
}

export type Theme = Readonly<Record<Tone, Look>>;

/**
 * The 16 ANSI colours only, so the person's own scheme decides how they look, on dark and on light.
 * No background is set but the badge's. `dim` is faint (SGR 2): bright black vanishes in some schemes.
 */
const ansi: Theme = {
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
};

/** Blue beside yellow, which nobody takes for each other; the red that is left never stands beside a green. */
const colourBlind: Theme = {
  ...ansi,
  ok: { color: 'blueBright' },
  danger: { color: 'redBright', bold: true },
  badge: { color: 'redBright', bold: true, inverse: true },
  fault: { color: 'redBright', bold: true, underline: true },
  added: { color: 'blueBright' },
  removed: { color: 'yellow' },
  'sql.string': { color: 'blueBright' },
};

/** Weight alone. */
const plain: Theme = {
  ...ansi,
  accent: { bold: true },
  ok: {},
  warn: { bold: true },
  danger: { bold: true },
  badge: { bold: true, inverse: true },
  fault: { bold: true, underline: true },
  added: {},
  removed: {},
  'sql.string': {},
};

const themes: Readonly<Record<ThemeName, Theme>> = { ansi, 'colour-blind': colourBlind, plain };

/** What the configuration asks for; without it, what follows the terminal. */
export function themeOf(choice: ThemeChoice | undefined): Theme {
  if (choice === undefined) return ansi;
  const looks = choice.looks.map(({ meaning, look }) => [meaning, lookOf(look)]);
  return { ...themes[choice.name], ...Object.fromEntries(looks) };
}

function lookOf(words: string): Look {
  const { colour, weights = [] } = parseLook(words) ?? {};
  const on = weights.map((weight) => [weight === 'dim' ? 'dimColor' : weight, true]);
  return { ...(colour === undefined ? {} : { color: colour }), ...Object.fromEntries(on) };
}

export const ThemeContext = createContext<Theme>(ansi);

export function useTheme(): Theme {
  return useContext(ThemeContext);
}
