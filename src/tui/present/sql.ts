import { safe } from '../../lib/safe-text.ts';
import { tokens, type Token } from '../../sql/tokens.ts';
import type { Tone } from '../theme.ts';
import type { Line, Span } from './line.ts';

/** SQL as rows: keywords bold, strings green, comments dim. Line ends inside strings and comments are kept. */
export function sqlLines(sql: string): readonly Line[] {
  const lines: Span[][] = [[]];
  for (const token of tokens(sql)) {
    const tone = toneOf(token);
    for (const [index, text] of safe(token.text, { lines: 'many' }).split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (text !== '') lines.at(-1)?.push({ text: safe(text, { lines: 'one' }), tone });
    }
  }
  return lines;
}

/** A statement on one row, for lists: comments left out, any space is one space. */
export function sqlOnOneLine(sql: string): Line {
  const line: Span[] = [];
  for (const token of tokens(sql.trim())) {
    if (token.kind === 'comment') continue;
    const text = token.kind === 'space' ? ' ' : token.text;
    if (text === ' ' && (line.length === 0 || line.at(-1)?.text === ' ')) continue;
    line.push({ text: safe(text, { lines: 'one' }), tone: toneOf(token) });
  }
  return line;
}

/** As much of it as a row can show: the rest of an INSERT of megabytes is not taken apart for that. */
export function beginningOnOneLine(sql: string): Line {
  return sqlOnOneLine(sql.slice(0, 4000));
}

function toneOf({ kind, text }: Token): Tone {
  if (kind === 'comment') return 'sql.comment';
  if (kind === 'string' || kind === 'blob') return 'sql.string';
  return kind === 'word' && (keywords.has(text.toUpperCase()) || inCapitals.has(text))
    ? 'sql.keyword'
    : 'text';
}

const keywords = new Set(
  `ABORT ACTION ADD AFTER ALL ALTER ALWAYS AND AS ASC AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE CAST
  CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP
  DEFAULT DEFERRABLE DEFERRED DELETE DESC DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXISTS FAIL FOR FOREIGN
  FROM FULL GENERATED GLOB GROUP HAVING IF IGNORE IMMEDIATE IN INDEX INITIALLY INNER INSERT INSTEAD INTERSECT
  INTO IS ISNULL JOIN KEY LEFT LIKE LIMIT MATCH NATURAL NO NOT NOTHING NOTNULL NULL OF OFFSET ON OR ORDER OUTER
  OVER PARTITION PRAGMA PRIMARY RAISE RECURSIVE REFERENCES REINDEX RENAME REPLACE RESTRICT RETURNING RIGHT
  ROLLBACK ROW ROWID SAVEPOINT SELECT SET STORED STRICT TABLE TEMP TEMPORARY THEN TO TRANSACTION TRIGGER UNION
  UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WITH WITHOUT`.split(/\s+/),
);

/** Of PostgreSQL; in small letters they may as well be the names of columns. */
const inCapitals = new Set(
  `CONCURRENTLY ENUM EXCLUDE EXECUTE EXTENSION FUNCTION GRANT IDENTITY INCLUDE INHERITS LANGUAGE LATERAL MATERIALIZED
  OWNER POLICY PROCEDURE RETURNS REVOKE SCHEMA SECURITY SEQUENCE TRUNCATE TYPE VALIDATE`.split(/\s+/),
);
