import type { Account } from '../../operations/consent/account.ts';

/** Where a change writes to; of a copy also where from, as a mistaken direction is the worst one: `local ‹ production`. */
export function directionOf(environment: string, words: readonly string[] | undefined): string {
  const at = words?.indexOf('--from') ?? -1;
  const from = words?.[at + 1];
  return at < 0 || from === undefined ? environment : `${environment} ‹ ${from}`;
}

/** What a change does, the verb first, for the key that does it: `reset local`. */
export function changeTitle({ operation, environment, databases }: Account): string {
  const [first] = databases;
  switch (operation) {
    case 'mark':
    case 'baseline':
    case 'tidy':
      return first?.loses === undefined ? `write ${first?.writes ?? 'it'}` : `remove ${first.loses}`;
    case 'resync':
      return `replace ${environment}`;
    default:
      return `${operation} ${environment}`;
  }
}
