import type { DriftBase } from '../../../operations/questions.ts';
import type { Key } from '../../keyboard/key.ts';
import type { Context, Effect, Step } from '../../screen.ts';
import { scrolled } from '../scrolling.ts';
import { othersOf } from './choice.ts';
import type { Choice, DriftState } from './state.ts';

/** Shows what else the environment can be compared with; its backups come when they are known. */
export function openChoice(state: DriftState, { now }: Context): Step<DriftState> {
  const choice: Choice = { cursor: 0, backups: { kind: 'asking', since: now } };
  const ask: Effect = { kind: 'ask', id: 'backups', args: ['backups', state.environment] };
  return { state: { ...state, zoom: 'none', choice }, effects: [ask] };
}

/** What a key does while the list is open: it stays, closes, or names what to compare with. */
export interface Chosen {
  readonly choice: Choice | undefined;
  readonly than?: DriftBase;
  readonly effects?: readonly Effect[];
}

export function chosenIn(state: DriftState, action: string, key: Key, context: Context): Chosen {
  const { choice } = state;
  if (!choice || action === 'leave' || action === 'compare') return { choice: undefined };
  const others = othersOf(state, context);
  if (action === 'open') return taken(others[choice.cursor], choice);
  if (action === 'number') return taken(others[Number(key.name) - 1], choice);
  const to = scrolled(action, { at: choice.cursor, last: others.length - 1, page: context.rows });
  return { choice: to === undefined ? choice : { ...choice, cursor: to } };
}

function taken(other: ReturnType<typeof othersOf>[number] | undefined, choice: Choice): Chosen {
  if (other === undefined) return { choice };
  if (other.to !== 'all') return { choice: undefined, than: other.to };
  return { choice: undefined, effects: [{ kind: 'open', request: { screen: 'drift-all' } }] };
}
