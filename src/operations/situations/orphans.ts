import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import { quantity } from '../../lib/numbers.ts';
import { moment } from '../../lib/time.ts';
import { numberOf } from '../../migrations/number-of.ts';
import { some } from '../../migrations/some.ts';
import { eraseRecords, sameRecords } from '../history/correction.ts';
import { differencesOfFilesThatRan, lostRecords } from '../history/folder-fit.ts';
import { highestNumber } from '../history/highest-number.ts';
import { tagOf } from '../history/history.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';
import { isRegenerated } from './regenerated-folder.ts';
import { isSquashedHere } from './squashed-here.ts';

/** Something ran here whose file is not in the folder: of another branch, deleted, or squashed. One case for each. */
export function orphans(input: RecoveryInput): readonly RecoverableCase[] {
  if (isRegenerated(input) || isSquashedHere(input)) return [];
  return lostRecords(input.history).map((item) => orphanCase(input, item.entry, tagOf(item)));
}

function orphanCase(input: RecoveryInput, entry: Entry, tag: string): RecoverableCase {
  const { database, bookkeeping, entries } = input;
  const option: RecoveryOption = {
    id: 'remove-record',
    recommended: false,
    allowed: true,
    why: `Removes this record from ${bookkeeping.table}; what its migration made in the schema stays. Only when its file is known to be gone for good.`,
  };
  return {
    shown: {
      situation: 'orphans',
      database,
      tag,
      verdict: 'recorded, and no such file',
      evidence: [
        describeRecord(entry, bookkeeping.table),
        ...sameContent(input, entry),
        ...leftInSchema(input),
        ...holdsBack(input, entry),
      ],
      meaning: [
        'Find its file before anything else: another branch, a stash, or git log --diff-filter=D on the folder.',
        ...(bookkeeping.kind === 'drizzle-1' && bookkeeping.tableShape === 'drizzle-0'
          ? ['Until then drizzle-orm 1.0 refuses to migrate here: it cannot tell the name of this record.']
          : ['Until then it changes nothing: no tool runs or undoes anything because of it.']),
      ],
      options: [option],
    },
    ways: new Map([
      [
        option.id,
        {
          kind: 'correct',
          statements: () => [...sameRecords(bookkeeping, entries), ...eraseRecords([entry], bookkeeping)],
        },
      ],
    ]),
  };
}

function describeRecord({ rowid, hash, createdAt, appliedAt }: Entry, table: string): string {
  const parts = [
    ...(hash === '' ? [] : [`hash ${hash.slice(0, 8)}`]),
    ...(createdAt === 0 ? [] : [`its migration is of ${at(createdAt)}`]),
    ...(appliedAt === undefined ? [] : [`applied ${at(appliedAt)}`]),
  ];
  return `Row ${rowid} of ${table}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}.`;
}

/** A file that was renamed or given another time after it ran. */
function sameContent({ history }: RecoveryInput, { hash }: Entry): readonly string[] {
  if (hash === '') return [];
  const twin = history.items.find(
    (item) => 'migration' in item && !('entry' in item) && item.migration.hash === hash,
  );
  return twin && 'migration' in twin
    ? [`${twin.migration.tag}, which has no record, has exactly its content.`]
    : [];
}

function leftInSchema(input: RecoveryInput): readonly string[] {
  const differences = differencesOfFilesThatRan(input);
  if (!differences) return [];
  if (differences.length === 0)
    return ['The schema is exactly what the files that ran make: nothing of it is left there.'];
  return [`What the files that ran do not explain here: ${some(differences, 4)}.`];
}

/** Drizzle 0.x runs only what is newer than the newest record, whosever that is; numbers alike. */
function holdsBack(input: RecoveryInput, entry: Entry): readonly string[] {
  const { history, entries } = input;
  if (history.kind === 'numbered') return holdsBackByNumber(input, entry);
  if (history.kind !== 'drizzle-0') return [];
  const below = Math.max(
    -Infinity,
    ...entries.filter((other) => other !== entry).map(({ createdAt }) => createdAt),
  );
  const held = history.items.flatMap((item) =>
    item.kind === 'skipped' && item.migration.when > below ? [item.migration.tag] : [],
  );
  return held.length === 0
    ? []
    : [
        `It is the newest record, and because of its time Drizzle 0.x never runs ${quantity(held.length, 'file')}: ${some(held)}.`,
      ];
}

function holdsBackByNumber({ history, entries }: RecoveryInput, entry: Entry): readonly string[] {
  const others = highestNumber(entries.filter((other) => other !== entry)) ?? -1n;
  const held = history.items.flatMap((item) =>
    item.kind === 'skipped' && (numberOf(item.migration.tag) ?? 0n) > others ? [item.migration.tag] : [],
  );
  return held.length === 0
    ? []
    : [
        `Its number is the highest, and because of that a deploy does not run ${quantity(held.length, 'file')}: ${some(held)}.`,
      ];
}

const at = (milliseconds: number) => moment(new Date(milliseconds).toISOString(), { year: 'with' });
