import type { Account } from '../../operations/account.ts';

/** What a change does, the verb first, for the key that does it: `reset local`. */
export function changeTitle({ operation, environment, databases }: Account): string {
  const [first] = databases;
  switch (operation) {
    case 'mark':
    case 'baseline':
    case 'tidy':
      return first?.loses === undefined ? `write ${first?.writes ?? 'it'}` : `remove ${first.loses}`;
    default:
      return `${operation} ${environment}`;
  }
}
