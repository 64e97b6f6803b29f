import { clock } from '../../lib/time.ts';
import type { MigrationStatement } from '../../migrations/migration.ts';
import { namedAlone } from '../../sql/postgres/stepwise.ts';
import { sayDiagnosis } from './words.ts';
import type { Diagnosed, LeftSession } from './diagnosis.ts';

/** What the server still does for a run that is gone decides how far its migration comes: nothing else is chosen until then. */
export function whileServerWorks(
  diagnosed: Diagnosed,
  sessions: readonly LeftSession[],
  statements: readonly Pick<MigrationStatement, 'sql'>[],
): Diagnosed {
  if (sessions.length === 0) return diagnosed;
  return {
    ...diagnosed,
    diagnosis: { kind: 'session-left', sessions },
    evidence: [
      ...sessions.map((session) => saySession(session, statements)),
      `At this moment the schema says: ${sayDiagnosis(diagnosed.diagnosis)}.`,
      ...diagnosed.evidence,
    ],
  };
}

function saySession(
  { pid, name, since, statement }: LeftSession,
  statements: readonly Pick<MigrationStatement, 'sql'>[],
): string {
  const at = statements.findIndex(({ sql }) => sql === statement);
  const named = namedAlone(statements[at]?.sql ?? '');
  const what = at === -1 ? '' : `, statement ${at + 1}${named === undefined ? '' : ` (${named})`}`;
  return `Process ${pid} on the server (${name}) still runs${at === -1 ? '' : ' it'}${what} since ${clock(since)}.`;
}
