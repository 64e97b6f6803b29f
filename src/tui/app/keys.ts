import type { Input, Key } from '../keyboard/key.ts';
import type { Effect, Message } from '../screen.ts';
import { noFilter } from '../screens/filter.ts';
import { alwaysBindings } from './always.ts';
import { helpInput } from './help.ts';
import { logInput } from './log-keys.ts';
import type { KeyRow, Mounted } from './mounted.ts';
import { paletteInput } from './palette.ts';
import { contextOf, type AppState } from './state.ts';

/** What a key leads to: the state it changes by itself, and what the app is to do then. */
export interface KeyOutcome {
  readonly state: AppState;
  readonly leads: readonly Lead[];
}

export type Lead =
  | { readonly kind: 'send'; readonly to: number; readonly message: Message }
  | { readonly kind: 'effect'; readonly owner: number; readonly effect: Effect }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'log'; readonly follow: 'on' | 'off' };

/** One key or paste. The topmost that listens gets it: overlay, command log, screen, then the common keys. */
export function handleInput(before: AppState, input: Input): KeyOutcome {
  const top = before.stack.at(-1);
  if (top === undefined) return { state: before, leads: [] };
  const state: AppState = { ...before, message: undefined };
  // These mean the same whatever lies over the screen.
  if (input.kind === 'key' && isSignal(input.key))
    return screenKey({ ...state, overlay: { kind: 'none' } }, top, input.key);
  switch (state.overlay.kind) {
    case 'help':
      return helpInput(state, state.overlay, input);
    case 'palette':
      return paletteInput(state, state.overlay, input);
    case 'none':
      break;
  }
  const handled = state.log.shown === 'closed' ? undefined : logInput(state, input);
  if (handled) return handled;
  return input.kind === 'paste' ? sendTo(state, top, input) : screenKey(state, top, input.key);
}

/** The keys of the screen on top and the common ones, as they stand now: the screen's come first. */
export function keysOf(state: AppState): readonly KeyRow[] {
  const context = contextOf(state);
  const own = state.stack.at(-1)?.keys(context) ?? [];
  const taken = new Set(own.flatMap(({ keys }) => keys));
  const common = alwaysBindings
    .filter(({ keys }) => !keys.some((key) => taken.has(key)))
    .map(({ keys, action, label, help, group, footer, blocked }) => ({
      keys,
      action,
      help,
      group,
      label: typeof label === 'string' ? label : label(undefined, context),
      footer: typeof footer === 'function' ? footer(undefined, context) : footer,
      blocked: blocked?.(undefined, context),
      command: undefined,
    }));
  return [...own, ...common];
}

function screenKey(state: AppState, top: Mounted, key: Key): KeyOutcome {
  const typing = top.listens() === 'text' && key.text !== '';
  const row = typing ? undefined : findKey(state, top, key.name);
  if (row === undefined) return sendTo(state, top, { kind: 'key', key });
  if (row.blocked !== undefined) {
    const text = `${row.label === '' ? key.name : row.label}: ${row.blocked}`;
    return effect(state, top, { kind: 'say', level: 'info', text });
  }
  return row.own
    ? sendTo(state, top, { kind: 'action', action: row.action, key })
    : common(state, top, row.action);
}

function findKey(
  state: AppState,
  top: Mounted,
  name: string,
): (KeyRow & { readonly own: boolean }) | undefined {
  const row = keysOf(state).find(({ keys }) => keys.includes(name));
  if (row === undefined) return undefined;
  const own = top.keys(contextOf(state)).some(({ keys }) => keys.includes(name));
  return { ...row, own };
}

function common(state: AppState, top: Mounted, action: string): KeyOutcome {
  switch (action) {
    case 'help':
      return { state: { ...state, overlay: { kind: 'help', filter: noFilter, top: 0 } }, leads: [] };
    case 'palette':
      return { state: { ...state, overlay: { kind: 'palette', text: '', cursor: 0 } }, leads: [] };
    case 'commands':
      return toggleLog(state);
    case 'refresh':
      return effect(state, top, { kind: 'refresh' });
    case 'back':
      return effect(state, top, { kind: 'back' });
    case 'quit':
      return effect(state, top, { kind: 'quit' });
    case 'interrupt':
      return { state, leads: [{ kind: 'interrupt' }] };
    case 'suspend':
      return { state, leads: [{ kind: 'suspend' }] };
    default:
      throw new Error(`No meaning for the common key ${action}`);
  }
}

function toggleLog(state: AppState): KeyOutcome {
  const shown = state.log.shown === 'closed' ? 'part' : 'closed';
  const cursor = Number.MAX_SAFE_INTEGER;
  return {
    state: { ...state, log: { ...state.log, shown, cursor } },
    leads: [{ kind: 'log', follow: shown === 'part' ? 'on' : 'off' }],
  };
}

function isSignal({ name }: Key): boolean {
  return name === 'ctrl-c' || name === 'ctrl-z';
}

function sendTo(state: AppState, top: Mounted, message: Message): KeyOutcome {
  return { state, leads: [{ kind: 'send', to: top.key, message }] };
}

function effect(state: AppState, top: Mounted, what: Effect): KeyOutcome {
  return { state, leads: [{ kind: 'effect', owner: top.key, effect: what }] };
}
