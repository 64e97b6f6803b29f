import type { Signs } from '../../lib/signs.ts';
import type { MigrateErrorView } from '../client/error.ts';
import { environmentBadge } from '../present/badge.ts';
import { paragraph } from '../present/layout.ts';
import type { Line } from '../present/line.ts';
import type { Context, HeaderPart } from '../screen.ts';

/** What a screen knows of the one thing that it asked for. */
export type Asked<T> =
  | { readonly kind: 'asking'; readonly since: number }
  | Answered<T>
  | { readonly kind: 'failed'; readonly error: MigrateErrorView };

/** Its answer, and when it came, in milliseconds since 1970. */
export interface Answered<T> {
  readonly kind: 'answered';
  readonly report: T;
  readonly at: number;
}

/** What stands where the answer will be, or why there is none. */
export function waitingLines(
  signs: Signs,
  asked: Exclude<Asked<unknown>, { kind: 'answered' }>,
  { what, context }: { readonly what: string; readonly context: Context },
): readonly Line[] {
  if (asked.kind === 'asking') {
    return askingLines(signs, asked, { what, context });
  }
  const { message, next } = asked.error;
  const width = context.columns;
  return [
    ...paragraph(`${signs.failed} ${message}`, { width }),
    ...paragraph(`Nothing was changed. ${next ?? 'r asks again.'}`, { width }),
  ];
}

/**
 * What is being asked, and for how long when that is longer than anybody expects.
 *
 * @param begins `at-once` for what never takes but a moment
 */
export function askingLines(
  signs: Signs,
  { since }: { readonly since: number },
  {
    what,
    context,
    begins = 'later',
  }: { readonly what: string; readonly context: Context; readonly begins?: 'at-once' | 'later' },
): readonly Line[] {
  const waited = context.now - since;
  // Nothing for 150 ms: a word that comes and goes at once is noise.
  if (waited < 150 && begins === 'later') return [];
  const long = waited < 2000 ? '' : `, ${Math.floor(waited / 1000)} s`;
  return paragraph(`${signs.nothing} ${what}${long}`, { width: context.columns, tone: 'dim' });
}

/** The badge of an environment for the header's right end; one that may be written has its name alone. */
export function badgeOf(context: Context, environment: string): readonly HeaderPart[] {
  const badge = protectionOf(context, environment);
  return badge.length > 0 ? badge : [{ text: environment, tone: 'text' }];
}

/** The badge of one that is protected or read-only; nothing else, where the path names it already. */
export function protectionOf(context: Context, environment: string): readonly HeaderPart[] {
  const known = context.environments.get(environment);
  if (known?.protected)
    return environmentBadge(environment, { protected: true, doing: 'protected, read-only' });
  if (!known?.readOnly) return [];
  return [
    { text: environment, tone: 'dim' },
    { text: 'read-only', tone: 'dim' },
  ];
}

/** One blank row under the header, where there is room for it. */
export function air({ rows }: Context): readonly Line[] {
  return rows >= 24 ? [[]] : [];
}
