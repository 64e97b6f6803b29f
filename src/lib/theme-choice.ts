/** Themes by name. What each looks like is known where it is drawn. */
export const themeNames = ['ansi', 'colour-blind', 'plain'] as const;
export type ThemeName = (typeof themeNames)[number];

/** What a text on the screen may mean: a theme gives each a look. */
export const meanings = [
  'text',
  'dim',
  'accent',
  'ok',
  'warn',
  'danger',
  'badge',
  'fault',
  'added',
  'removed',
  'strong',
  'sql.keyword',
  'sql.string',
  'sql.comment',
] as const;
export type Meaning = (typeof meanings)[number];

/** A theme, and what is to look otherwise, each in words: `bold blueBright`. */
export interface ThemeChoice {
  readonly name: ThemeName;
  readonly looks: readonly { readonly meaning: Meaning; readonly look: string }[];
}

/** Any number of weights, and one colour or none. */
export interface Look {
  readonly colour: string | undefined;
  readonly weights: readonly (typeof weights)[number][];
}

export const weights = ['bold', 'dim', 'italic', 'underline', 'inverse'] as const;

/** The 16 colours of a terminal, which the person's own scheme decides. */
export const colours = [
  ...(['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const),
  ...(['blackBright', 'redBright', 'greenBright', 'yellowBright'] as const),
  ...(['blueBright', 'magentaBright', 'cyanBright', 'whiteBright'] as const),
] as const;

/**
 * Takes a look apart. `plain` is one without colour or weight.
 *
 * @returns undefined where a word of it is none that is known, or where it names two colours
 */
export function parseLook(text: string): Look | undefined {
  const words = text.trim().split(/\s+/);
  if (words.length === 1 && words[0] === 'plain') return { colour: undefined, weights: [] };
  const chosen = weights.filter((weight) => words.includes(weight));
  const others = words.filter((word) => !weights.some((weight) => weight === word));
  const [colour, another] = others;
  if (another !== undefined) return undefined;
  return colour === undefined || isColour(colour) ? { colour, weights: chosen } : undefined;
}

function isColour(word: string): boolean {
  return colours.some((colour) => colour === word) || /^#[\da-f]{6}$/i.test(word);
}
