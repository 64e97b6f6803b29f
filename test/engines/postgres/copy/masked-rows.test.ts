import { describe, expect, test } from 'vitest';
import { fieldOf, rowEditor, textIn } from '../../../../src/engines/postgres/copy/text.ts';
import { hashed } from '../../../../src/engines/masks.ts';
import { rowChanger } from '../../../../src/engines/postgres/copy/masked-rows.ts';

const key = 'ab'.repeat(16);
const newline = Buffer.from('\n');

/** What stands for a value of a column of a type. */
function masked(type: string, text: string, with_ = key): string {
  const table = {
    oid: 1,
    name: 't',
    quoted: 't',
    all: 't',
    into: 't',
    select: '',
    columns: [{ name: 'v', type }],
  };
  const rules = {
    tables: [{ table: 't', rows: 'copied' as const, columns: [{ column: 'v', mask: 'hash' as const }] }],
  };
  const change = rowChanger(table, { rules, key: with_ });
  if (!change) throw new Error('It is masked.');
  const row = change(Buffer.concat([fieldOf(text), newline]));
  expect(row.subarray(-1)).toEqual(newline);
  return textIn(row.subarray(0, -1)).toString();
}

describe('a masked value of PostgreSQL', () => {
  test.each([
    ['text', 'Ann', /^masked_[0-9a-f]{20}$/],
    ['citext', 'ann@example.com', /^masked_[0-9a-f]{20}@masked\.invalid$/],
    ['character varying(15)', '555 1234', /^masked_[0-9a-f]{8}$/],
    ['character varying(30)', 'ann@example.com', /^masked_[0-9a-f]{20}$/],
    ['character(20)', 'Ann                 ', /^masked_[0-9a-f]{13}$/],
    [
      'uuid',
      '6b1c6e2e-9a3d-4f7a-8c1e-000000000001',
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    ],
    ['bytea', '\\x0102', /^\\x[0-9a-f]{32}$/],
    ['numeric(5,2)', '123.45', /^\d{1,3}$/],
    ['double precision', '1.5', /^\d+$/],
  ])('of type %s is one of the type', (type, text, pattern) => {
    expect(masked(type, text)).toMatch(pattern);
  });

  test.each([
    ['smallint', 2 ** 15],
    ['integer', 2 ** 31],
    ['bigint', 2 ** 53],
  ])('of type %s is in its range', (type, limit) => {
    for (let value = 0; value < 200; value += 1) {
      const number = Number(masked(type, String(value + 1_000_000)));
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(limit);
    }
  });

  test('is the same for the same value, and another one for another value or in another run', () => {
    expect(masked('text', 'Ann')).toBe(masked('character varying(40)', 'Ann'));
    expect(masked('character(20)', 'Ann                 ').slice(7)).toBe(masked('text', 'Ann').slice(7, 20));
    expect(masked('numeric', '1.50')).toBe(masked('numeric', '1.5'));
    expect(masked('text', 'Ann')).not.toBe(masked('text', 'Bob'));
    expect(masked('text', 'Ann')).not.toBe(masked('text', 'Ann', 'cd'.repeat(16)));
  });

  test('leaves what says nothing, and takes no type whose values all say something', () => {
    expect(masked('text', '')).toBe('');
    expect(masked('bytea', '\\x')).toBe('\\x');
    for (const type of ['date', 'jsonb', 'text[]', 'mood', 'boolean', 'character varying(5)']) {
      expect(() => masked(type, 'x')).toThrow(expect.objectContaining({ code: 'config' }));
    }
  });
});

test('of a long value the mask says no more and no less than of a short one', () => {
  const long = `Ann ${'x'.repeat(100_000)}\n\\${'ä'.repeat(5000)}`;
  expect(masked('text', long)).toMatch(/^masked_[0-9a-f]{20}$/);
  expect(masked('text', long)).toBe(masked('character varying', long));
  expect(masked('text', `${long}.`)).not.toBe(masked('text', long));
  // As one value is hashed in SQLite, which is given as hexadecimal digits.
  expect(masked('text', long)).toBe(hashed(Buffer.from(long).toString('hex'), 'text', key));
});

test('a row of COPY has another value in one place and is the same in the others', () => {
  const row = Buffer.from('1\t\\N\t\\ttab\\\\N\\n\t\n');
  const seen: string[] = [];
  const edit = (numbers: readonly number[], as: string) =>
    rowEditor(
      new Map(
        numbers.map((number) => [
          number,
          (field: Buffer) => {
            seen.push(textIn(field).toString());
            return as === 'itself' ? field : fieldOf(as);
          },
        ]),
      ),
    )(row).toString();
  expect(edit([0, 1, 2, 3], 'itself')).toBe(row.toString());
  // NULL is nobody's value.
  expect(seen).toEqual(['1', '\ttab\\N\n', '']);
  expect(edit([2], '\ttab\\N\n')).toBe(row.toString());
  expect(edit([0, 3], 'a\tb')).toBe('a\\tb\t\\N\t\\ttab\\\\N\\n\ta\\tb\n');
  const long = 'y'.repeat(200_000);
  expect(edit([1, 2, 3], long)).toBe(`1\t\\N\t${long}\t${long}\n`);
});
