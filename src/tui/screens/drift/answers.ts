import { join } from 'node:path';
import type { RunEvent } from '../../../operations/events.ts';
import type { DriftReport, RecoveryReport, Report } from '../../../operations/reports.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { chosenWay } from '../../present/way-out.ts';
import type { Context, Effect, Step } from '../../screen.ts';
import { moved } from './move.ts';
import { databaseFlag, itemAt, itemsOf, objectAt, type DriftState } from './state.ts';
import { draftName, draftText, migrationName } from './take.ts';

type Next = Step<DriftState>;

/** What came of a question: the comparison, a draft, what is unrecorded, the backups. */
export function answered(state: DriftState, id: string, report: Report, context: Context): Next {
  switch (report.kind) {
    case 'drift':
      return id === 'drift' ? compared(state, report, context) : drafted(state, id, report, context);
    case 'recovery':
      return recording(state, report);
    case 'backups': {
      const { choice } = state;
      if (choice?.of !== 'others') return { state };
      const backups = { kind: 'answered', report: report.backups, at: context.now } as const;
      return { state: { ...state, choice: { ...choice, backups } } };
    }
    default:
      return { state };
  }
}

/** The eye stays on the object that it was on. What was found with its migrations is said by its status from now on. */
function compared(state: DriftState, report: DriftReport, context: Context): Next {
  const was = itemAt(state);
  const items = itemsOf(report);
  const known = { report, readAt: context.now, items };
  const next: DriftState = { ...state, known, reading: { kind: 'no' } };
  const effects: readonly Effect[] =
    state.than.kind === 'migrations' ? [{ kind: 'refresh', environments: [state.environment] }] : [];
  return { state: moved(next, { to: 'object', key: was?.key }, context), effects };
}

export function failed(state: DriftState, id: string, error: MigrateErrorView): Next {
  const { choice } = state;
  if (id === 'drift') return { state: { ...state, reading: { kind: 'failed', error } } };
  if (id === 'backups' && choice?.of === 'others')
    return { state: { ...state, choice: { ...choice, backups: { kind: 'failed', error } } } };
  return { state, effects: [{ kind: 'say', level: 'error', text: error.message }] };
}

function drafted(state: DriftState, id: string, report: DriftReport, { opening, place }: Context): Next {
  const content = draftText(state, report, { place });
  if (content === undefined)
    return { state, effects: [{ kind: 'say', level: 'info', text: 'There is nothing to change.' }] };
  const name = draftName(state);
  const file: Effect = { kind: 'export', name, content };
  if (id === 'draft-file') return { state, effects: [file] };
  const from = join(opening?.root ?? '', '.migrate-tui', 'exports', name);
  const args = ['new', migrationName(state), '--from', from, ...databaseFlag(state)];
  return { state, effects: [file, { kind: 'ask', id: 'new', args }] };
}

/** The migration is made: every environment has one more that is pending. */
export function made(state: DriftState, event: RunEvent): Next {
  if (event.kind !== 'done') return { state };
  return { state, effects: [{ kind: 'say', level: 'info', text: event.message }, { kind: 'refresh' }] };
}

/** The review of recording what is there without a record: of all at once, where several are. */
function recording(state: DriftState, { cases }: RecoveryReport): Next {
  const { environment } = state;
  const object = objectAt(state);
  const unrecorded = cases.filter(({ situation }) => situation === 'unrecorded');
  const found = unrecorded.find(({ tag }) => object?.cause?.includes(tag)) ?? unrecorded[0];
  const option = found?.options.find(({ id }) => id === 'record');
  if (!found || !option) {
    const text = `No migration of ${environment} is there without a record.`;
    return { state, effects: [{ kind: 'say', level: 'info', text }] };
  }
  if (!option.allowed) return { state, effects: [{ kind: 'say', level: 'info', text: option.why }] };
  const way = chosenWay(found, option, cases);
  const request = { screen: 'review', environment, begin: 'look', way } as const;
  return { state, effects: [{ kind: 'open', request }] };
}
