/**
 * A time of applying as a tracking table may keep it, in milliseconds since 1970; undefined when it is none.
 * Whole numbers are seconds or milliseconds, which cannot be mistaken for one another: as seconds, what is written
 * today in milliseconds would be tens of thousands of years away.
 */
export function appliedAtOf(stored: unknown): number | undefined {
  if (typeof stored === 'number' || typeof stored === 'bigint') return ofNumber(Number(stored));
  if (typeof stored !== 'string') return undefined;
  if (/^\d+$/.test(stored)) return ofNumber(Number(stored));
  const time = timeOf(stored);
  return Number.isNaN(time) ? undefined : time;
}

/** The first number that is milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973. */
export const firstMilliseconds = 100_000_000_000;

function ofNumber(number: number): number {
  return number < firstMilliseconds ? number * 1000 : number;
}

/** CURRENT_TIMESTAMP is UTC and does not say so; what else was written there may. NaN when it is no time. */
export function timeOf(text: string): number {
  const isPlain = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/.test(text);
  return Date.parse(isPlain ? `${text.replace(' ', 'T')}Z` : text);
}
