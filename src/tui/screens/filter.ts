import { graphemesOf } from '../../lib/graphemes.ts';
import type { Signs } from '../../lib/signs.ts';
import type { Input } from '../keyboard/key.ts';
import type { Binding, HeaderPart } from '../screen.ts';

/** Letters that leave of a list what holds them. */
export interface Filter {
  readonly text: string;
  /** While it is typed letters are text; once it is set they are keys again. */
  readonly typing: 'typing' | 'set';
}

export const noFilter: Filter = { text: '', typing: 'set' };

/** Whether it leaves something out or is being typed: then `esc` clears it before it leads back. */
export function isFiltering({ text, typing }: Filter): boolean {
  return text !== '' || typing === 'typing';
}

/** What a screen with a filter listens to. */
export function listensTo({ filter }: { readonly filter: Filter }): 'keys' | 'text' {
  return filter.typing === 'typing' ? 'text' : 'keys';
}

/** The key that begins a filter; what is looked through is the screen's own. */
export function filterBinding<State>(
  own: Pick<Binding<State>, 'help' | 'footer' | 'blocked'>,
): Binding<State> {
  return { keys: ['/'], action: 'filter', label: 'filter', group: 'view', ...own };
}

/** What an action makes of the filter; undefined: it is about something else. */
export function filterAfter(filter: Filter, action: string): Filter | undefined {
  switch (action) {
    case 'filter':
      return { ...filter, typing: 'typing' };
    case 'open':
      return filter.typing === 'typing' ? { ...filter, typing: 'set' } : undefined;
    case 'back':
    case 'leave':
    case 'clear':
      return isFiltering(filter) ? noFilter : undefined;
    default:
      return undefined;
  }
}

/** What is typed or pasted makes of the filter: the same one where letters are no text of it now. */
export function filterTyped(filter: Filter, input: Input): Filter {
  if (filter.typing === 'set') return filter;
  if (input.kind === 'key' && input.key.name === 'backspace')
    return { ...filter, text: graphemesOf(filter.text).slice(0, -1).join('') };
  const more = input.kind === 'paste' ? input.text : input.key.text;
  return more === '' ? filter : { ...filter, text: filter.text + more.replaceAll(/\s+/g, ' ') };
}

/** The same for what lies over the screens and has keys of its own; undefined: the key is not the filter's. */
export function filterInput(filter: Filter, input: Input): Filter | undefined {
  const name = input.kind === 'key' ? input.key.name : undefined;
  if (name === 'esc') return filterAfter(filter, 'clear');
  if (filter.typing === 'set') return name === '/' ? filterAfter(filter, 'filter') : undefined;
  return name === 'enter' ? filterAfter(filter, 'open') : filterTyped(filter, input);
}

/** The letters, and where the next one will stand while it is typed. */
export function filterText({ text, typing }: Filter, { caret }: Pick<Signs, 'caret'>): string {
  return typing === 'typing' ? `${text}${caret}` : text;
}

/** For the header's right end. */
export function filterPart(filter: Filter): readonly HeaderPart[] {
  return isFiltering(filter) ? [{ text: `/ ${filter.text}`, tone: 'text' }] : [];
}
