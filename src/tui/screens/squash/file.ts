import type { Line } from '../../present/line.ts';
import { sqlLines } from '../../present/sql.ts';
import type { SquashState } from './state.ts';

/** What the one file would hold, as rows; taken apart once for as long as it is the same. */
export function fileLines({ known }: SquashState): readonly Line[] {
  const sql = known?.report.baseline?.sql ?? '';
  if (last.sql !== sql) last = { sql, lines: sqlLines(sql) };
  return last.lines;
}

let last: { readonly sql: string; readonly lines: readonly Line[] } = { sql: '', lines: [] };
