import type { Finding, MigrationReport } from '../../../operations/reports.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { rollbackOf } from '../../app/rollback.ts';
import type { Context, Message, RequestOf, Step } from '../../screen.ts';
import { scrolled } from '../scrolling.ts';
import { ask, askKept } from './asks.ts';
import { inDatabase, meantIn, room, shownReport, type MigrationState } from './state.ts';
import { bodyLines, statementRow, type MigrationText } from './text.ts';

export function open(
  { database, tag, environment }: RequestOf<'migration'>,
  { now }: Context,
): Step<MigrationState> {
  const state: MigrationState = {
    database,
    tag,
    environment,
    asked: { kind: 'asking', since: now },
    rewritten: undefined,
    top: 0,
  };
  return { state, effects: [ask(state)] };
}

export function reduce(state: MigrationState, message: Message, context: Context): Step<MigrationState> {
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

function act(state: MigrationState, action: string, context: Context): Step<MigrationState> {
  const { asked } = state;
  if (action === 'leave') return { state, effects: [{ kind: 'back' }] };
  if (action === 'again') {
    const asking = { kind: 'asking', since: context.now } as const;
    return { state: { ...state, asked: asking, rewritten: undefined }, effects: [ask(state)] };
  }
  if (action === 'rollback') return rolledBack(state, context);
  if (asked.kind !== 'answered') return { state };
  const report = shownReport(asked.report, state);
  const text = bodyLines(report, context.columns);
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

function rolledBack(state: MigrationState, context: Context): Step<MigrationState> {
  const meant = meantIn(state);
  if (!meant) return { state };
  return { state, effects: [{ kind: 'open', request: rollbackOf(meant, inDatabase(state, context)) }] };
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
