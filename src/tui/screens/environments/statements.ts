import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import type { StatusItem } from '../../../operations/reports.ts';
import { cutLine } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { sqlOnOneLine } from '../../present/sql.ts';
import type { DetailView } from './detail.ts';

/** The statements of the migration under the cursor, one a row, each with what became of it in this environment. */
export function statementLines(
  signs: Signs,
  { known, row, column, now }: Pick<DetailView, 'known' | 'row' | 'column' | 'now'>,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Line[] {
  if (known === undefined || row?.kind !== 'migration') return [];
  if (known.kind === 'asking') {
    return now - known.since < 150 ? [] : [[say(`  ${signs.nothing} reading ${row.tag}`, 'dim')]];
  }
  if (known.kind === 'failed') {
    return [cutLine(signs, [say(`  ${signs.failed} ${known.error.message}`, 'warn')], width, 'end')];
  }
  const { statements } = known.report;
  const item = column?.target?.items.find(({ tag }) => tag === row.tag);
  const fits = statements.length <= height ? height : height - 1;
  const digits = String(statements.length).length;
  const lines = statements.slice(0, fits).map(({ number, sql }): Line => {
    const sign = statementSign(signs, item, number);
    const line = [say('  '), sign, say(` ${String(number).padStart(digits)}  `, 'dim'), ...begin(sql, width)];
    return cutLine(signs, line, width, 'end');
  });
  const more = statements.length - lines.length;
  return more > 0
    ? [...lines, [say(`  ${signs.cut} ${quantity(more, 'more statement')}, enter shows all`, 'dim')]]
    : lines;
}

/** A statement may be megabytes; one row of it is enough, with room for comments that are left out. */
function begin(sql: string, width: number): Line {
  return sqlOnOneLine(sql.slice(0, width * 8));
}

/** A migration is applied whole; a half one up to the statement that it stopped after. */
function statementSign(signs: Signs, item: StatusItem | undefined, number: number): Line[number] {
  switch (item?.state) {
    case 'applied':
    case 'unrecorded':
    case 'squashed':
      return say(signs.done, 'ok');
    case 'changed':
      // What the file says now is not what ran.
      return say(signs.changed, 'warn');
    case 'half':
      if (item.after === undefined) return say(signs.unknown, 'warn');
      if (number <= item.after) return say(signs.done, 'ok');
      return number === item.after + 1 ? say(signs.half, 'danger') : say(signs.pending);
    case 'skipped':
    case 'pending':
    case 'orphan':
    case undefined:
      return say(signs.pending);
  }
}
