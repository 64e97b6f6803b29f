import type { Signs } from '../../../lib/signs.ts';
import type { Line } from '../../present/line.ts';
import { sqlLines } from '../../present/sql.ts';
import { wholeRow } from '../../present/wrap-line.ts';
import type { SquashState } from './state.ts';

/** What the one file would hold, as rows of a width; taken apart once for as long as it is the same. */
export function fileLines(signs: Signs, { known }: SquashState, width: number): readonly Line[] {
  const sql = known?.report.baseline?.sql ?? '';
  if (last?.sql !== sql || last.width !== width || last.signs !== signs) {
    const lines = sqlLines(sql).flatMap((row) => wholeRow(signs, row, { width, indent: 0 }));
    last = { sql, width, signs, lines };
  }
  return last.lines;
}

let last:
  | {
      readonly sql: string;
      readonly width: number;
      readonly signs: Signs;
      readonly lines: readonly Line[];
    }
  | undefined;
