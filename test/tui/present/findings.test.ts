import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import type { Finding } from '../../../src/operations/reports.ts';
import { findingLines } from '../../../src/tui/present/findings.ts';
import { textOf } from '../../../src/tui/present/line.ts';

const finding: Finding = {
  rule: 'drop-column',
  severity: 'warning',
  database: 'app',
  tag: '0005_price',
  statement: 1,
  line: 1,
  message: 'The column is dropped.',
};

test('of several planned migrations a finding says which it is of, also when no other has one', () => {
  const said = (several: boolean) =>
    findingLines(signs, [finding], { width: 80, cursor: undefined, several }).map(({ line }) => textOf(line));
  expect(said(true)[1]).toContain('0005 statement 1: The column is dropped.');
  expect(said(false)[1]).toContain('warning  statement 1:');
});
