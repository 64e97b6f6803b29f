import { quoteText } from '../../sql/quote.ts';
import type { Correction } from '../history/correction.ts';
import type { LeftSession } from '../diagnosis/diagnosis.ts';
import type { Option } from './option.ts';

/** Ends what the server still does for a run that was cut off; how far the migration came can be told afterwards. */
export function endingSession(sessions: readonly LeftSession[]): Option {
  const which = sessions.map(({ pid }) => pid).join(', ');
  return {
    kind: 'open',
    id: 'end-session',
    why: `Ends process ${which} on the server (pg_terminate_backend). What it was building is left as an index that is not valid, and recover then offers to drop it and go on. Without it: wait until the statement is done, and ask again.`,
    way: { kind: 'correct', statements: () => ending(sessions) },
    advice: 'never',
  };
}

/** By number and name: the number may be another session's by now. */
function ending(sessions: readonly LeftSession[]): Correction {
  const meant = sessions.map(
    ({ pid, name }) => `(a.pid = ${pid} AND a.application_name = ${quoteText(name)})`,
  );
  const found = `FROM pg_catalog.pg_stat_activity a WHERE ${meant.join(' OR ')}`;
  return [
    { sql: `SELECT pg_catalog.pg_terminate_backend(a.pid) ${found}`, role: 'guard' },
    // It ends at its next look; pg_terminate_backend itself waits for that only in newer servers.
    {
      sql: `DO $ended$ BEGIN
  FOR tries IN 1..200 LOOP
    PERFORM pg_catalog.pg_stat_clear_snapshot();
    EXIT WHEN NOT EXISTS (SELECT ${found});
    PERFORM pg_catalog.pg_sleep(0.05);
  END LOOP;
END $ended$`,
      role: 'guard',
    },
  ];
}
