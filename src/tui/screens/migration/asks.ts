import type { Effect } from '../../screen.ts';
import { environmentToKeep, type MigrationState } from './state.ts';

/** Asks for the migration itself. */
export function ask({ tag, database }: MigrationState): Extract<Effect, { kind: 'ask' }> {
  return { kind: 'ask', id: 'migration', args: ['migration', tag, '--database', database] };
}

/** Asks for the file as it keeps the rows of other tables; `more` are further words, such as `--write`. */
export function askKept(
  state: MigrationState,
  id: 'keep' | 'write',
  more: readonly string[],
): Extract<Effect, { kind: 'ask' }> {
  const { tag, database } = state;
  const environment = environmentToKeep(state) ?? 'ENV';
  const args = ['migration', tag, '--database', database, '--keep-children', environment, ...more];
  return { kind: 'ask', id, args };
}
