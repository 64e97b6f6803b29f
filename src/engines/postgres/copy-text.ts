/**
 * A row of COPY's text format, taken apart and put together again:
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */

/** What stands for NULL. */
export const copyNull = Buffer.from('\\N');

/** The values of a row, as they stand in it: a tab within a value is written otherwise. */
export function fieldsOf(row: Buffer): readonly Buffer[] {
  const end = row.at(-1) === newline ? row.length - 1 : row.length;
  const fields: Buffer[] = [];
  for (let from = 0; ;) {
    const tabAt = row.indexOf(tab, from);
    const to = tabAt < 0 || tabAt > end ? end : tabAt;
    fields.push(row.subarray(from, to));
    if (to === end) return fields;
    from = to + 1;
  }
}

export function rowOf(fields: readonly Buffer[]): Buffer {
  const parts = fields.flatMap((field, index) => (index === 0 ? [field] : [tabText, field]));
  return Buffer.concat([...parts, newlineText]);
}

/** The text that a field means, as PostgreSQL writes it. */
export function textIn(field: Buffer): string {
  const text = field.toString('utf8');
  return text.includes('\\')
    ? text.replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter)
    : text;
}

export function fieldOf(text: string): Buffer {
  return Buffer.from(text.replace(/[\\\b\f\n\r\t\v]/g, (letter) => written.get(letter) ?? letter));
}

const [tab, newline] = [0x09, 0x0a];
const [tabText, newlineText] = [Buffer.from('\t'), Buffer.from('\n')];

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const written: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ...Object.entries(escapes).map(([letter, text]): [string, string] => [text, `\\${letter}`]),
]);
