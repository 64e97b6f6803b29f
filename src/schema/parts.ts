import { foldName } from '../sql/cursor.ts';
import type { Schema, SchemaObject } from './schema.ts';
import { keyOf } from './versions.ts';

/**
 * A schema taken apart as far as one statement can change it: a table is its columns, its constraints and its
 * options, so that two tables that differ in one column are seen to agree in all others.
 */
export type Parts = ReadonlyMap<string, Part>;

export interface Part {
  /** `column users.age`: what it is called in evidence; unique in its schema. */
  readonly key: string;
  readonly type: 'column' | 'constraint' | SchemaObject['type'];
  /** The table it goes with, in lower case; a view's own name. */
  readonly table: string;
  /** Equal meaning, equal text. */
  readonly value: string;
  /** What statements call it, where its name is one only with its table: `tidy` of `tidy on users`. */
  readonly bare?: string;
}

/** The parts of every object, by key. */
export function partsOf(schema: Schema): Parts {
  const known = ofSchema.get(schema);
  if (known) return known;
  const parts = new Map(schema.objects.flatMap(partsIn).map((part) => [part.key, part]));
  ofSchema.set(schema, parts);
  return parts;
}

const ofSchema = new WeakMap<Schema, Parts>();

/** The keys whose part is there in one of the two only, or is another one. */
export function changedParts(left: Parts, right: Parts): ReadonlySet<string> {
  const changed = [...left.values()].filter(({ key, value }) => right.get(key)?.value !== value);
  const added = [...right.keys()].filter((key) => !left.has(key));
  return new Set([...changed.map(({ key }) => key), ...added]);
}

/** The parts of one object. Objects are shared between schemas, and looked at again and again. */
export function partsIn(object: SchemaObject): readonly Part[] {
  const known = ofObject.get(object);
  if (known) return known;
  const parts = object.type === 'table' ? tableParts(object) : [wholePart(object)];
  ofObject.set(object, parts);
  return parts;
}

const ofObject = new WeakMap<SchemaObject, readonly Part[]>();

function wholePart(object: SchemaObject): Part {
  const { type, name, table, normal, making } = object;
  const part = { key: keyOf(object), type, table: foldName(table), value: normal };
  const end = ` on ${table}`;
  return making && name.endsWith(end) ? { ...part, bare: name.slice(0, -end.length) } : part;
}

/** The normal form has a line for each column and constraint; what has not that shape (virtual tables) stays whole. */
function tableParts(object: SchemaObject): readonly Part[] {
  const found = /^CREATE TABLE [^\n]*\(\n(.*)\n\)([^\n]*)$/s.exec(object.normal);
  if (!found) return [wholePart(object)];
  const table = object.making ? object.name : foldName(object.name);
  const lines = (found[1] ?? '').split(',\n').map((line) => line.replace(/^ {2}/, ''));
  return [
    { key: `table ${table}`, type: 'table', table: foldName(table), value: (found[2] ?? '').trim() },
    ...lines.map((line) => linePart(table, line)),
  ];
}

function linePart(table: string, line: string): Part {
  if (constraint.test(line)) {
    return { key: `constraint ${line} of ${table}`, type: 'constraint', table: foldName(table), value: line };
  }
  const name = /^("(?:[^"]|"")*"|\S+)/.exec(line)?.[0] ?? line;
  const bare = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
  return { key: `column ${table}.${bare}`, type: 'column', table: foldName(table), value: line };
}

const constraint = /^(?:(PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY) \(|CONSTRAINT )/;
