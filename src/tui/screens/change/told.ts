import type { Account, BoundAccount } from '../../../operations/consent/account.ts';
import type { RunEvent } from '../../../operations/events.ts';
import type { MigrateErrorView } from '../../client/error.ts';
import { nothingTyped } from '../../present/typed.ts';
import { undecided, withoutRefused, type Copying, type Place } from './copying.ts';
import type { Context } from '../../screen.ts';
import { accountOf, backupOf, type ChangeState } from './state.ts';

/** A line of what a change tells of itself before anybody agreed to it. */
export function heard(state: ChangeState, event: RunEvent, context: Context): ChangeState {
  switch (event.kind) {
    case 'review':
      return { ...withAccount(state, event), backup: backupOf(event, context) };
    case 'done':
      return { ...state, told: { kind: 'nothing-to-do', message: event.message } };
    case 'failed':
      return refused(state, event);
    default:
      return state;
  }
}

/** What is only not agreed to yet has told its account before. */
function refused(state: ChangeState, error: MigrateErrorView): ChangeState {
  const { told, copying, toldWith } = state;
  if (told.kind === 'account' && !told.asking) return state;
  if (told.kind !== 'account' || copying === toldWith) return { ...state, told: { kind: 'refused', error } };
  // What was tried on this page does not fit: it stays as it was.
  const before = withoutRefused(copying, toldWith);
  return {
    ...state,
    told: { ...told, asking: false },
    copying: before,
    toldWith: before,
    takenBack: error,
  };
}

/** What was typed belongs to the account that it was typed under. */
function withAccount(state: ChangeState, account: BoundAccount): ChangeState {
  const before = accountOf(state);
  const same = before !== undefined && sameAccount(before, account);
  const last = Math.max(0, (account.choices?.length ?? 0) - 1);
  return {
    ...state,
    told: { kind: 'account', account, asking: false },
    toldWith: state.copying,
    place: before ? withinTables(state.place, account) : firstOpen(account, state.copying),
    cursor: Math.min(state.cursor, last),
    ...(!same && { typed: nothingTyped, reason: undefined }),
  };
}

/** The page opens on the first column that somebody has to decide about. */
function firstOpen(account: Account, copying: Copying): Place {
  const [first] = undecided(account, copying);
  for (const [table, { table: name, columns }] of (account.tables ?? []).entries()) {
    const column = columns.findIndex((one) => `${name}.${one.column}` === first);
    if (column >= 0) return { table, column };
  }
  return { table: 0, column: undefined };
}

function withinTables(place: Place, { tables = [] }: Account): Place {
  const table = Math.max(0, Math.min(place.table, tables.length - 1));
  const columns = tables[table]?.columns.length ?? 0;
  const { column } = place;
  return { table, column: column === undefined || column < columns ? column : undefined };
}

function sameAccount(a: BoundAccount, b: BoundAccount): boolean {
  const known = ({ says, words, databases, steps, tables, consent, choices, hash }: BoundAccount) =>
    JSON.stringify({ says, words, databases, steps, tables, consent, choices, hash });
  return known(a) === known(b);
}

/** Its process is gone; what was waited for does not come any more. */
export function fellSilent(state: ChangeState, error: MigrateErrorView | undefined): ChangeState {
  const { told } = state;
  const waits = told.kind === 'asking' || (told.kind === 'account' && told.asking);
  return waits ? refused(state, error ?? silent) : state;
}

const silent: MigrateErrorView = {
  code: 'crashed',
  message: 'Its process ended without an answer. Nothing was changed.',
  next: undefined,
};
