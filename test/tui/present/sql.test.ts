import { expect, test } from 'vitest';
import { sqlOnOneLine } from '../../../src/tui/present/sql.ts';

const words = (sql: string) =>
  sqlOnOneLine(sql).flatMap(({ text, tone }) => (tone === 'sql.keyword' ? [text] : []));

test('the words of PostgreSQL stand out in capitals, and names do not', () => {
  expect(words('CREATE TYPE state AS ENUM ()')).toEqual(['CREATE', 'TYPE', 'AS', 'ENUM']);
  expect(words('create table log (type text, owner text)')).toEqual(['create', 'table']);
});
