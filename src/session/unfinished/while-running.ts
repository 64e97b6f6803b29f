import type { Lease } from '../../bookkeeping/lease.ts';
import { sayDiagnosis } from '../../operations/diagnosis/words.ts';
import type { Diagnosed, Diagnosis } from '../../operations/diagnosis/diagnosis.ts';
import { describeLease, isDead } from '../../runs/lock/lock.ts';

/** Somebody at work may be in the middle of it: what is there now says nothing of what will be there. */
export function whileRunning(
  diagnosed: Diagnosed,
  lease: Lease | undefined,
  { tag, own }: { readonly tag: string; readonly own: string | undefined },
): Diagnosed {
  if (lease?.run === undefined || lease.run === own || lease.state !== 'live' || isDead(lease)) {
    return diagnosed;
  }
  const { diagnosis, evidence } = diagnosed;
  const holder = `${describeLease(lease, Date.now())}.`;
  if (lease.tag !== tag && !mayBeHalf(diagnosis)) return { ...diagnosed, evidence: [holder, ...evidence] };
  const { by, host } = lease;
  return {
    ...diagnosed,
    diagnosis: { kind: 'running-elsewhere', by, host, since: new Date(lease.since).toISOString() },
    evidence: [
      holder,
      `At this moment the schema says: ${sayDiagnosis(diagnosis)}.`,
      'When that run has ended, ask again: until then nothing is chosen.',
      ...evidence,
    ],
  };
}

function mayBeHalf({ kind }: Diagnosis): boolean {
  return kind !== 'unrecorded' && kind !== 'recorded-not-there' && kind !== 'not-started';
}
