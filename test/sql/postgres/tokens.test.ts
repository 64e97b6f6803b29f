import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { scan } from 'libpg-query';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../src/sql/classify.ts';
import { namedOutside } from '../../../src/sql/postgres/outside-transaction.ts';
import { splitPostgres } from '../../../src/sql/postgres/split-postgres.ts';
import { tableDefinition } from '../../../src/sql/table-definition.ts';
import { meaningfulTokens, nameOf, tokens } from '../../../src/sql/tokens.ts';
import { withoutLiterals } from '../../../src/sql/without-literals.ts';

const byHand = [
  "SELECT E'it\\'s; \\\\', U&'d\\0061t', $$a 'b' \"c\" [d$$, $tag$ $$ $tag$, 'plain\\', X'1F'",
  'SELECT "a""b", U&"d\\0061t" FROM t',
  "SELECT a[1], b[1:2], (c)[3], ARRAY[1, 2], ARRAY['x]', \"q\"], '{}'::int[], x::text[][]",
  'SELECT 1 /* a /* b */ c */ + 2 -- /* x',
  'SELECT $1, $2::int FROM t WHERE a = $3',
  'CREATE TABLE t (a text[] DEFAULT \'{}\'::text[], b varchar(20)[], c "app"."level"[])',
];

const files = ['drizzle-kit-0.31.sql', 'drizzle-kit-1.0.sql', 'by-hand.sql'];
const written = await Promise.all(
  files.map((file) =>
    splitPostgres(
      readFileSync(new URL(`../../fixtures/postgres-statements/${file}`, import.meta.url), 'utf8'),
    ),
  ),
);
const statements = [...byHand, ...written.flat().map(({ sql }) => sql)];

describe('strings, quoted names and comments of PostgreSQL are whole tokens', () => {
  test.each(statements)('%s', async (sql) => {
    const theirs = (await scan(sql)).tokens.flatMap(({ tokenName, text }) => {
      const kind = wholeKind(tokenName, text);
      return kind === undefined ? [] : [[kind, text.trimEnd()]];
    });
    const ours = [...tokens(sql)].flatMap(({ kind, text }) =>
      whole.has(kind) ? [[kind, text.trimEnd()]] : [],
    );
    expect(ours).toEqual(theirs);
  });
});

const whole: ReadonlySet<string> = new Set(['string', 'blob', 'quoted-name', 'comment']);

function wholeKind(tokenName: string, text: string): string | undefined {
  if (tokenName.endsWith('COMMENT')) return 'comment';
  if (/^(?:U&)?"/i.test(text)) return 'quoted-name';
  if (/^X'/i.test(text)) return 'blob';
  return /^(?:E|U&)?'|^\$\w*\$/i.test(text) ? 'string' : undefined;
}

test.each([
  ["E'it''s'", "it's"],
  ["U&'x'", 'x'],
  ["$$it's$$", "it's"],
  ['$a$ $$ $a$', ' $$ '],
  ['U&"a""b"', 'a"b'],
])('%s stands for %s', (sql, name) => {
  expect(meaningfulTokens(sql).map(nameOf)).toEqual([name]);
});

test('no value of a statement of PostgreSQL is left in what is shown of it', () => {
  const shown = withoutLiterals(
    "INSERT INTO t VALUES ('secret', E'se\\'cret', U&'secret', $$secret$$, $x$ secret $x$, 42, B'101') /* secret /* secret */ secret */",
    new Set(),
  );
  expect(shown).not.toMatch(/secret|42|101/);
});

describe('a bracket is a quoted name of SQLite and a subscript of PostgreSQL', () => {
  test.each([
    ['SELECT [a b] FROM [t]', ['[a b]', '[t]']],
    ['SELECT a [1] FROM t', ['[1]']],
    ['SELECT x.[a] FROM t', ['[a]']],
    ['SELECT a[1], b[] FROM t', []],
    ["SELECT ARRAY['a', 'b'], array [1] FROM t", []],
  ])('%s', (sql, names) => {
    const found = meaningfulTokens(sql).filter(({ kind }) => kind === 'quoted-name');
    expect(found.map(({ text }) => text)).toEqual(names);
  });
});

test('a comment in a comment ends where PostgreSQL ends it, unless SQLite could run what stands behind', () => {
  const words = (sql: string) => meaningfulTokens(sql).map(({ text }) => text);
  expect(words('/* a /* b */ c */ SELECT 1')).toEqual(['SELECT', '1']);
  expect(words("/* a /* b */ SELECT '*/'")).toEqual(['SELECT', "'*/'"]);
  expect(words('/* a /* b */ SELECT 1')).toEqual(['SELECT', '1']);
});

test('no text at all makes reading it as PostgreSQL fail', () => {
  const words =
    "CREATE OR REPLACE TEMP TABLE ONLY IF NOT EXISTS t ( a , b ) [ ] :: $$ $1 E'x ALTER COLUMN TYPE USING ADD CONSTRAINT FOREIGN KEY REFERENCES TRUNCATE CASCADE WITH AS DELETE FROM INSERT INTO MERGE COPY DROP INDEX CONCURRENTLY ON SET LOCAL PARTITION OF EXPLAIN ANALYZE SELECT ; . ' \" /* --".split(
      ' ',
    );
  const text = fc.array(fc.constantFrom(...words), { maxLength: 15 }).map((chosen) => chosen.join(' '));
  const starts = ['', 'CREATE ', 'DROP ', 'ALTER TABLE t ', 'ALTER ', 'WITH x AS (', 'SELECT '];
  fc.assert(
    fc.property(text, fc.constantFrom(...starts), (rest, start) => {
      classify(start + rest);
      tableDefinition(start + rest);
      namedOutside(start + rest);
      expect([...tokens(start + rest)].map((token) => token.text).join('')).toBe(start + rest);
    }),
    { numRuns: 3000 },
  );
});
