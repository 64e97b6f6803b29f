import { MigrateError } from '../../lib/errors.ts';
import { SqlError, type AloneOptions, type UnitOutcome, type UnitStatement } from '../engine.ts';
import { told } from '../told.ts';
import { notSent, type UnitPlace } from './begin.ts';
import { inTheWay } from './busy.ts';
import { ConnectionLost } from './server-errors.ts';
import type { Holder, Session } from './session.ts';
import { liftTransactionTimeout, resetTransactionTimeout } from './transaction-timeout.ts';
import { watchedFor } from './watch.ts';

/**
 * Runs a statement by itself, in the session's own mode: each statement is committed when it is done. It waits for
 * other transactions as long as they last, as a timeout would leave an index that is not valid: building one waits
 * for everybody who may still see the table as it was, and keeps nobody from writing meanwhile.
 * https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
 */
export async function runAlone(
  statement: UnitStatement,
  place: UnitPlace,
  options: AloneOptions,
): Promise<UnitOutcome> {
  const { signal } = options;
  if (signal?.aborted) return { kind: 'stopped' };
  const number = statement.number ?? 0;
  const numbered = statement.number === undefined ? {} : { number: statement.number };
  const opened = await openFor(place);
  if ('kind' in opened) return opened;
  const { session } = opened;
  options.onStatement?.({ number, phase: 'begun' });
  const begun = performance.now();
  const watched = watchedFor(session.beside, { signal, lockTimeout: lookEvery, onSeen: tellOnce(options) });
  try {
    const { role, sql } = statement;
    await told(options, { role, what: sql }, () => session.run(statement));
    await watched.end();
    await putBack(session);
  } catch (error) {
    await watched.end();
    if (error instanceof ConnectionLost) return signal?.aborted ? { kind: 'stopped' } : lost(place, error);
    await putBack(session);
    if (!(error instanceof SqlError)) throw error;
    return signal?.aborted && error.code === '57014'
      ? { kind: 'stopped' }
      : { kind: 'failed', ...numbered, error };
  }
  const took = performance.now() - begun;
  options.onStatement?.({ number, phase: 'done', took });
  return { kind: 'committed', took: [took] };
}

/** Milliseconds: twice as long as between two looks at who is in the way. */
const lookEvery = 4000;

/** RESET gives what the session was opened with. */
async function putBack(session: Session): Promise<void> {
  const own = session.settings === '' ? '' : 'RESET client_connection_check_interval; ';
  const sql = `${own}RESET lock_timeout; RESET statement_timeout; ${resetTransactionTimeout()}`;
  await session.command(sql).catch(() => session.cut());
}

async function openFor(place: UnitPlace): Promise<{ readonly session: Session } | UnitOutcome> {
  try {
    const session = await place.session();
    const settings = session.settings.replace('SET LOCAL', 'SET');
    try {
      const unlimited = `SET lock_timeout = 0; SET statement_timeout = 0; ${liftTransactionTimeout()}`;
      await session.command(`${settings}${unlimited}`);
      return { session };
    } catch (error) {
      // A connection that broke while nobody used it; nothing was sent but settings.
      session.cut();
      if (!(error instanceof ConnectionLost)) throw error;
      return { kind: 'failed', error: notSent(error.message, error, error.next) };
    }
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    return { kind: 'failed', error: notSent(error.message, error, error.next) };
  }
}

/** The same ones are told once. */
function tellOnce({ onWaiting }: AloneOptions): (holders: readonly Holder[]) => void {
  let last: string | undefined;
  return (holders) => {
    const who = inTheWay(holders);
    if (who !== last) onWaiting?.(who);
    last = who;
  };
}

function lost({ location }: UnitPlace, cause: ConnectionLost): UnitOutcome {
  const error = new MigrateError(
    'unreachable',
    `the connection to ${location} was lost while the statement ran (${cause.message}), and the server may have gone on with it`,
    { cause, next: cause.next ?? 'Check that the server is up, and ask what became of it.' },
  );
  return { kind: 'unknown', error };
}
