import { runAgain } from '../../lib/errors.ts';
import type { MigrateErrorView } from '../client/error.ts';

/** Sentences with the key that does here what the command line would do. */
export interface NextKeys {
  /** After an interruption. */
  readonly again: string;
  /** When what was rehearsed does not fit the target any more. */
  readonly rehearse: string;
  /** When the error says nothing. */
  readonly otherwise: string;
}

/** Whether what is next is to write the records of a database that was made without them. */
export function leadsToBaseline(error: Pick<MigrateErrorView, 'next'> | undefined): boolean {
  return error?.next?.includes('migrate-tui baseline ') ?? false;
}

/** Whether what is next is to look at what is unfinished or contradicts itself. */
export function leadsToRecovery(error: Pick<MigrateErrorView, 'next'> | undefined): boolean {
  return error?.next?.includes('migrate-tui recover ') ?? false;
}

/** What to do next in the words of a screen: its key, where the error speaks of a command to run. */
export function nextOnScreen(
  { code, next }: Pick<MigrateErrorView, 'code' | 'next'>,
  keys: NextKeys,
): string {
  if (code === 'target-changed') return keys.rehearse;
  if (next === undefined || code === 'not-confirmed') return keys.otherwise;
  if (next === runAgain) return keys.again;
  return code === 'locked' ? `r asks again. ${next}` : next;
}
