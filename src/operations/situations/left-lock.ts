import { pushTag } from '../../bookkeeping/lease.ts';
import { moment } from '../../lib/time.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';

/** The lock's row still names a run that is gone, and it left nothing else. */
export interface LeftLock {
  /** Its number in the ledger of the machine where it ran. */
  readonly run: string;
  readonly by: string;
  readonly host: string;
  /** The migration that it was in, or about to begin. */
  readonly tag: string | undefined;
  readonly backup: string | undefined;
  /** ISO 8601, by the database's clock. */
  readonly since: string;
  /** `dead`: its process was on this machine. `expired`: it gave no sign of life for long enough. */
  readonly how: 'dead' | 'expired';
}

export function leftLock(input: RecoveryInput): readonly RecoverableCase[] {
  const { database, lock, diagnosed, withoutFile = [], takenBack = [] } = input;
  // Whatever is done about a half-finished migration takes the lock over.
  if (!lock || diagnosed.size > 0 || withoutFile.length + takenBack.length > 0) return [];
  const { run, by, host, tag, backup, since, how } = lock;
  const option: RecoveryOption = {
    id: 'take-over',
    recommended: true,
    allowed: true,
    why: 'Takes the lock over and gives it back; nothing else is touched. The next deploy would do the same by itself.',
  };
  return [
    {
      shown: {
        situation: 'left-lock',
        database,
        tag: `run ${run}`,
        verdict: 'its lock was left',
        evidence: [
          `${by}@${host} took the lock ${moment(since, { year: 'with' })}, ${tag === undefined ? 'and had committed no migration' : `and was last in ${tag}`}.`,
          how === 'dead'
            ? 'Its process on this machine is gone.'
            : 'It has given no sign of life for longer than a lock is good for.',
          ...(backup === undefined ? [] : [`Backup ${backup} is from before it.`]),
        ],
        meaning: [
          tag === pushTag
            ? 'drizzle-kit runs its statements one by one: what it had changed stays, and is recorded nowhere.'
            : 'What it had not committed was undone, what it had committed is recorded.',
          'A lock of a run that lives is never taken over: it is waited for.',
        ],
        options: [option],
      },
      ways: new Map([[option.id, { kind: 'take-over' }]]),
    },
  ];
}
