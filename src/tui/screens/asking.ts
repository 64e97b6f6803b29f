import { pasteInto, type Typed } from '../present/typed.ts';

/** What a review that asks for something has in common, whatever it is about. */
interface Asking {
  readonly typed: Typed;
  /** `field`: letters are text. `page`: they are keys. */
  readonly focus: 'field' | 'page';
}

/** Which kind of thing is asked for; undefined: nothing is. */
type Asked = { readonly kind: string } | undefined;

/** Letters are text while something is to be typed and the field has the focus. */
export function listensFor({ focus }: Asking, demand: Asked): 'keys' | 'text' {
  return demand && demand.kind !== 'key' && focus === 'field' ? 'text' : 'keys';
}

/** A paste goes into a reason, and confirms nothing. */
export function withPasted<State extends Asking>(state: State, demand: Asked, text: string): State {
  if (listensFor(state, demand) === 'keys') return state;
  const field = demand?.kind === 'reason' ? 'reason' : 'confirmation';
  return { ...state, typed: pasteInto(state.typed, text, field) };
}

/** The keys that move the page also while letters are text, with what they do. */
export const scrollActions: ReadonlyMap<string, string> = new Map([
  ['down', 'down'],
  ['up', 'up'],
  ['pagedown', 'page-down'],
  ['pageup', 'page-up'],
  ['home', 'first'],
  ['end', 'last'],
]);
