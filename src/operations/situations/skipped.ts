import type { Entry } from '../../bookkeeping/bookkeeping.ts';
import { quantity } from '../../lib/numbers.ts';
import { moment } from '../../lib/time.ts';
import type { Migration } from '../../migrations/migration.ts';
import { some } from '../../migrations/some.ts';
import { highestNumber } from '../history/highest-number.ts';
import { tagOf } from '../history/history.ts';
import { movedRecords } from '../history/moved-records.ts';
import { isByNumber } from '../history/passed-by.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';
import { rowChangesIn, tablesWorkedOn } from '../evidence/row-changes.ts';

/** Merged with an older time or a lower number than something that had run, and so passed by. One case for each. */
export function skipped(input: RecoveryInput): readonly RecoverableCase[] {
  const moved = new Set(movedRecords(input.history).map(({ migration }) => migration.tag));
  return input.history.items.flatMap((item) =>
    item.kind === 'skipped' && !input.diagnosed.has(item.migration.tag) && !moved.has(item.migration.tag)
      ? [skippedCase(input, item.migration)]
      : [],
  );
}

function skippedCase(input: RecoveryInput, migration: Migration): RecoverableCase {
  const { tag, statements } = migration;
  const changes = rowChangesIn(statements);
  const option = runningIt(input, migration);
  return {
    shown: {
      situation: 'skipped',
      database: input.database,
      tag,
      verdict: `skipped, and ${isByNumber(input.history.kind) ? 'a deploy does not run it' : 'Drizzle 0.x would never run it'}`,
      evidence: [
        newest(input, migration),
        ...(statements.length > 0 && changes.length === statements.length
          ? ['It only changes rows: whether somebody did that by hand, a schema cannot tell.']
          : []),
      ],
      meaning: [isByNumber(input.history.kind) ? byNumber : byTime],
      options: [option],
    },
    ways: new Map([[option.id, { kind: 'run', migration }]]),
  };
}

const byTime =
  'Drizzle 0.x compares times alone: drizzle-kit migrate and the application pass it by here without a word, and run it on a new database.';
const byNumber =
  'What came later ran without it, and on a new database it runs before that: only who knows both can say that the order does not matter.';

function newest({ history, entries }: RecoveryInput, { when }: Migration): string {
  if (isByNumber(history.kind)) return highest(history, entries);
  const time = Math.max(...entries.map(({ createdAt }) => createdAt));
  const item = history.items.find((each) => 'entry' in each && each.entry.createdAt === time);
  const which = item ? ` (${tagOf(item)})` : '';
  return time === when
    ? `Its time in the journal is also that of the newest record${which}: ${at(when)}.`
    : `Its time in the journal is ${at(when)}, that of the newest record ${at(time)}${which}.`;
}

function highest(history: RecoveryInput['history'], entries: readonly Entry[]): string {
  const number = highestNumber(entries);
  const item = history.items.find((each) => 'entry' in each && each.entry.version === String(number));
  return `The highest number that is recorded is ${number}${item ? ` (${tagOf(item)})` : ''}.`;
}

function runningIt(input: RecoveryInput, migration: Migration): RecoveryOption {
  const later = usersOf(input, migration);
  const count = quantity(migration.statements.length, 'statement');
  return {
    id: 'run-skipped',
    recommended: later.length === 0,
    allowed: true,
    why: [
      `Runs its ${count} now and records it, after a rehearsal on a copy of the rows.`,
      later.length === 0
        ? 'Nothing that ran after it works on the same tables.'
        : `Look at it first: ${some(later)}, which ran already, ${later.length === 1 ? 'works' : 'work'} on the same tables.`,
    ].join(' '),
    statements: migration.statements.map(({ sql }) => sql),
  };
}

/** What comes after it in the folder, has run, and works on its tables. */
function usersOf({ history }: RecoveryInput, migration: Migration): readonly string[] {
  const own = tablesWorkedOn(migration.statements);
  const place = history.items.findIndex((item) => 'migration' in item && item.migration === migration);
  return history.items.slice(place + 1).flatMap((item) => {
    if (!('migration' in item && 'entry' in item)) return [];
    const theirs = tablesWorkedOn(item.migration.statements);
    return [...own].some((table) => theirs.has(table)) ? [item.migration.tag] : [];
  });
}

/** Two of the same minute are still two. */
const at = (milliseconds: number) => {
  const iso = new Date(milliseconds).toISOString();
  return `${moment(iso, { year: 'with' }).replace(/ UTC$/, '')}:${iso.slice(17, 19)} UTC`;
};
