import { MigrateError } from '../../lib/errors.ts';
import { SqlError, type UnitOptions } from '../engine.ts';
import { ConnectionLost } from './server-errors.ts';
import type { Session } from './session.ts';
import { told } from './told.ts';

/** What a unit is run with. */
export interface UnitPlace {
  /** A session that nothing else uses meanwhile. Throws `MigrateError` when there is none to be had. */
  readonly session: () => Promise<Session>;
  readonly location: string;
}

export type Begun =
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'lost'; readonly error: ConnectionLost }
  | { readonly kind: 'refused'; readonly error: SqlError };

/** Opens a unit's transaction in a session. */
export async function begin(
  place: UnitPlace,
  options: UnitOptions & { readonly busyTimeout: number },
): Promise<Begun> {
  let session: Session;
  try {
    session = await place.session();
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    return { kind: 'refused', error: notSent(error.message, error, error.next) };
  }
  try {
    const sql = beginning(session, options.busyTimeout);
    await told(options, { role: 'control', what: sql }, () => session.command(sql));
    return { kind: 'open', session };
  } catch (error) {
    session.cut();
    if (error instanceof ConnectionLost) return { kind: 'lost', error };
    return { kind: 'refused', error: asSqlError(error) };
  }
}

/**
 * READ COMMITTED, whatever the server's default is: the fence and the guards must see what was committed while they
 * waited for it. A timeout of 0 would wait for ever.
 */
function beginning({ settings }: Session, busyTimeout: number): string {
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
