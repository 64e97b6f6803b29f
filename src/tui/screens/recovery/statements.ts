import { count } from '../../../lib/numbers.ts';
import type { Sign, Signs } from '../../../lib/signs.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { RecoveryCase, RecoveryStatement } from '../../../operations/reports.ts';
import { faultIn, reasonLines, underlined } from '../../present/fault.ts';
import { columns, rule } from '../../present/layout.ts';
import { say, textOf, type Line } from '../../present/line.ts';
import { beginningOnOneLine, sqlLines } from '../../present/sql.ts';
import { wholeRow } from '../../present/wrap-line.ts';
import type { Tone } from '../../theme.ts';

/** The statements around the place where it stopped, one row each: as many as there is room for. */
export function placeLines(
  signs: Signs,
  found: RecoveryCase,
  { width, rows }: { readonly width: number; readonly rows: number },
): readonly Line[] {
  const { statements = [], attempt } = found;
  const error = attempt?.error === undefined ? [] : ['error'];
  const room = rows - 1 - error.length;
  if (statements.length === 0 || room < 1) return [];
  const stop = stoppedAt(found);
  const first = Math.max(0, Math.min(statements.length - room, stop - 1 - Math.floor((room - 1) / 2)));
  const shown = statements.slice(first, first + room);
  return [
    titleLine(signs, found, { width, hidden: statements.length - shown.length }),
    ...shown.flatMap((statement) => [
      rowOf(signs, statement, found, width),
      ...(isFailed(statement, found) ? errorRow(signs, found, width) : []),
    ]),
  ];
}

/**
 * All statements with their whole SQL, and the error under the one that failed. The same for the same case and width:
 * SQL of megabytes is taken apart once.
 */
export function statementLines(signs: Signs, found: RecoveryCase, width: number): readonly Line[] {
  if (last?.found !== found || last.width !== width || last.signs !== signs)
    last = { found, width, signs, lines: makeLines(signs, found, width) };
  return last.lines;
}

let last:
  | {
      readonly found: RecoveryCase;
      readonly width: number;
      readonly signs: Signs;
      readonly lines: readonly Line[];
    }
  | undefined;

function makeLines(signs: Signs, found: RecoveryCase, width: number): readonly Line[] {
  const { statements = [] } = found;
  return [
    titleLine(signs, found, { width, hidden: 0 }),
    ...statements.flatMap((statement) => wholeStatement(signs, statement, found, width)),
  ];
}

/** The row of `statementLines` at which the eye begins: where it stopped. */
export function stopRow(signs: Signs, found: RecoveryCase, width: number): number {
  const before = (found.statements ?? []).filter(({ number }) => number < stoppedAt(found));
  return 1 + before.reduce((sum, one) => sum + wholeStatement(signs, one, found, width).length, 0);
}

/** The first that did not run for certain; else the last. */
function stoppedAt({ statements = [], attempt }: RecoveryCase): number {
  if (attempt?.statement !== undefined) return attempt.statement;
  return statements.find(({ state }) => state !== 'ran')?.number ?? statements.length;
}

function titleLine(
  signs: Signs,
  { statements = [] }: RecoveryCase,
  { width, hidden }: { readonly width: number; readonly hidden: number },
): Line {
  const ran = statements.filter(({ state }) => state === 'ran').length;
  const open = statements.filter(({ state }) => state === 'not-known').length;
  const doubt = open === 0 ? '' : `, ${open} not known`;
  const more = hidden > 0 ? '; z shows all' : '';
  return rule(signs, width, [
    { at: 3, title: 'statements' },
    { at: 0, title: `${count(ran)} of ${count(statements.length)} ran${doubt}${more}`, tone: 'dim' },
  ]);
}

function rowOf(signs: Signs, statement: RecoveryStatement, found: RecoveryCase, width: number): Line {
  const head = headOf(signs, statement, found);
  const sql = beginningOnOneLine(statement.sql);
  const at = isFailed(statement, found) ? faultIn(textOf(sql), found.attempt?.error ?? '') : undefined;
  const room = width - headWidth - wordWidth - 1;
  return columns(signs, [
    { content: head, width: headWidth },
    { content: underlined(signs, sql, at, room), width: room },
    { content: say(` ${wordOf(statement, found)}`, 'dim'), width: wordWidth },
  ]);
}

const headWidth = 9;
const wordWidth = 13;

function headOf(signs: Signs, statement: RecoveryStatement, found: RecoveryCase): Line {
  const { sign, tone } = lookOf(statement, found);
  return [say('  '), say(signs[sign], tone), say(` ${String(statement.number).padStart(3)}  `)];
}

function lookOf(
  statement: RecoveryStatement,
  found: RecoveryCase,
): { readonly sign: Sign; readonly tone: Tone } {
  if (isFailed(statement, found)) return { sign: 'failed', tone: 'danger' };
  switch (statement.state) {
    case 'ran':
      return { sign: 'done', tone: 'ok' };
    case 'did-not-run':
      return { sign: 'pending', tone: 'text' };
    case 'not-known':
      return { sign: 'unknown', tone: 'warn' };
    default:
      return unreachable(statement.state);
  }
}

function wordOf(statement: RecoveryStatement, found: RecoveryCase): string {
  return isFailed(statement, found) ? 'failed' : statement.state.replaceAll('-', ' ');
}

/** What ran after all has not failed, whatever an older run says. */
function isFailed({ number, state }: RecoveryStatement, { attempt }: RecoveryCase): boolean {
  return attempt?.statement === number && attempt.error !== undefined && state !== 'ran';
}

function wholeStatement(
  signs: Signs,
  statement: RecoveryStatement,
  found: RecoveryCase,
  width: number,
): readonly Line[] {
  const { number, line, sql } = statement;
  const failed = isFailed(statement, found);
  const message = found.attempt?.error ?? '';
  const rows = sqlLines(sql).flatMap((row) => {
    const at = failed ? faultIn(textOf(row), message) : undefined;
    return wholeRow(signs, underlined(signs, row, at, Infinity), { width, indent: headWidth });
  });
  const { sign, tone } = lookOf(statement, found);
  const word = `${wordOf(statement, found)}, line ${line} of the file`;
  return [
    [say('  '), say(signs[sign], tone), say(` ${String(number).padStart(3)}  `), say(word, 'dim')],
    ...rows,
    ...(failed ? errorRow(signs, found, width) : []),
  ];
}

function errorRow(signs: Signs, { attempt }: RecoveryCase, width: number): readonly Line[] {
  return reasonLines(signs, attempt?.error ?? '', { width, indent: headWidth });
}
