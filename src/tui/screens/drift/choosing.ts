import type { Key } from '../../keyboard/key.ts';
import type { Context, Effect, Step } from '../../screen.ts';
import { scrolled } from '../scrolling.ts';
import { optionsOf, type Lead } from './choice.ts';
import type { DriftState } from './state.ts';

/** Shows what else the environment can be compared with; its backups come when they are known. */
export function chooseOther(state: DriftState, { now }: Context): Step<DriftState> {
  const backups = { kind: 'asking', since: now } as const;
  const ask: Effect = { kind: 'ask', id: 'backups', args: ['backups', state.environment] };
  return { state: { ...state, zoom: 'none', choice: { of: 'others', cursor: 0, backups } }, effects: [ask] };
}

/** Shows what a draft can become. */
export function chooseTake(state: DriftState): DriftState {
  return { ...state, zoom: 'none', choice: { of: 'take', cursor: 0 } };
}

/** What a key does while a list is open: it moves in it, closes it, or says where it leads. */
export function chosenIn(
  state: DriftState,
  action: string,
  key: Key,
  context: Context,
): { readonly state: DriftState; readonly leads?: Lead | undefined } {
  const { choice } = state;
  const closed: DriftState = { ...state, choice: undefined };
  if (!choice || action === 'leave') return { state: closed };
  const options = optionsOf(state, choice, context);
  if (action === 'open') return { state: closed, leads: options[choice.cursor]?.leads };
  if (action === 'number') {
    const option = options[Number(key.name) - 1];
    return option ? { state: closed, leads: option.leads } : { state };
  }
  const to = scrolled(action, { at: choice.cursor, last: options.length - 1, page: context.rows });
  return { state: to === undefined ? state : { ...state, choice: { ...choice, cursor: to } } };
}
