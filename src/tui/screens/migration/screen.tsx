import type { ReactElement } from 'react';
import type { MigrateErrorView } from '../../client/error.ts';
import type { Finding, MigrationReport, RewrittenMigration } from '../../../operations/reports.ts';
import { Lines } from '../../components/text.tsx';
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
import { air, waitingLines, type Asked } from '../page.ts';
import { scrollBindings, scrolled } from '../scrolling.ts';
import { asRewritten, bodyLines, headLines, statementRow, type MigrationText } from './text.ts';

export interface MigrationState {
  readonly database: string;
  readonly tag: string;
  readonly asked: Asked<MigrationReport>;
  /** The file as it keeps the rows of other tables on D1, in its place while it is looked at. */
  readonly rewritten: RewrittenMigration | undefined;
  readonly top: number;
}

/** One migration: where it is applied since when, what to mind, and its SQL. */
export const migration: Screen<MigrationState, RequestOf<'migration'>> = {
  name: 'migration',
  open: ({ database, tag }, { now }) => {
    const state: MigrationState = {
      database,
      tag,
      asked: { kind: 'asking', since: now },
      rewritten: undefined,
      top: 0,
    };
    return { state, effects: [ask(state)] };
  },
  reduce,
  bindings: [...scrollBindings, ...keys()],
  header: ({ database, tag, asked }): HeaderView => ({
    path: [database, tag],
    right: asked.kind === 'answered' ? [{ text: asked.report.file, tone: 'dim' }] : [],
  }),
  ticks: ({ asked }) => (asked.kind === 'asking' ? 100 : undefined),
  View,
};

function keys(): readonly Binding<MigrationState>[] {
  const read = ({ asked }: MigrationState): string | undefined =>
    asked.kind === 'answered' ? undefined : 'it is not read yet';
  const findings = ({ asked }: MigrationState): number =>
    asked.kind === 'answered' ? asked.report.findings.length : 0;
  return [
    {
      keys: ['n'],
      action: 'next',
      label: 'next finding',
      help: 'the next finding',
      group: 'view',
      footer: (state) => (findings(state) > 0 ? 3 : undefined),
      blocked: (state) => (findings(state) > 0 ? undefined : 'nothing was found in it'),
    },
    {
      keys: ['N'],
      action: 'before',
      label: 'last finding',
      help: 'the finding before',
      group: 'view',
      blocked: (state) => (findings(state) > 0 ? undefined : 'nothing was found in it'),
    },
    {
      keys: ['f'],
      action: 'keep',
      label: 'keep rows',
      help: 'the file rewritten so that other tables keep their rows on D1, and as it is',
      group: 'view',
      footer: (state) => (environmentToKeep(state) === undefined ? undefined : 3),
      blocked: (state) =>
        environmentToKeep(state) === undefined ? 'it takes no rows of other tables along' : undefined,
      command: (state) => `migrate-tui ${askKept(state, 'keep', []).args.join(' ')}`,
    },
    {
      keys: ['p'],
      action: 'write',
      label: 'put in place',
      help: 'put the rewritten file in the place of the file; the text of before is kept',
      group: 'take',
      footer: ({ rewritten }) => (rewritten ? 3 : undefined),
      blocked: ({ rewritten }) => (rewritten ? undefined : 'f rewrites it first'),
      command: (state) => `migrate-tui ${askKept(state, 'write', ['--write']).args.join(' ')}`,
    },
    {
      keys: ['y'],
      action: 'copy',
      label: 'copy SQL',
      help: 'copy the SQL',
      group: 'take',
      footer: 4,
      blocked: read,
    },
    {
      keys: ['e'],
      action: 'edit',
      label: 'edit',
      help: 'open the file in your editor',
      group: 'take',
      footer: 5,
      blocked: read,
    },
    { keys: ['r'], action: 'again', label: 'read again', help: 'read again', group: 'always' },
    { keys: ['esc', 'q'], action: 'leave', label: 'environments', help: 'back', group: 'always', footer: 6 },
  ];
}

function ask({ tag, database }: MigrationState): Extract<Effect, { kind: 'ask' }> {
  return { kind: 'ask', id: 'migration', args: ['migration', tag, '--database', database] };
}

function askKept(
  state: MigrationState,
  id: 'keep' | 'write',
  more: readonly string[],
): Extract<Effect, { kind: 'ask' }> {
  const { tag, database } = state;
  const environment = environmentToKeep(state) ?? 'ENV';
  const args = ['migration', tag, '--database', database, '--keep-children', environment, ...more];
  return { kind: 'ask', id, args };
}

function reduce(state: MigrationState, message: Message, context: Context): Step<MigrationState> {
  switch (message.kind) {
    case 'answer':
      return message.report.kind === 'migration'
        ? answered(state, message.id, message.report, context)
        : { state };
    case 'ended':
      return message.error ? failed(state, message.id, message.error) : { state };
    case 'action':
      return act(state, message.action, context);
    default:
      return { state };
  }
}

function answered(
  state: MigrationState,
  id: string,
  report: MigrationReport,
  context: Context,
): Step<MigrationState> {
  if (id === 'migration')
    return { state: { ...state, asked: { kind: 'answered', report, at: context.now } } };
  const { rewritten, notRewritten } = report;
  if (notRewritten) return { state, effects: [{ kind: 'say', level: 'error', text: notRewritten.why }] };
  if (!rewritten?.written) return { state: { ...state, rewritten, top: 0 } };
  const says = `${report.file} is rewritten; as it was before it is in ${rewritten.written.before}`;
  const reading: MigrationState = { ...state, rewritten: undefined, top: 0 };
  return { state: reading, effects: [{ kind: 'say', level: 'info', text: says }, ask(reading)] };
}

function failed(state: MigrationState, id: string, error: MigrateErrorView): Step<MigrationState> {
  if (id !== 'migration') return { state, effects: [{ kind: 'say', level: 'error', text: error.message }] };
  return state.asked.kind === 'answered'
    ? { state }
    : { state: { ...state, asked: { kind: 'failed', error } } };
}

/** The environment that a finding's way out names. */
function environmentToKeep({ asked }: MigrationState): string | undefined {
  if (asked.kind !== 'answered') return undefined;
  const ways = asked.report.findings.flatMap(({ fix }) => /--keep-children (\S+)/.exec(fix ?? '')?.[1] ?? []);
  return ways.find((name) => asked.report.environments.some(({ environment }) => environment === name));
}

function act(state: MigrationState, action: string, context: Context): Step<MigrationState> {
  const { asked } = state;
  if (action === 'leave') return { state, effects: [{ kind: 'back' }] };
  if (action === 'again') {
    const asking = { kind: 'asking', since: context.now } as const;
    return { state: { ...state, asked: asking, rewritten: undefined }, effects: [ask(state)] };
  }
  if (asked.kind !== 'answered') return { state };
  const report = shownReport(asked.report, state);
  const text = textFor(report, context);
  const page = room(text, context);
  const last = Math.max(0, text.body.length - page);
  const top = scrolled(action, { at: state.top, last, page });
  if (top !== undefined) return { state: { ...state, top } };
  switch (action) {
    case 'keep':
      return state.rewritten
        ? { state: { ...state, rewritten: undefined, top: 0 } }
        : { state, effects: [askKept(state, 'keep', [])] };
    case 'write':
      return { state, effects: [askKept(state, 'write', ['--write'])] };
    case 'copy': {
      const sql = state.rewritten?.text ?? report.statements.map(({ sql }) => sql).join(';\n');
      return { state, effects: [{ kind: 'copy', text: sql, what: `the SQL of ${report.tag}` }] };
    }
    case 'edit':
      return { state, effects: [{ kind: 'edit', file: report.file, line: 1 }] };
    case 'next':
    case 'before':
      return {
        state: { ...state, top: Math.min(last, toFinding(text, report.findings, state.top, action)) },
      };
    default:
      return { state };
  }
}

function toFinding(
  text: MigrationText,
  findings: readonly Finding[],
  top: number,
  way: 'next' | 'before',
): number {
  const rows = findings.map(({ statement }) => statementRow(text, statement)).toSorted((a, b) => a - b);
  const found = way === 'next' ? rows.find((row) => row > top) : rows.findLast((row) => row < top);
  return found ?? (way === 'next' ? rows[0] : rows.at(-1)) ?? top;
}

function shownReport(report: MigrationReport, { rewritten }: MigrationState): MigrationReport {
  return rewritten ? asRewritten(report, rewritten) : report;
}

function textFor(report: MigrationReport, context: Context): MigrationText {
  return bodyLines(report, context.columns);
}

function room(text: MigrationText, context: Context): number {
  return Math.max(1, context.rows - text.headRows - air(context).length);
}

function View({ state, context }: ViewProps<MigrationState>): ReactElement {
  const signs = useSigns();
  const { asked, top } = state;
  if (asked.kind !== 'answered') {
    return (
      <Lines
        lines={[...air(context), ...waitingLines(signs, asked, { what: `reading ${state.tag}`, context })]}
      />
    );
  }
  const report = shownReport(asked.report, state);
  const text = textFor(report, context);
  const page = room(text, context);
  const from = Math.max(0, Math.min(top, text.body.length - page));
  const head = headLines(signs, report, { context, text, from, page });
  const body = text.body.slice(from, from + page);
  return <Lines lines={[...air(context), ...head, ...body.map((line) => line(signs))]} />;
}
