import { duration, quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { expectedOfStatement } from '../../present/expected.ts';
import { columns, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { sqlOf } from '../../present/migration-sql.ts';
import type { RunView } from '../../present/run-view.ts';
import type { FinishedState } from './state.ts';

/** The statements that took longest, with the time of the dry-run beside them. */
export function slowestLines(signs: Signs, { view, sql }: FinishedState, width: number): readonly Line[] {
  const all = timedStatements(view);
  if (all.length === 0) return [];
  const top = all.slice(0, mostShown);
  const rest = all.slice(top.length);
  const row = (content: Line, took: number, expected: number | undefined): Line =>
    columns(signs, [
      { content, width: Math.max(10, width - 22) },
      { content: duration(took), width: 10, align: 'right' },
      {
        content: [say(expected === undefined ? '' : duration(expected), 'dim')],
        width: 11,
        align: 'right',
      },
    ]);
  return [
    rule(signs, width, [
      { at: 3, title: 'slowest statements' },
      {
        at: width - 8,
        title: all.some(({ expected }) => expected !== undefined) ? 'dry-run' : '',
        tone: 'dim',
      },
    ]),
    ...top.map(({ number, took, migration, expected }) => {
      const text = sqlOf(sql, migration).get(number) ?? [say(migration.tag)];
      return row([say(`  ${String(number).padStart(3)}  `), ...text], took, expected);
    }),
    ...(rest.length > 0
      ? [row([say(`       ${quantity(rest.length, 'other')}`)], sumOf(rest), undefined)]
      : []),
  ];
}

interface TimedStatement {
  readonly migration: RunView['migrations'][number];
  /** Its place in the migration, from 1. */
  readonly number: number;
  /** Milliseconds, as is `expected`. */
  readonly took: number;
  readonly expected: number | undefined;
}

/** The slowest first. A server that takes a migration as one request tells no times of statements. */
function timedStatements(view: RunView): readonly TimedStatement[] {
  return view.migrations
    .flatMap((migration) =>
      [...migration.statements].flatMap(([number, { took }]) =>
        took === undefined
          ? []
          : [{ number, took, migration, expected: expectedOfStatement(view, migration, number) }],
      ),
    )
    .toSorted((a, b) => b.took - a.took);
}

function sumOf(statements: readonly TimedStatement[]): number {
  return statements.reduce((sum, { took }) => sum + took, 0);
}

/** The migrations that they are in: those whose SQL is wanted. */
export function slowestMigrations(view: RunView): RunView['migrations'] {
  return [
    ...new Set(
      timedStatements(view)
        .slice(0, mostShown)
        .map(({ migration }) => migration),
    ),
  ];
}

const mostShown = 3;
