import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../src/sql/classify.ts';
import { tableDefinition } from '../../src/sql/table-definition.ts';
import { tokens } from '../../src/sql/tokens.ts';

/**
 * Statements that SQLite takes, with what they were read as before PostgreSQL was: the kind in full, tokens and
 * table definition as the beginning of a SHA-256.
 */
const readings = rowsOf(
  JSON.parse(readFileSync(new URL('../fixtures/sqlite-readings.json', import.meta.url), 'utf8')),
);

function rowsOf(
  file: unknown,
): readonly (readonly [sql: string, kind: unknown, tokens: string, definition: string])[] {
  if (!Array.isArray(file)) throw new Error('The fixture is no list.');
  return file.map((row: unknown) => {
    const [sql, kind, ofTokens, ofDefinition]: readonly unknown[] = Array.isArray(row) ? row : [];
    return [String(sql), kind, String(ofTokens), String(ofDefinition)];
  });
}

const digest = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex')
    .slice(0, 12);

test('nothing of a statement of SQLite is read differently because PostgreSQL is read, too', () => {
  expect(readings.length).toBeGreaterThan(900);
  for (const [sql, kind, ofTokens, ofDefinition] of readings) {
    expect([sql, classify(sql)]).toEqual([sql, kind]);
    expect([sql, digest([...tokens(sql)].map(({ kind: is, text }) => [is, text]))]).toEqual([sql, ofTokens]);
    expect([sql, digest(tableDefinition(sql))]).toEqual([sql, ofDefinition]);
  }
});

test('nor is one with other spaces and comments between its words', () => {
  const space = fc.constantFrom(' ', '\n', '\t', ' /* x */ ', '\n-- x\n', '/* a [ b " c */');
  fc.assert(
    fc.property(fc.constantFrom(...readings), fc.array(space, { minLength: 8 }), ([sql, kind], spaces) => {
      const all = [...tokens(sql)];
      const parts = all.map(({ kind: is, text }, at) =>
        // What ends a line comment has to.
        is === 'space' && all[at - 1]?.kind !== 'comment' ? (spaces[at % spaces.length] ?? ' ') : text,
      );
      expect([sql, classify(parts.join(''))]).toMatchObject([sql, withoutOffsets(kind)]);
    }),
    { numRuns: 2000 },
  );
});

/** Tokens in a kind say where they stood. */
function withoutOffsets(kind: unknown): unknown {
  return JSON.parse(JSON.stringify(kind, (key, value: unknown) => (key === 'offset' ? undefined : value)));
}
