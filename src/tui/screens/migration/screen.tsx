import type { ReactElement } from 'react';
import type { Finding, MigrationReport } from '../../../operations/reports.ts';
import { Lines } from '../../components/text.tsx';
import type {
  Binding,
  Context,
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
import { bodyLines, headLines, statementRow, type MigrationText } from './text.ts';

export interface MigrationState {
  readonly database: string;
  readonly tag: string;
  readonly asked: Asked<MigrationReport>;
  readonly top: number;
}

/** One migration: where it is applied since when, what to mind, and its SQL. */
export const migration: Screen<MigrationState, RequestOf<'migration'>> = {
  name: 'migration',
  open: ({ database, tag }, { now }) => {
    const state: MigrationState = { database, tag, asked: { kind: 'asking', since: now }, top: 0 };
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

function ask({ tag, database }: MigrationState): NonNullable<Step<MigrationState>['effects']>[number] {
  return { kind: 'ask', id: 'migration', args: ['migration', tag, '--database', database] };
}

function reduce(state: MigrationState, message: Message, context: Context): Step<MigrationState> {
  switch (message.kind) {
    case 'answer':
      return message.report.kind === 'migration'
        ? { state: { ...state, asked: { kind: 'answered', report: message.report, at: context.now } } }
        : { state };
    case 'ended':
      return message.error && state.asked.kind !== 'answered'
        ? { state: { ...state, asked: { kind: 'failed', error: message.error } } }
        : { state };
    case 'action':
      return act(state, message.action, context);
    default:
      return { state };
  }
}

function act(state: MigrationState, action: string, context: Context): Step<MigrationState> {
  const { asked } = state;
  if (action === 'leave') return { state, effects: [{ kind: 'back' }] };
  if (action === 'again') {
    return { state: { ...state, asked: { kind: 'asking', since: context.now } }, effects: [ask(state)] };
  }
  if (asked.kind !== 'answered') return { state };
  const { report } = asked;
  const text = textFor(report, context);
  const page = room(text, context);
  const last = Math.max(0, text.body.length - page);
  const top = scrolled(action, { at: state.top, last, page });
  if (top !== undefined) return { state: { ...state, top } };
  switch (action) {
    case 'copy': {
      const sql = report.statements.map(({ sql }) => sql).join(';\n');
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
  const text = textFor(asked.report, context);
  const page = room(text, context);
  const from = Math.max(0, Math.min(top, text.body.length - page));
  const head = headLines(signs, asked.report, { context, text, from, page });
  const body = text.body.slice(from, from + page);
  return <Lines lines={[...air(context), ...head, ...body.map((line) => line(signs))]} />;
}
