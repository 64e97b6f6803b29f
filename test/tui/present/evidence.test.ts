import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import { evidenceLines } from '../../../src/tui/present/evidence.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { evidence } from '../recorded/deploy.ts';

test('of a table that is new and empty the statement that makes it is named, not its columns', () => {
  const made = {
    table: 'teams',
    rowsAfter: 0,
    causes: [{ tag: '0001_teams', statement: 1, verb: 'create' as const, sql: 'CREATE TABLE teams' }],
    columns: [{ column: 'id', values: 'added' as const, nonNullAfter: 0 }],
  };
  const lines = evidenceLines(signs, [{ ...evidence, tables: [made] }], { width: 120 }).map(textOf);
  expect(lines[1]).toContain('statement 1: CREATE TABLE teams');
  expect(lines.join('\n')).not.toContain('filled in all');
});

test('why rows or values are other ones is said in two rows where one is too short', () => {
  const columns = ['price', 'state'].map((column) => ({ column, values: 'changed' as const }));
  const kept = ['id', 'team_id', 'code'].map((column) => ({ column, values: 'kept' as const }));
  const table = { table: 'orders', rowsBefore: 4, rowsAfter: 4, causes: [], columns: [...columns, ...kept] };
  for (const width of [80, 120]) {
    const lines = evidenceLines(signs, [{ ...evidence, tables: [table] }], { width }).map(textOf);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toMatch(
      /price has other values; state has other values; the other 3 columns keep their checksum/,
    );
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  }
});

test('what is lost stands first, and before that what no statement asks for', () => {
  const table = (name: string, rowsAfter: number) => ({
    table: name,
    rowsBefore: 10,
    rowsAfter,
    causes: [],
    columns: [],
  });
  const tables = [table('comments', 12), table('drafts', 4), table('notes', 9)];
  const losses = [{ kind: 'rows' as const, table: 'notes', rows: 1, likely: 'a copy that leaves rows out' }];
  const lines = evidenceLines(signs, [{ ...evidence, tables, losses }], { width: 80 }).map(textOf);
  const named = lines.flatMap((line) => /^ {2}(comments|drafts|notes) /.exec(line)?.[1] ?? []);
  expect(named).toEqual(['notes', 'drafts', 'comments']);
});
