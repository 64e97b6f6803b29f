import { basename } from 'node:path';
import {
  count,
  isObject,
  listOf,
  misshapen,
  moment,
  object,
  oneOf,
  optional,
  test,
  text,
} from '../../lib/shape.ts';
import type { Manifest } from './manifest.ts';

/**
 * Says what keeps a value from being the manifest of a set, as the end of a sentence: a disk, a person or another
 * program may have changed any of it, and each part is relied on somewhere.
 *
 * @param id the name of the set's folder
 * @returns undefined where it is one
 */
export function notManifest(value: unknown, id: string): string | undefined {
  const wrong = misshapen(value, shape);
  if (wrong !== undefined) return wrong;
  const said = isObject(value) ? String(value['id']) : '';
  return said === id ? undefined : `it is the one of ${said}, and its folder is ${id}`;
}

/** Narrows what was found to be in order. */
export function isManifest(value: unknown, id: string): value is Manifest {
  return notManifest(value, id) === undefined;
}

/** It must not lead out of the set's folder. */
const fileName = test(
  (value) => typeof value === 'string' && value !== '' && value !== '..' && basename(value) === value,
);

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
      loadsInto: oneOf(['d1', 'sqlite']),
      moment: oneOf(['one', 'several']),
      sql: object(file),
      loaded: object(file),
    }),
  ),
};

const copy = object({ ...seen, ...file });
const position = object({ ...seen, position: text, of: text, retention: text });

const shape = object({
  schemaVersion: oneOf([1]),
  id: text,
  environment: text,
  takenAt: moment,
  run: count,
  version: text,
  databases: listOf((value, path) => (isObject(value) && 'position' in value ? position : copy)(value, path)),
  partial: optional(listOf(text)),
  provenAt: optional(moment),
});
