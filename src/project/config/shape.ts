import { basename } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { hasCredentials, isReference } from '../evaluation/references.ts';

/** A place in a configuration file. */
export interface Place {
  /** Absolute path. */
  readonly file: string;
  /** `environments.staging.soak`; empty for the whole. */
  readonly key: string;
}

/** Reads a value at a place, or throws `config` with file, key, what was found and what to do. */
export type Read<T> = (value: unknown, at: Place) => T;

export const text: Read<string> = (value, at) => {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(at, value, 'a text');
};

/** Only ever a reference: a secret that stands in a file is sooner or later in a repository. */
export const secret: Read<string> = (value, at) => {
  const given = text(value, at);
  if (isReference(given)) return given;
  throw bad(
    at,
    'holds a literal secret',
    `Put it into an environment variable and write env('NAME') or "env:NAME" in ${at.file}; change the secret if the file was shared.`,
  );
};

export const url: Read<string> = (value, at) => {
  const given = text(value, at);
  if (!hasCredentials(given)) return given;
  const instead = /^postgres(?:ql)?:/i.test(given)
    ? "{ postgres: { url: '…', password: env('NAME') } }"
    : "{ url: '…', authToken: env('NAME') }";
  throw bad(
    at,
    'holds a literal secret inside its URL',
    `Write ${instead} in ${at.file}, without the secret in the URL.`,
  );
};

export const flag: Read<boolean> = (value, at) => {
  if (typeof value === 'boolean') return value;
  throw wrong(at, value, 'true or false');
};

/** Zero or more. */
export const amount: Read<number> = (value, at) => {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw wrong(at, value, 'a number, 0 or more');
};

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Read<T> {
  return (value, at) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw wrong(at, value, words.map((word) => `'${word}'`).join(' or '));
  };
}

export function listOf<T>(read: Read<T>): Read<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, value, 'a list');
    return value.map((item, index) => read(item, { ...at, key: `${at.key}[${index}]` }));
  };
}

/** An object with names of the author's own choosing. */
export function namesTo<T>(read: Read<T>): Read<ReadonlyMap<string, T>> {
  return (value, at) => {
    const entries = Object.entries(plainObject(value, at));
    return new Map(entries.map(([name, item]) => [name, read(item, inside(at, name))]));
  };
}

/** An object with these keys and no other; a key that is `undefined` counts as not there. */
export function keys<Reads extends Readonly<Record<string, Read<unknown>>>>(
  reads: Reads,
): Read<Partial<Of<Reads>>> {
  return (value, at) => {
    const result: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(plainObject(value, at))) {
      const read = Object.hasOwn(reads, name) ? reads[name] : undefined;
      if (read === undefined) throw unknownKey(inside(at, name), name, Object.keys(reads));
      if (item !== undefined) result[name] = read(item, inside(at, name));
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each key was read by the reader of its type
    return result as Partial<Of<Reads>>;
  };
}

type Of<Reads extends Readonly<Record<string, Read<unknown>>>> = {
  readonly [Key in keyof Reads]: Reads[Key] extends Read<infer T> ? T : never;
};

/** The place of a key in what is at a place: `environments.staging`. */
export function inside(at: Place, name: string): Place {
  return { ...at, key: at.key === '' ? name : `${at.key}.${name}` };
}

/** The error for a value of the wrong kind. A text that was found is not quoted: it may be a secret. */
export function wrong(at: Place, value: unknown, wanted: string): MigrateError {
  const key = at.key === '' ? 'The default export' : at.key;
  return new MigrateError(
    'config',
    `${basename(at.file)}: ${key} must be ${wanted}; ${describe(value)} was found.`,
    {
      next: `Correct ${at.key === '' ? 'it' : at.key} in ${at.file}.`,
    },
  );
}

/** The error for a value that cannot be meant; `problem` is a clause such as `names no earlier environment`. */
export function bad(at: Place, problem: string, next: string): MigrateError {
  return new MigrateError('config', `${basename(at.file)}: ${at.key} ${problem}.`, { next });
}

/** The error for a name that must be one of `known`. */
export function unknownName(at: Place, what: string, name: string, known: readonly string[]): MigrateError {
  const meant = nearest(name, known);
  const list = `Known: ${known.join(', ')}.`;
  return bad(
    at,
    `names the ${what} ${JSON.stringify(name)}, which there is not`,
    `${meant === undefined ? '' : `Was ${meant} meant? `}${list} Correct ${basename(at.file)}.`,
  );
}

function unknownKey(at: Place, name: string, known: readonly string[]): MigrateError {
  const meant = nearest(name, known);
  const next =
    meant === undefined ? `Known here: ${known.join(', ')}.` : `Write ${meant} instead, or leave it away.`;
  return bad(at, 'is no key that is known here', next);
}

function plainObject(value: unknown, at: Place): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !('$found' in value))
    return value;
  throw wrong(at, value, 'an object');
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && '$found' in value) return String(value.$found);
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'nothing';
}
