import type { ReactElement } from 'react';
import { unicodeSigns, type Signs } from '../../../lib/signs.ts';
import type { RunReport } from '../../../operations/reports.ts';
import { jobKeys } from '../../app/job-keys.ts';
import { Lines } from '../../components/text.tsx';
import { paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { noSql, awaitsSql, sqlOf, type SqlOf } from '../../present/migration-sql.ts';
import { page } from '../../present/page.ts';
import { recordedView } from '../../present/as-recorded.ts';
import type { RunView } from '../../present/run-view.ts';
import { outcomeLook, runFacts } from '../../present/run-words.ts';
import { statementHeading, statementLine } from '../../present/statements.ts';
import { stepLines } from '../../present/steps.ts';
import { wrapped } from '../../present/width.ts';
import type {
  Binding,
  Context,
  Effect,
  HeaderView,
  Message,
  RequestOf,
  Screen,
  Step,
  ViewProps,
} from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { waitingLines, type Asked } from '../page.ts';
import { heardSql, runPageEffects, withSqlAsked } from '../run-page.ts';
import { scrollBindings, scrolledText } from '../scrolling.ts';

/** A run of the past with every step and statement. */
export interface RunDetailState {
  readonly run: number;
  readonly report: Asked<RunReport>;
  readonly view: RunView | undefined;
  readonly sql: SqlOf;
  readonly top: number;
}

export const runDetail: Screen<RunDetailState, RequestOf<'run-detail'>> = {
  name: 'run-detail',
  open: ({ run, sql = noSql }, { now }) => ({
    state: { run, report: { kind: 'asking', since: now }, view: undefined, sql, top: 0 },
    effects: [ask(run)],
  }),
  reduce,
  bindings: bindings(),
  header,
  ticks: ({ report }) => (report.kind === 'asking' ? 150 : undefined),
  View,
};

function ask(run: number): Effect {
  return { kind: 'ask', id: 'run', args: ['show', String(run)] };
}

function reduce(state: RunDetailState, message: Message, context: Context): Step<RunDetailState> {
  const heard = heardSql(state, message, firstMigrations);
  if (heard) return heard;
  if (message.kind === 'answer') {
    const { report } = message;
    return report.kind === 'run' ? answered(state, report, context) : { state };
  }
  if (message.kind === 'ended' && message.id === 'run' && message.error) {
    return { state: { ...state, report: { kind: 'failed', error: message.error } } };
  }
  if (message.kind !== 'action') return { state };
  const lines = detailLines(unicodeSigns, state, context).length;
  const top = scrolledText(message.action, { top: state.top, lines, rows: context.rows });
  return top === undefined
    ? { state, effects: effectsOf(state, message.action) }
    : { state: { ...state, top } };
}

function answered(state: RunDetailState, report: RunReport, { now }: Context): Step<RunDetailState> {
  const view = recordedView(report.summary, report.events);
  return withSqlAsked({ ...state, report: { kind: 'answered', report, at: now }, view }, firstMigrations);
}

/** A migration's SQL is asked of the files of today; beyond these the numbers have to do. */
function firstMigrations({ migrations }: RunView): RunView['migrations'] {
  return migrations.slice(0, 20);
}

function effectsOf({ run, report }: RunDetailState, action: string): readonly Effect[] {
  if (action === 'refresh') return [ask(run)];
  if (action === 'back') return [{ kind: 'back' }];
  if (report.kind !== 'answered') return [];
  const { summary, log } = report.report;
  if (action === 'copy') {
    return log === undefined ? [] : [{ kind: 'copy', text: log, what: 'the path of its log' }];
  }
  return runPageEffects(action, { environment: summary.environment, run }) ?? [];
}

function bindings(): readonly Binding<RunDetailState>[] {
  const job = jobKeys<RunDetailState>(({ report }) =>
    report.kind === 'answered' ? report.report.summary.environment : undefined,
  );
  const unread = ({ report }: RunDetailState): string | undefined =>
    report.kind === 'answered' ? undefined : 'the run is being read';
  const noLog = ({ report }: RunDetailState): string | undefined =>
    report.kind === 'answered' && report.report.log !== undefined ? undefined : 'it has no log';
  return [
    job('backups', {
      keys: ['w'],
      label: 'way back',
      help: 'the backups of its environment',
      footer: 1,
      blocked: unread,
    }),
    {
      keys: ['x'],
      action: 'export',
      label: 'incident report',
      help: 'the run as a file, for a ticket',
      group: 'take',
      footer: 2,
      blocked: unread,
    },
    {
      keys: ['y'],
      action: 'copy',
      label: 'copy log path',
      help: 'where its command log lies',
      group: 'take',
      footer: 3,
      blocked: noLog,
    },
    { keys: ['esc'], action: 'back', label: 'back', help: 'back to the runs', group: 'always', footer: 4 },
    {
      keys: ['r'],
      action: 'refresh',
      label: 'read again',
      help: 'the run as it is recorded now',
      group: 'always',
    },
    ...scrollBindings,
  ];
}

function header({ run, report }: RunDetailState): HeaderView {
  const summary = report.kind === 'answered' ? report.report.summary : undefined;
  return {
    path: ['runs', `run ${run}`],
    right:
      summary === undefined
        ? []
        : [{ text: `${summary.environment}  ${outcomeLook(summary).word}`, tone: 'text' }],
  };
}

function View({ state, context }: ViewProps<RunDetailState>): ReactElement {
  return (
    <Lines lines={page(detailLines(useSigns(), state, context), { rows: context.rows, top: state.top })} />
  );
}

function detailLines(signs: Signs, { report, view, sql }: RunDetailState, context: Context): readonly Line[] {
  const { columns: width, now } = context;
  if (report.kind !== 'answered')
    return waitingLines(signs, report, { what: 'the record of the run', context });
  if (!view) return [];
  const facts = runFacts(report.report.summary).flatMap(({ label, text }) =>
    wrapped(text, width - 15).map((row, index): Line => [
      say(`  ${(index === 0 ? label : '').padEnd(12)}`, 'dim'),
      say(row),
    ]),
  );
  return [
    ...facts,
    ...stepLines(signs, view, { width, now }),
    ...view.migrations.flatMap((one) => statements(signs, view, one, sql, width)),
  ];
}

function statements(
  signs: Signs,
  view: RunView,
  migration: RunView['migrations'][number],
  sql: SqlOf,
  width: number,
): readonly Line[] {
  const length = migration.of ?? migration.statements.size;
  const options = {
    width,
    now: Date.parse(view.lastHeard ?? ''),
    sql: sqlOf(sql, migration),
    unread: firstMigrations(view).includes(migration) ? awaitsSql(sql, migration, view) : 'settled',
    cursor: undefined,
  };
  const failure = migration.failure
    ? paragraph(migration.failure.message, { width, indent: 7, tone: 'danger' })
    : [];
  return [
    rule(signs, width, [{ at: 3, title: migration.tag }]),
    statementHeading(signs, width),
    ...Array.from({ length }, (_, index) => statementLine(signs, view, migration, index + 1, options)),
    ...failure,
  ];
}
