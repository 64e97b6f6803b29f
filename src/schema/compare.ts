import { foldName } from '../sql/cursor.ts';
import { objectTypes } from '../sql/object-types.ts';
import { shownLike } from './postgres/shown-like.ts';
import type { Schema, SchemaDifference, SchemaObject } from './schema.ts';
import { keyOf } from './versions.ts';

/**
 * What differs between two schemas, in the order in which objects are made, then by name: the left one is the base,
 * `added` is only in the right one.
 */
export function compareSchemas(left: Schema, right: Schema): readonly SchemaDifference[] {
  const before = byKey(left);
  const after = byKey(right);
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => difference(before.get(key), after.get(key))).toSorted(byRank);
}

function byKey({ objects }: Schema): ReadonlyMap<string, SchemaObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

function byRank({ type: left }: SchemaDifference, { type: right }: SchemaDifference): number {
  return objectTypes.indexOf(left) - objectTypes.indexOf(right);
}

function difference(
  left: SchemaObject | undefined,
  right: SchemaObject | undefined,
): readonly SchemaDifference[] {
  if (left && right) {
    if (left.normal === right.normal) return [];
    const shown = left.type === 'table' ? likeTable(left, right) : right.display;
    return [{ type: right.type, name: right.name, change: 'changed', left: left.display, right: shown }];
  }
  if (left) return [{ type: left.type, name: left.name, change: 'removed', left: left.display }];
  return right ? [{ type: right.type, name: right.name, change: 'added', right: right.display }] : [];
}

function likeTable(left: SchemaObject, right: SchemaObject): string {
  return right.making ? shownLike(left.display, right.display) : inOrderOf(left.display, right.display);
}

/** The right table's column lines in the order of the left's: an order that means nothing shall not look like a change. */
function inOrderOf(left: string, right: string): string {
  const order = new Map(left.split('\n').map((line, index) => [firstWord(line), index]));
  const [head = '', ...rest] = right.split('\n');
  const foot = rest.pop();
  if (foot === undefined || !rest.every(isWholeLine)) return right;
  const last = order.size;
  const place = (line: string) => order.get(firstWord(line)) ?? last;
  const body = rest.map((line) => line.replace(/,$/, ''));
  const columns = body.filter((line) => !constraintLine.test(line)).toSorted((a, b) => place(a) - place(b));
  const constraints = body.filter((line) => constraintLine.test(line));
  return [head, [...columns, ...constraints].join(',\n'), foot].join('\n');
}

/** A text with a line end in it goes over several lines; such a table keeps its order. */
function isWholeLine(line: string, at: number, { length }: readonly string[]): boolean {
  return /^ {2}\S/.test(line) && (line.endsWith(',') || at === length - 1);
}

const constraintLine = /^ {2}(PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY) \(/;
const firstWord = (line: string) => foldName(/^ {2}("(?:[^"]|"")*"|\S+?),?( |$)/.exec(line)?.[1] ?? line);
