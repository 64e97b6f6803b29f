import { eraseRecords } from '../history/correction.ts';
import type { WaysInput } from './input.ts';
import type { Option } from './option.ts';

/** Takes the record away, so that a deploy runs the migration. */
export function removingRecord({ entry, bookkeeping, diagnosed, migration }: WaysInput): Option {
  if (!entry) return closed('There is none to remove.');
  if (diagnosed.diagnosis.kind !== 'recorded-not-there') {
    return closed('A part of it is there, so that without its record a deploy would run that a second time.');
  }
  return {
    kind: 'open',
    id: 'remove-record',
    why: `Nothing of it is there: takes its record out of ${bookkeeping.table}, and ${migration.tag} is pending again. No statement is run.`,
    way: { kind: 'correct', statements: () => eraseRecords([entry], bookkeeping) },
  };
}

function closed(why: string): Option {
  return { kind: 'closed', id: 'remove-record', why };
}
