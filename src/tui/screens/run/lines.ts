import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { paragraph, rule } from '../../present/layout.ts';
import { tableLines, tablesTitle } from '../../present/copied-tables.ts';
import { say, type Line } from '../../present/line.ts';
import type { RunView } from '../../present/run-view.ts';
import { awaitsSql, sqlOf } from '../../present/migration-sql.ts';
import { page } from '../../present/page.ts';
import type { MigrationView } from '../../present/run-migration.ts';
import { statementHeading, statementLine } from '../../present/statements.ts';
import { elapsed, stepLines } from '../../present/steps.ts';
import { wayBackLines } from '../../present/way-back.ts';
import { windowTop } from '../../present/window.ts';
import type { Context } from '../../screen.ts';
import { currentStatement, shownMigration, type RunState } from './state.ts';

/** Exactly the rows of the body: steps above, the statements of one migration, and the two lines that never leave. */
export function runLines(signs: Signs, state: RunState, context: Context): readonly Line[] {
  const { columns: width, rows } = context;
  // A process that is gone can no longer be stopped, and its step takes no more time.
  const process = state.lost ? 'gone' : 'alive';
  const now = state.lost ? lastHeard(state) : context.now;
  const pinned = [
    ...silence(state, now),
    ...lost(signs, state, width),
    ...wayBackLines(state.view, { width, process }),
  ];
  const steps = stepLines(signs, state.view, { width, now });
  const starting: Line = [say(`  ${signs.nothing} the run is starting`, 'dim')];
  const above = state.view.lastHeard === undefined && !state.lost ? [...steps, starting] : steps;
  const migration = shownMigration(state);
  const room = rows - pinned.length - above.length;
  const body = isCopying(state.view)
    ? tableRows(signs, state.view, { width, rows: room })
    : migration && room >= 3
      ? statementRows(signs, state, migration, { width, now, rows: room })
      : [];
  return page([...above, ...body], { rows, top: 0, cursor: runningRow(state), pinned });
}

/** Until its first migration runs, a copy is about its tables. */
function isCopying({ steps, migrations, tables }: RunView): boolean {
  if (steps.some(({ step, state }) => step === 'copy' && state === 'running')) return true;
  return tables.length > 0 && migrations.every(({ state }) => state === 'to-come');
}

/** Every table with its rows so far, as many as there is room for, the one at work among them. */
function tableRows(
  signs: Signs,
  { tables }: RunView,
  { width, rows }: { readonly width: number; readonly rows: number },
): readonly Line[] {
  if (rows < 2 || tables.length === 0) return [];
  const shown = { width, on: 'run' } as const;
  const height = rows - 1;
  const cursor = Math.max(
    0,
    tables.findLastIndex(({ state }) => state !== 'to-come'),
  );
  const top = windowTop({ top: cursor - Math.floor(height / 2), cursor, height, length: tables.length });
  return [tablesTitle(signs, tables, shown), ...tableLines(signs, tables, shown).slice(top, top + height)];
}

/** Milliseconds since 1970; 0 before the first word. */
function lastHeard({ view }: RunState): number {
  return Date.parse(view.lastHeard ?? '') || 0;
}

/** On a very low screen the step that runs is the one to keep. */
function runningRow({ view }: RunState): number | undefined {
  const at = view.steps.filter(({ step }) => step !== 'lock').findIndex(({ state }) => state === 'running');
  return at < 0 ? undefined : at;
}

function statementRows(
  signs: Signs,
  state: RunState,
  migration: MigrationView,
  { width, now, rows }: { readonly width: number; readonly now: number; readonly rows: number },
): readonly Line[] {
  const { migrations } = state.view;
  const place = `${migrations.indexOf(migration) + 1} of ${quantity(migrations.length, 'migration')}`;
  const title = rule(signs, width, [
    { at: 3, title: migration.tag },
    { at: 0, title: place, tone: 'dim' },
  ]);
  const current = currentStatement(migration);
  const cursor = state.cursor === 'follow' ? current : state.cursor;
  const length = migration.of ?? migration.statements.size;
  const height = Math.max(1, rows - 2);
  // The running statement stands in the middle third, so that what came before and what is to come are both in sight.
  const top = windowTop({ top: cursor - 1 - Math.floor(height / 3), cursor: cursor - 1, height, length });
  const sql = sqlOf(state.sql, migration);
  const options = { width, now, sql, unread: awaitsSql(state.sql, migration, state.view), cursor };
  const numbers = Array.from({ length: Math.min(height, length) }, (_, index) => top + index + 1);
  return [
    title,
    statementHeading(signs, width),
    ...numbers.map((number) => statementLine(signs, state.view, migration, number, options)),
  ];
}

function silence({ view, lost: gone }: RunState, now: number): readonly Line[] {
  const silent = elapsed(view.lastHeard, now);
  if (gone || view.lastHeard === undefined || silent < 5000) return [];
  return [[say(`  last heard ${Math.floor(silent / 1000)} s ago`, 'warn')]];
}

function lost(signs: Signs, state: RunState, width: number): readonly Line[] {
  if (!state.lost) return [];
  const what =
    state.run === undefined
      ? `The run could not begin: ${state.lost.message}`
      : `The process of run ${state.run} ended without closing it. What is in ${state.environment} is not known yet.`;
  const leads =
    state.run === undefined
      ? 'esc leads back.'
      : 'w shows what it left and what leads out; esc leads to the environments.';
  const next = state.lost.next ?? leads;
  return [
    ...paragraph(`${signs.failed} ${what}`, { width, tone: 'danger' }),
    ...paragraph(next, { width, indent: 4 }),
  ];
}
