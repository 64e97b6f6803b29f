/**
 * Rows of COPY's text format with other values in them:
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */

/** What stands for NULL. */
export const copyNull = Buffer.from('\\N');

/** What takes the place of a field, both as they stand in the row. */
export type ChangeField = (field: Buffer) => Buffer;

/**
 * Puts other values in the place of some of each row; NULL stays NULL.
 *
 * @param changes by the number of the field, from 0
 * @returns what gives the changed row, which is only valid until the next: of millions of new ones too many would wait to
 *   be collected
 */
export function rowEditor(changes: ReadonlyMap<number, ChangeField>): (row: Buffer) => Buffer {
  const last = Math.max(...changes.keys());
  const place = growingPlace();
  return (row) => {
    place.clear();
    let kept = 0;
    for (let number = 0, from = 0; number <= last; number += 1) {
      const to = endOfField(row, from);
      const change = changes.get(number);
      if (change && !isNull(row, from, to)) {
        place.put(row, kept, from);
        const field = change(row.subarray(from, to));
        place.put(field, 0, field.length);
        kept = to;
      }
      from = to + 1;
    }
    place.put(row, kept, row.length);
    return place.bytes();
  };
}

function growingPlace() {
  let place = Buffer.allocUnsafe(64 * 1024);
  let filled = 0;
  return {
    clear: () => (filled = 0),
    put(bytes: Buffer, from: number, to: number) {
      const needed = filled + to - from;
      if (needed > place.length) place = Buffer.concat([place.subarray(0, filled)], 2 * needed);
      filled += bytes.copy(place, filled, from, to);
    },
    bytes: () => place.subarray(0, filled),
  };
}

/** A tab within a value is written otherwise. */
function endOfField(row: Buffer, from: number): number {
  const tabAt = row.indexOf(tab, from);
  if (tabAt >= 0) return tabAt;
  return row.at(-1) === newline ? row.length - 1 : row.length;
}

function isNull(row: Buffer, from: number, to: number): boolean {
  return to - from === copyNull.length && row.compare(copyNull, 0, copyNull.length, from, to) === 0;
}

/** The text that a field means, in UTF-8; where nothing in it is written otherwise, the field itself. */
export function textIn(field: Buffer): Buffer {
  if (!field.includes(backslash)) return field;
  const text = Buffer.allocUnsafe(field.length);
  let length = 0;
  for (let from = 0; ;) {
    const at = field.indexOf(backslash, from);
    if (at < 0) {
      length += field.copy(text, length, from);
      return text.subarray(0, length);
    }
    length += field.copy(text, length, from, at);
    const letter = field[at + 1] ?? backslash;
    text[length] = meant.get(letter) ?? letter;
    length += 1;
    from = at + 2;
  }
}

/** A text as a field of COPY, escaped. */
export function fieldOf(text: string): Buffer {
  return Buffer.from(text.replace(/[\\\b\f\n\r\t\v]/g, (letter) => written.get(letter) ?? letter));
}

const [tab, newline, backslash] = [0x09, 0x0a, 0x5c];

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** By the byte behind a backslash. */
const meant: ReadonlyMap<number, number> = new Map(
  Object.entries(escapes).map(([letter, text]) => [letter.charCodeAt(0), text.charCodeAt(0)]),
);

const written: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ...Object.entries(escapes).map(([letter, text]): [string, string] => [text, `\\${letter}`]),
]);
