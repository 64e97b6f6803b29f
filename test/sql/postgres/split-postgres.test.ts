import * as fc from 'fast-check';
import { scan } from 'libpg-query';
import { describe, expect, test } from 'vitest';
import { SqlSyntaxError } from '../../../src/sql/postgres/parser.ts';
import { postgresPieces } from '../../../src/sql/postgres/pieces.ts';
import { breakpointMarker } from '../../../src/sql/split.ts';
import { splitPostgres } from '../../../src/sql/postgres/split-postgres.ts';

const sqlOf = async (text: string) => (await splitPostgres(text)).map(({ sql }) => sql);

async function failureOf(text: string): Promise<SqlSyntaxError> {
  const failure: unknown = await splitPostgres(text).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof SqlSyntaxError) return failure;
  throw new Error(`No syntax error in ${text}`);
}

describe('where a statement of PostgreSQL ends', () => {
  test('at the marker, with and without a semicolon, on a line of its own or at the end of one', async () => {
    const text =
      'CREATE TABLE a (x int);\n--> statement-breakpoint\nCREATE TABLE b (x int)--> statement-breakpoint\nSELECT 1 -- why --> statement-breakpoint SELECT 2\nFROM t';
    expect(await sqlOf(text)).toEqual([
      'CREATE TABLE a (x int)',
      'CREATE TABLE b (x int)',
      'SELECT 1',
      'SELECT 2\nFROM t',
    ]);
  });

  test('at a semicolon between two markers, which count the chunks', async () => {
    const statements = await splitPostgres('SELECT 1;\nSELECT 2\n--> statement-breakpoint\nSELECT 3;');
    expect(statements.map(({ sql, chunk, terminator }) => [sql, chunk, terminator])).toEqual([
      ['SELECT 1', 1, undefined],
      ['SELECT 2', 1, 'none'],
      ['SELECT 3', 2, undefined],
    ]);
  });

  test.each([
    `'a;b --> statement-breakpoint it''s'`,
    `E'a\\';--> statement-breakpoint'`,
    `E'a'\n  '\\';--> statement-breakpoint'`,
    `"a;b --> statement-breakpoint"`,
    `$$a;b ' --> statement-breakpoint $x$ $$`,
    `$x$a;b $$ --> statement-breakpoint $x$`,
    `/* a /* ; --> statement-breakpoint */ ' ; */ 1`,
    `'😀;' || U&'\\0061;'`,
  ])('not inside %s', async (inside) => {
    expect(await sqlOf(`SELECT ${inside}; SELECT 2`)).toEqual([`SELECT ${inside}`, 'SELECT 2']);
    expect(await sqlOf(`SELECT ${inside}\n${breakpointMarker}\nSELECT 2`)).toEqual([
      `SELECT ${inside}`,
      'SELECT 2',
    ]);
  });

  test.each([
    `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := 1; RETURN NEW; END; $$`,
    `CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END`,
    `CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; DELETE FROM v)`,
    `DO $$ BEGIN CREATE TYPE "role" AS ENUM('a;', 'b'); EXCEPTION WHEN duplicate_object THEN null; END $$`,
  ])('not inside the body of %s', async (sql) => {
    expect(await sqlOf(`${sql};\nSELECT 2;`)).toEqual([sql, 'SELECT 2']);
  });
});

describe('what is no statement of PostgreSQL', () => {
  test.each([
    '',
    '\uFEFF',
    ' \r\n\t',
    ';;;',
    '--> statement-breakpoint',
    '-- Custom SQL migration file, put your code below! --',
    '/*\nCREATE TABLE a (x int);\n--> statement-breakpoint\nCREATE TABLE b (x int);\n*/',
  ])('%j', async (text) => {
    expect(await splitPostgres(text)).toEqual([]);
  });

  test('a byte-order mark before the first one and comments after the last', async () => {
    expect(
      await sqlOf(
        '\uFEFFSELECT 1;\r\n--> statement-breakpoint\r\n-- nothing\r\n--> statement-breakpoint\r\n',
      ),
    ).toEqual(['SELECT 1']);
  });
});

test('a statement is told with its line, and with the comments above it but not those beside the one before', async () => {
  const text = '-- first\n-- é 😀\nSELECT 1; -- beside\r\n\r\n  /* second */\r\nSELECT\n2 -- in\n; SELECT 3;';
  expect(await splitPostgres(text)).toEqual([
    { sql: 'SELECT 1', line: 3, chunk: 1, comment: '-- first\n-- é 😀' },
    { sql: 'SELECT\n2', line: 6, chunk: 1, comment: '/* second */' },
    { sql: 'SELECT 3', line: 8, chunk: 1 },
  ]);
});

describe('what PostgreSQL would not parse is an error', () => {
  test.each([
    ['SELECT 1;\n-- é 😀\nSELECT FROM FROM t;', 3, 'syntax error at or near "FROM"'],
    ['SELECT 1;\n--> statement-breakpoint\nSELEC 2;', 3, 'syntax error at or near "SELEC"'],
    ["SELECT\n'secret", 2, 'unterminated quoted string'],
    ['SELECT\n$$secret', 2, 'unterminated dollar-quoted string'],
    ["INSERT INTO t VALUES (1) 'secret'", 1, 'syntax error'],
    ['CREATE TABLE t (', 1, 'syntax error at end of input'],
    ['SELECT 1; /* open', 1, 'unterminated /* comment'],
    ["SELECT 1;\nSELECT 'a\0'", 2, 'a NUL character, which PostgreSQL does not take'],
  ])('%j', async (text, line, message) => {
    const failure = await failureOf(text);
    expect([failure.line, failure.message]).toEqual([line, message]);
  });

  test('with a word of its own for what only psql understands', async () => {
    expect(await failureOf('SELECT 1;\n\\restrict abc\nSELECT 2;')).toMatchObject({
      line: 2,
      message: 'a command of psql, which is no SQL',
    });
    expect(await failureOf('COPY t (a) FROM stdin;\n1\tsecret\n\\.\n')).toMatchObject({
      line: 2,
      message: 'rows behind COPY … FROM STDIN, which only psql reads',
    });
  });
});

const statement = fc.oneof(
  fc.constantFrom(
    'CREATE TABLE "a;b" (x text DEFAULT \';\')',
    "SELECT E'\\'' || $a$;$a$ || $$;$$",
    'SELECT 1 /* ; /* */ */ + 2',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END',
    'COMMIT',
  ),
  fc
    .string({ unit: 'grapheme' })
    .map((text) => `SELECT '${text.replaceAll("'", "''").replaceAll('\0', '')}'`),
);
const separator = fc.constantFrom(
  ';',
  ';\n',
  `;\n${breakpointMarker}\n`,
  `\n${breakpointMarker}\r\n`,
  `; -- ;\n${breakpointMarker}`,
  `;;${breakpointMarker}/* ; */;`,
  `;\n${breakpointMarker}\n-- only a comment\n${breakpointMarker}\n`,
);

describe('nothing of a text for PostgreSQL is left unread', () => {
  test('statements come out as they went in, whatever stands between them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(statement, separator)), async (parts) => {
        expect(await sqlOf(parts.flat().join(''))).toEqual(parts.map(([sql]) => sql));
      }),
    );
  });

  test('quotes and comments end where the scanner of PostgreSQL ends them', async () => {
    const scrap = fc.constantFrom(
      "'",
      '"',
      '$',
      '$$',
      '$a$',
      'E',
      'e',
      'U&',
      'B',
      '--',
      '/*',
      '*/',
      '\n',
      '\r',
      '\f',
      '\v',
      ' ',
      ';',
      '\\',
      'a',
      'é',
      '😀',
      '1',
      '+',
      '-',
      '(',
      ')',
      ',',
    );
    let scanned = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(scrap, { maxLength: 25 }), async (scraps) => {
        const text = scraps.join('');
        const theirs = await scan(text).catch(() => undefined);
        if (theirs === undefined || text === '') return;
        scanned += 1;
        const bytes = Buffer.from(text);
        const offset = (at: number) => bytes.toString('utf8', 0, at).length;
        const ours = [...postgresPieces(text)];
        const starts = new Set(ours.map(({ start }) => start));
        for (const { start, end, tokenName } of theirs.tokens) {
          const isWhole = ['SQL_COMMENT', 'C_COMMENT', 'SCONST', 'USCONST'].includes(tokenName);
          if (!isWhole) continue;
          const [from, to] = [offset(start), offset(end)];
          const inside = [...starts].filter((at) => at > from && at < to && text.slice(from, at) !== 'U');
          const isOne = inside.every((at) => /^[A-Za-z]&?$/.test(text.slice(from, at)));
          expect([text, from, to, isOne]).toEqual([text, from, to, true]);
          expect(ours.some((piece) => piece.end === to)).toBe(true);
        }
        expect(ours.map((piece) => text.slice(piece.start, piece.end)).join('')).toBe(text);
      }),
      { numRuns: 3000 },
    );
    expect(scanned).toBeGreaterThan(200);
  });

  test('a file of many statements, and one statement of many megabytes, are split', async () => {
    const row = "INSERT INTO users (id, name) VALUES (12345, 'Some name; é'); -- x\n";
    const rows = Math.ceil(6e5 / row.length);
    expect(await splitPostgres(row.repeat(rows))).toHaveLength(rows);
    const long = `INSERT INTO t VALUES ${"(1, 'a;b'), ".repeat(2e5)}(1, 'c')`;
    const found = await splitPostgres(`SELECT 1; -- one\n${long} -- end\n; SELECT 3`);
    expect(found.map(({ sql, line, terminator }) => [sql.length, line, terminator])).toEqual([
      [8, 1, undefined],
      [long.length, 2, undefined],
      [8, 3, 'none'],
    ]);
  });
});
