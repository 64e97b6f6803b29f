import { MigrateError } from '../../lib/errors.ts';
import { SqlError } from '../engine.ts';
import type { Session } from './session.ts';

/** What a unit is run with. */
export interface UnitPlace {
  /** A session that nothing else uses meanwhile. Throws `MigrateError` when there is none to be had. */
  readonly session: () => Promise<Session>;
  readonly location: string;
}

export type Taken =
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'refused'; readonly error: SqlError };

/** The session that a unit runs in. */
export async function takeSession(place: UnitPlace): Promise<Taken> {
  try {
    return { kind: 'open', session: await place.session() };
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    return { kind: 'refused', error: notSent(error.message, error, error.next) };
  }
}

/**
 * READ COMMITTED, whatever the server's default is: the fence and the guards must see what was committed while they
 * waited for it. A timeout of 0 would wait for ever.
 *
 * @param busyTimeout milliseconds
 */
export function beginning({ settings }: Session, busyTimeout: number): string {
  const timeout = Math.max(1, Math.round(busyTimeout));
  return `BEGIN ISOLATION LEVEL READ COMMITTED; ${settings}SET LOCAL lock_timeout = ${timeout}`;
}

/** What threw is a refusal, or a bug of ours. */
export function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  throw error;
}

/** Nothing of the unit stays: the server took no COMMIT. */
export function notSent(message: string, cause: unknown, next?: string): SqlError {
  return new SqlError(message, { code: 'NOT_SENT', cause, ...(next === undefined ? {} : { next }) });
}
