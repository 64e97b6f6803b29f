import { expect, test } from 'vitest';
import { settled } from '../../../src/schema/postgres/settled.ts';

test.each([
  [
    "((v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
    "((v)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))",
  ],
  [
    "(ARRAY['x, y'::bpchar, 'it''s ]'::bpchar])::bpchar[]",
    "ARRAY[('x, y'::bpchar)::bpchar, ('it''s ]'::bpchar)::bpchar]",
  ],
  ['(ARRAY[f(1, 2), a[1]])::integer[]', 'ARRAY[(f(1, 2))::integer, (a[1])::integer]'],
  ['(((a AND b) AND c) AND d)', '(a AND b AND c AND d)'],
  ['((a AND b) OR (c AND d))', '((a AND b) OR (c AND d))'],
  ['((a OR b) OR (NOT (c OR d)))', '(a OR b OR (NOT (c OR d)))'],
  ['(f((a AND b), c) AND d)', '(f((a AND b), c) AND d)'],
  ["(a = '(x AND y) AND z'::text)", "(a = '(x AND y) AND z'::text)"],
  ['\nCASE\n    WHEN (a > 1) THEN 1\n    ELSE 2\nEND', 'CASE WHEN (a > 1) THEN 1 ELSE 2 END'],
  ["'two\nlines  here'", String.raw`'two\nlines  here'`],
])('%s is %s', (written, form) => {
  expect(settled(written)).toBe(form);
});
