import {
  colours,
  meanings,
  parseLook,
  themeNames,
  weights,
  type Meaning,
  type ThemeChoice,
} from '../../lib/theme-choice.ts';
import { bad, keys, text, unknownName, wrong, type Read } from './shape.ts';

/** A theme by its name, or an object: the theme to begin from, and the looks in which this one differs. */
export const parseTheme: Read<ThemeChoice> = (value, at) => {
  if (typeof value === 'string') return { name: themeName(value, at), looks: [] };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(at, value, `${themeNames.map((name) => `'${name}'`).join(', ')} or an object`);
  }
  const own = ownTheme(value, at);
  const looks = meanings.flatMap((meaning) => {
    const words = own[meaning];
    return words === undefined ? [] : [{ meaning, look: words }];
  });
  return { name: own.from ?? 'ansi', looks };
};

const themeName: Read<ThemeChoice['name']> = (value, at) => {
  const name = text(value, at);
  const found = themeNames.find((known) => known === name);
  if (found !== undefined) return found;
  throw unknownName(at, 'theme', name, themeNames);
};

const look: Read<string> = (value, at) => {
  const words = text(value, at);
  if (parseLook(words) !== undefined) return words;
  throw bad(
    at,
    'is no look that is known',
    `Write 'plain', or one colour and any of ${weights.join(', ')}, as in 'bold blueBright'. Colours: ${colours.join(', ')}, or '#0072b2'.`,
  );
};

const looks = {
  text: look,
  dim: look,
  accent: look,
  ok: look,
  warn: look,
  danger: look,
  badge: look,
  fault: look,
  added: look,
  removed: look,
  strong: look,
  'sql.keyword': look,
  'sql.string': look,
  'sql.comment': look,
} satisfies Readonly<Record<Meaning, Read<string>>>;

const ownTheme = keys({ from: themeName, ...looks });
