import { isWord } from '../sql/cursor.ts';
import { meaningfulTokens } from '../sql/tokens.ts';
import type { Rule } from './rule.ts';

export const d1Parser: Rule = {
  id: 'd1-parser',
  title: 'A trigger that D1 takes locally and refuses at Cloudflare.',
  why: 'Cloudflare cuts the text of a migration into statements with a parser of its own, before SQLite sees it. It looks for BEGIN and END in capitals, trips over Windows line ends, and takes the END of a CASE for the end of the trigger: incomplete input. A local D1 takes all of them.',
  fix: 'Write BEGIN and END in capitals, save the file with LF line ends (.gitattributes: *.sql text eol=lf), and write iif(a, b, c) instead of CASE … END.',
  severity: { file: 'off', remote: 'off', d1Local: 'warning', d1Remote: 'error', postgres: 'off' },
  check: ({ kind, statement: { sql } }) => {
    if (kind.kind !== 'create-trigger') return undefined;
    const all = meaningfulTokens(sql);
    const begin = all.find((token) => isWord(token, 'BEGIN'));
    const end = all.at(-1);
    const reasons = [
      begin?.text !== 'BEGIN' || end?.text !== 'END' ? 'BEGIN or END is not in capitals' : '',
      sql.includes('\r') ? 'it has Windows line ends' : '',
      all.some((token) => isWord(token, 'CASE')) ? 'it holds a CASE … END' : '',
    ].filter((reason) => reason !== '');
    return reasons.length === 0
      ? undefined
      : `Cloudflare would refuse the trigger ${kind.trigger}: ${reasons.join(', ')}.`;
  },
  accepts: [
    { sql: ['CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END'] },
    { sql: ['CREATE TABLE t (\r\n  a\r\n)'] },
  ],
  rejects: [
    { sql: ['create trigger tr after insert on t begin select 1; end'] },
    { sql: ['CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; end'] },
    { sql: ['CREATE TRIGGER tr AFTER INSERT ON t\r\nBEGIN\r\n  SELECT 1;\r\nEND'] },
    { sql: ['CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT CASE WHEN new.a THEN 1 END; END'] },
  ],
};
