import { basename } from 'node:path';
import type { Manifest } from './manifest.ts';

/**
 * Says what keeps a value from being the manifest of a set, as the end of a sentence: a disk, a person or another
 * program may have changed any of it, and each part is relied on somewhere.
 *
 * @param id the name of the set's folder
 * @returns undefined where it is one
 */
export function notManifest(value: unknown, id: string): string | undefined {
  const wrong = shape(value, '');
  if (wrong !== undefined) return `${wrong} is missing or is not what it should be`;
  const said = isObject(value) ? String(value['id']) : '';
  return said === id ? undefined : `it is the one of ${said}, and its folder is ${id}`;
}

/** Narrows what was found to be in order. */
export function isManifest(value: unknown, id: string): value is Manifest {
  return notManifest(value, id) === undefined;
}

/** @returns the path of what is wrong; undefined: nothing */
type Check = (value: unknown, path: string) => string | undefined;

const test =
  (holds: (value: unknown) => boolean): Check =>
  (value, path) =>
    holds(value) ? undefined : path;

const text = test((value) => typeof value === 'string');
const count = test((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);
const moment = test((value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)));
/** It must not lead out of the set's folder. */
const fileName = test(
  (value) => typeof value === 'string' && value !== '' && value !== '..' && basename(value) === value,
);

function optional(check: Check): Check {
  return (value, path) => (value === undefined ? undefined : check(value, path));
}

function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return path;
    return value.flatMap((each, index) => check(each, `${path}[${index}]`) ?? [])[0];
  };
}

function object(members: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (!isObject(value)) return path === '' ? 'the whole of it' : path;
    return Object.entries(members).flatMap(
      ([name, check]) => check(value[name], path === '' ? name : `${path}.${name}`) ?? [],
    )[0];
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const file = {
  file: fileName,
  bytes: count,
  sha256: text,
  encrypted: optional(object({ key: text })),
};

const seen = {
  database: text,
  location: text,
  engine: text,
  tags: listOf(text),
  history: text,
  fingerprint: text,
  tables: listOf(object({ table: text, rows: count })),
  stamp: text,
  archive: optional(
    object({
      loadsInto: test((value) => value === 'd1' || value === 'sqlite'),
      moment: test((value) => value === 'one' || value === 'several'),
      sql: object(file),
      loaded: object(file),
    }),
  ),
};

const copy = object({ ...seen, ...file });
const position = object({ ...seen, position: text, of: text, retention: text });

const shape = object({
  schemaVersion: test((value) => value === 1),
  id: text,
  environment: text,
  takenAt: moment,
  run: count,
  version: text,
  databases: listOf((value, path) => (isObject(value) && 'position' in value ? position : copy)(value, path)),
  partial: optional(listOf(text)),
  provenAt: optional(moment),
});
