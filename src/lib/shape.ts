/**
 * Holds a value that was read from a file against what it should be: a disk, a person or another program may have
 * changed any part of it.
 *
 * @returns the path of what is wrong; undefined: nothing
 */
export type Check = (value: unknown, path: string) => string | undefined;

/** Says what is wrong with a value as the end of a sentence; undefined: nothing. */
export function misshapen(value: unknown, shape: Check): string | undefined {
  const wrong = shape(value, '');
  return wrong === undefined ? undefined : `${wrong} is missing or is not what it should be`;
}

export const test =
  (holds: (value: unknown) => boolean): Check =>
  (value, path) =>
    holds(value) ? undefined : path;

export const text = test((value) => typeof value === 'string');
export const count = test((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);
/** Milliseconds. */
export const span = test((value) => typeof value === 'number' && value >= 0);
export const moment = test((value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)));

export function oneOf(values: readonly unknown[]): Check {
  return test((value) => values.includes(value));
}

export function optional(check: Check): Check {
  return (value, path) => (value === undefined ? undefined : check(value, path));
}

export function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return path;
    return value.flatMap((each, index) => check(each, `${path}[${index}]`) ?? [])[0];
  };
}

export function object(members: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (!isObject(value)) return path === '' ? 'the whole of it' : path;
    return Object.entries(members).flatMap(
      ([name, check]) => check(value[name], path === '' ? name : `${path}.${name}`) ?? [],
    )[0];
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
