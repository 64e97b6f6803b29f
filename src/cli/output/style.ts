import { commandLine } from '../../lib/command-line.ts';
import type { Signs } from '../../lib/signs.ts';
import { signsFor } from '../../lib/signs.ts';

/** What a piece of text means; only here does a meaning become a colour. */
export type Token = 'text' | 'dim' | 'accent' | 'ok' | 'warn' | 'danger' | 'added' | 'removed';

/** How text is written to one stream: plain or coloured, with which signs, how wide. */
export interface Style {
  readonly signs: Signs;
  /** Columns of the terminal; undefined where lines may be as long as they are. */
  readonly width: number | undefined;
  /** Expects text that is safe to show. */
  readonly paint: (token: Token, text: string) => string;
  readonly now: Date;
  /** A command line that is named to the person. */
  readonly command: (words: readonly string[]) => string;
}

export interface StyleOptions {
  readonly stream: { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly colour: 'never' | 'as-fits';
  readonly ascii: 'asked' | 'as-fits';
  readonly command?: Style['command'];
}

/** How text looks on a stream: colours and widths only where a terminal takes them. */
export function styleFor({ stream, env, colour, ascii, command = commandLine }: StyleOptions): Style {
  const coloured = colour !== 'never' && wantsColour(env, stream);
  return {
    signs: signsFor(env, { ascii }),
    width: stream.isTTY === true ? (stream.columns ?? 80) : undefined,
    paint: coloured ? painted : (_token, text) => text,
    now: new Date(),
    command,
  };
}

/** FORCE_COLOR decides when it is set, then NO_COLOR and CLICOLOR; else it takes a terminal that can. */
export function wantsColour(
  env: Readonly<Record<string, string | undefined>>,
  { isTTY }: Pick<StyleOptions['stream'], 'isTTY'>,
): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '' || env['CLICOLOR'] === '0') return false;
  if ((env['CLICOLOR_FORCE'] ?? '0') !== '0') return true;
  return isTTY === true && env['TERM'] !== 'dumb';
}

function painted(token: Token, text: string): string {
  const code = codes[token];
  return code === undefined || text === '' ? text : `\u001B[${code}m${text}\u001B[0m`;
}

// The 16 ANSI colours, so that the person's own scheme decides; dim is "faint", not bright black.
const codes: Readonly<Record<Token, string | undefined>> = {
  text: undefined,
  dim: '2',
  accent: '1;36',
  ok: '32',
  warn: '33',
  danger: '1;31',
  added: '32',
  removed: '31',
};
