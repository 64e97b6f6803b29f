import { createClient } from '@libsql/client';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breakpointMarker, splitMigration, statementSpans } from '../../src/sql/split.ts';
import { isBlank } from '../../src/sql/tokens.ts';

const sqlOf = (text: string) => splitMigration(text).map(({ sql }) => sql);

describe('where a statement ends', () => {
  test('at the marker, on a line of its own or at the end of one', () => {
    const text =
      'CREATE TABLE a (x);\n--> statement-breakpoint\nCREATE TABLE b (x);--> statement-breakpoint\nSELECT 1';
    expect(sqlOf(text)).toEqual(['CREATE TABLE a (x)', 'CREATE TABLE b (x)', 'SELECT 1']);
  });

  test('at the marker even without a semicolon, inside a line comment, and with SQL behind it on the line', () => {
    expect(sqlOf('SELECT 1 -- why --> statement-breakpoint SELECT 2\nFROM t')).toEqual([
      'SELECT 1',
      'SELECT 2\nFROM t',
    ]);
  });

  test('at a semicolon between two markers: two statements in one chunk are two statements', () => {
    const statements = splitMigration('SELECT 1;\nSELECT 2;\n--> statement-breakpoint\nSELECT 3;');
    expect(statements.map(({ sql, chunk }) => [sql, chunk])).toEqual([
      ['SELECT 1', 1],
      ['SELECT 2', 1],
      ['SELECT 3', 2],
    ]);
  });

  test('not at a semicolon or marker inside a string, a quoted name or a block comment', () => {
    for (const inside of [
      `'a;b --> statement-breakpoint it''s'`,
      '"a;b --> statement-breakpoint"',
      '[a;b]',
      '`a;``b`',
      '/* a;b --> statement-breakpoint */ 1',
      '-- a;b\n1',
    ]) {
      expect(sqlOf(`SELECT ${inside}; SELECT 2`)).toEqual([`SELECT ${inside}`, 'SELECT 2']);
    }
  });

  test('not inside a trigger, whose CASE ends in END too', () => {
    const trigger = `CREATE TEMP TRIGGER IF NOT EXISTS t AFTER INSERT ON a BEGIN
  UPDATE a SET x = CASE WHEN x > 1 THEN 'END;' ELSE 2 END;
  SELECT CASE x WHEN 1 THEN RAISE(ABORT, 'no; END') END; -- END;
  DELETE FROM b;
END`;
    expect(sqlOf(`${trigger} ;;\nSELECT 2;`)).toEqual([trigger, 'SELECT 2']);
    expect(sqlOf(`${trigger}\n--> statement-breakpoint\nSELECT 2`)).toEqual([trigger, 'SELECT 2']);
    expect(sqlOf(`create /* x */ trigger t after insert on a begin select 1; end; select 2`)).toEqual([
      'create /* x */ trigger t after insert on a begin select 1; end',
      'select 2',
    ]);
  });

  test('a table named trigger, or a BEGIN that opens a transaction, is no trigger', () => {
    expect(sqlOf('CREATE TABLE trigger_log (x); BEGIN; SELECT 1; END; COMMIT;')).toEqual([
      'CREATE TABLE trigger_log (x)',
      'BEGIN',
      'SELECT 1',
      'END',
      'COMMIT',
    ]);
  });
});

describe('what is no statement', () => {
  test('an empty file, a trailing marker, semicolons, a BOM and the comment of a --custom file', () => {
    for (const text of [
      '',
      '\uFEFF',
      ' \r\n\t',
      ';;;',
      '--> statement-breakpoint',
      '-- Custom SQL migration file, put your code below! --',
      '/* open',
    ]) {
      expect(splitMigration(text)).toEqual([]);
    }
    expect(
      sqlOf('\uFEFFSELECT 1;\r\n--> statement-breakpoint\r\n-- nothing\r\n--> statement-breakpoint\r\n'),
    ).toEqual(['SELECT 1']);
  });

  test('a file that drizzle-kit pull commented out, with its markers inside', () => {
    const text = `-- Current sql file was generated after introspecting the database
/*
CREATE TABLE \`a\` (\`x\` integer);
--> statement-breakpoint
CREATE TABLE \`b\` (\`x\` integer);
--> statement-breakpoint
CREATE TABLE \`c\` (\`x\` integer);
*/`;
    expect(splitMigration(text)).toEqual([]);
  });
});

describe('what is told of a statement', () => {
  test('its line, and the comments above it but not those beside the one before', () => {
    const text = '-- first\n-- more\nSELECT 1; -- beside\r\n\r\n  /* second */\r\nSELECT\n2; SELECT 3;';
    expect(splitMigration(text)).toEqual([
      { sql: 'SELECT 1', line: 3, chunk: 1, comment: '-- first\n-- more' },
      { sql: 'SELECT\n2', line: 6, chunk: 1, comment: '/* second */' },
      { sql: 'SELECT 3', line: 7, chunk: 1 },
    ]);
  });
});

const statement = fc.oneof(
  fc.constantFrom(
    'CREATE TABLE "a;b" (x TEXT DEFAULT \';\')',
    'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; END',
    'SELECT 1 /* ; */ + 2',
    "INSERT INTO a VALUES (x'00', 'it''s', \"q\"\"q\")",
    'PRAGMA foreign_keys=OFF',
    'COMMIT',
  ),
  fc.string().map((text) => `SELECT '${text.replaceAll("'", "''")}'`),
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

describe('nothing is left unread', () => {
  test('statements come out as they went in, whatever stands between them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(statement, separator)), (parts) => {
        const text = parts.flat().join('');
        expect(sqlOf(text)).toEqual(parts.map(([sql]) => sql));
      }),
    );
  });

  test('for any text, everything between two statements is blank and lines are right', () => {
    const scrap = fc.constantFrom(
      ';',
      "'",
      '"',
      '`',
      '[',
      ']',
      '--',
      '/*',
      '*/',
      '\n',
      ' ',
      'CREATE',
      'TRIGGER',
      'END',
      'a',
      '\uFEFF',
      breakpointMarker,
      '-',
      '>',
    );
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 40 }), (scraps) => {
        const text = scraps.join('');
        const statements = splitMigration(text);
        const spans = [...statementSpans(text)];
        expect(statements.map(({ sql }) => sql)).toEqual(
          spans.map(({ start, end }) => text.slice(start, end)),
        );
        expect(statements.map(({ line }) => line)).toEqual(
          spans.map(({ start }) => text.slice(0, start).split('\n').length),
        );
        const ends = [0, ...spans.map(({ end }) => end)];
        const starts = [...spans.map(({ start }) => start), text.length];
        for (const [index, end] of ends.entries()) {
          expect(isBlank(withoutMarkers(text.slice(end, starts[index])))).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('libSQL takes each piece as one statement and ends up with every object', async () => {
    const text = `CREATE TABLE a (x TEXT DEFAULT 'x;y', "b;c" TEXT); CREATE TABLE log (x);
      CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO log VALUES (CASE WHEN 1 THEN 'a;' END); END;
      CREATE VIEW v AS SELECT x FROM a -- ;
      ; INSERT INTO a VALUES ('1;2', 'it''s')
      --> statement-breakpoint
      INSERT INTO a (x) VALUES ('3')`;
    using client = closing(createClient({ url: ':memory:' }));
    for (const sql of sqlOf(text)) await client.value.execute(sql);
    const { rows } = await client.value.execute(
      'SELECT (SELECT count(*) FROM sqlite_schema) AS objects, (SELECT count(*) FROM log) AS logged',
    );
    expect({ ...rows[0] }).toMatchObject({ objects: 4, logged: 2 });
  });

  test('a file of 50 MB in one piece, and one of a million markers on one line, are split', () => {
    const row =
      "INSERT INTO `users` (`id`, `name`) VALUES (12345, 'Some name'); -- x\n--> statement-breakpoint\n";
    const rows = Math.ceil(50e6 / row.length);
    expect(splitMigration(row.repeat(rows))).toHaveLength(rows);
    expect(splitMigration(`SELECT 1${breakpointMarker}`.repeat(2e5))).toHaveLength(2e5);
  });
});

/** A marker ends a line comment that it stands in; the dashes before it would make it a longer comment. */
const withoutMarkers = (text: string) => text.replaceAll(/-*--> statement-breakpoint/g, '\n');

function closing<T extends { close(): void }>(value: T): Disposable & { readonly value: T } {
  return { value, [Symbol.dispose]: () => value.close() };
}
