import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { endingSession } from '../ways/end-session.ts';
import type { Option } from '../ways/option.ts';

/** What still works on a migration that was left in the middle. */
export type AtWork = Extract<Diagnosis, { kind: 'running-elsewhere' | 'session-left' }>;

/** A session that was left can be ended; the ways of these ids are closed until nothing works on it any more. */
export function whileAtWork(atWork: AtWork, ids: readonly string[]): readonly Option[] {
  const isLeft = atWork.kind === 'session-left';
  const until = isLeft ? 'The server still works for it' : 'A run is at work';
  return [
    ...(isLeft ? [endingSession(atWork.sessions)] : []),
    ...ids.map((id): Option => {
      return { kind: 'closed', id, why: `${until}: wait until that is done, and ask again.` };
    }),
  ];
}
