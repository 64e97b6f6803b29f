import { duration } from '../../lib/numbers.ts';
import type { Sign, Signs } from '../../lib/signs.ts';
import { expectedOfStatement } from './expected.ts';
import { bar, columns } from './layout.ts';
import { say, type Line } from './line.ts';
import type { RunView } from './run-view.ts';
import { sentAsOne, type MigrationView, type StatementView } from './run-migration.ts';
import { elapsed } from './steps.ts';
import type { Tone } from '../theme.ts';

/** The statements of a migration, with what each took and what it took in the dry-run. */
export interface StatementOptions {
  readonly width: number;
  readonly now: number;
  /** SQL by statement number, each on one row; empty until it was read. */
  readonly sql: ReadonlyMap<number, Line>;
  /** What is not in it: on its way, or not to be had. */
  readonly unread: 'awaited' | 'settled';
  /** The row with the cursor. */
  readonly cursor: number | undefined;
}

/** The heading above the figures: `took   expected`. */
export function statementHeading(signs: Signs, width: number): Line {
  const { text, bars } = layout(width);
  return columns(signs, [
    { content: '', width: text },
    { content: [say('took', 'dim')], width: figure, align: 'right' },
    { content: [say('expected', 'dim')], width: figure, align: 'right' },
    { content: '', width: bars },
  ]);
}

/** One row; `number` counts from 1. */
export function statementLine(
  signs: Signs,
  view: RunView,
  migration: MigrationView,
  number: number,
  options: StatementOptions,
): Line {
  const statement = migration.statements.get(number);
  const expected = expectedOfStatement(view, migration, number);
  const took = sentAsOne(migration) ? undefined : tookOf(statement, options.now);
  const { text, bars } = layout(options.width);
  return columns(signs, [
    { content: head(signs, migration, number, options), width: text },
    { content: took === undefined ? '' : duration(took), width: figure, align: 'right' },
    {
      content: [say(expected === undefined ? '' : duration(expected), 'dim')],
      width: figure,
      align: 'right',
    },
    { content: barOf(signs, statement, took, expected, bars), width: bars },
  ]);
}

const figure = 10;

function layout(width: number): { readonly text: number; readonly bars: number } {
  const bars = width >= 100 ? 18 : width >= 76 ? 11 : 0;
  return { text: Math.max(10, width - bars - 2 * figure), bars };
}

function head(signs: Signs, migration: MigrationView, number: number, options: StatementOptions): Line {
  const { sign, tone } = signOf(migration, migration.statements.get(number));
  const cursor = options.cursor === number ? signs.cursor : ' ';
  // A word that comes and goes at once is noise.
  const missing = options.unread === 'awaited' ? [] : [say(`statement ${number}`, 'dim')];
  const sql = options.sql.get(number) ?? missing;
  return [
    say(cursor, 'accent'),
    say(' '),
    say(signs[sign], tone),
    say(` ${String(number).padStart(2)}  `),
    ...sql,
  ];
}

function signOf(
  { state }: MigrationView,
  statement: StatementView | undefined,
): { readonly sign: Sign; readonly tone: Tone } {
  if (statement?.state === 'failed') return { sign: 'failed', tone: 'danger' };
  if (statement?.state === 'done' || state === 'done') return { sign: 'done', tone: 'ok' };
  if (statement?.state === 'running') return { sign: 'running', tone: 'accent' };
  return state === 'failed' ? { sign: 'nothing', tone: 'dim' } : { sign: 'pending', tone: 'text' };
}

function tookOf(statement: StatementView | undefined, now: number): number | undefined {
  return statement?.state === 'running' ? elapsed(statement.begunAt, now) : statement?.took;
}

/** Time taken against time expected; full and silent once it ran over, as the step's row says by how much. */
function barOf(
  signs: Signs,
  statement: StatementView | undefined,
  took: number | undefined,
  expected: number | undefined,
  width: number,
): Line {
  if (statement?.state !== 'running' || took === undefined || !expected || width === 0) return [];
  return [say('   '), ...bar(signs, { share: took / expected, width: width - 3 })];
}
