import { moment } from '../../lib/time.ts';
import { eraseRecords, sameRecord, sameRecords } from '../history/correction.ts';
import { movedRecords, moveRecord, type Moved } from '../history/moved-records.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';

/** A file was renamed or given another time after it ran, and looks as if it had not run. One case for each. */
export function movedFiles(input: RecoveryInput): readonly RecoverableCase[] {
  return movedRecords(input.history).map((moved) => movedCase(input, moved));
}

function movedCase({ database, bookkeeping, entries }: RecoveryInput, moved: Moved): RecoverableCase {
  const { entry, migration } = moved;
  const { table } = bookkeeping;
  const known = entry.name ?? moment(new Date(entry.createdAt).toISOString(), { year: 'with' });
  return {
    shown: {
      situation: 'renamed-records',
      database,
      tag: migration.tag,
      verdict: 'recorded under another time or name',
      evidence: [
        `Row ${entry.rowid} of ${table} (${known}) has exactly the content of this file, no file of its own, and is the only one.`,
      ],
      meaning: ['It looks as if it had never run: on a new try its statements would run a second time.'],
      options: options(table),
    },
    ways: new Map([
      [
        're-key',
        {
          kind: 'correct',
          statements: () => [
            ...sameRecords(bookkeeping, entries),
            sameRecord(bookkeeping, entry),
            { ...moveRecord(moved, bookkeeping), role: 'record' },
          ],
        },
      ],
      [
        'remove-record',
        {
          kind: 'correct',
          statements: () => [...sameRecords(bookkeeping, entries), ...eraseRecords([entry], bookkeeping)],
        },
      ],
    ]),
  };
}

function options(table: string): readonly RecoveryOption[] {
  return [
    {
      id: 're-key',
      recommended: true,
      allowed: true,
      why: `Gives the record in ${table} the time and the name that the file has now; no migration is run, nothing is removed.`,
    },
    {
      id: 'remove-record',
      recommended: false,
      allowed: true,
      why: 'Removes the record. Only when the file is meant to run here once more.',
    },
  ];
}
