import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { some } from '../../migrations/some.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { lineUp, tagOf } from '../../operations/history/history.ts';
import type { Records } from '../../operations/history/mark.ts';
import { tidinessOf, tidyRecords, type Tidiness, type Tidying } from '../../operations/squash/tidy.ts';
import { correctRecords, onlyDatabase, recordsOf, type RecordsToCorrect } from './correct-records.ts';
import type { Carried, Ground } from './ground.ts';

type TidyChange = Extract<Change, { kind: 'tidy' }>;

/**
 * After a squash: the records of what the one file stands for become the one that a database made from it has. No
 * migration is run, and no tool has anything to do before or after.
 */
export async function tidy(change: TidyChange, ground: Ground): Promise<Carried> {
  const { environment: name } = change;
  const prepared = onlyDatabase(ground, change);
  const { records, history } = await recordsOf(prepared);
  const { migrations } = await ground.workspace.folderOf(prepared.run.database);
  const found = tidinessOf(migrations, history, records.bookkeeping);
  if (found.kind === 'no-squash')
    return { message: `Nothing to tidy: no file of the folder is a squashed one.` };
  if (found.kind === 'tidy')
    return { message: `Nothing to tidy: ${name} has no record of a migration that became part of another.` };
  if (found.kind === 'in-the-middle') throw inTheMiddle(found, name);
  const { tidyings } = found;
  for (const one of tidyings) await refuseGaps(one, records, name);
  await correctRecords(ground, change, prepared, {
    what: `${tidyings.map((one) => whatOf(one, records)).join(' ')} ${afterwards[records.bookkeeping.kind]}`,
    statements: tidyRecords(tidyings, records.entries, records.bookkeeping),
    told: toldOf(tidyings),
    words: changeWords(change),
  });
  const before = tidyings.reduce((sum, { erased }) => sum + erased.length + 1, 0);
  return {
    message: `${name} is tidied: ${quantity(before, 'record')} became ${tidyings.length}, as in a database made from the one file; no migration was run.`,
  };
}

/** What somebody with an older checkout does to the target afterwards, for people. */
const afterwards: Readonly<Record<Records['bookkeeping']['kind'], string>> = {
  'drizzle-0':
    'Code that still has the folder of before the squash runs nothing because of that: drizzle-orm 0.x goes by the newest record, and that stays.',
  'drizzle-1':
    'Code that still has the folder of before the squash would run them again: the squashed folder has to be deployed everywhere first.',
  d1: 'A checkout that still has the folder of before the squash would have wrangler run them again: the squashed folder has to be everywhere first.',
  numbered:
    'A checkout that still has the folder of before the squash has them below the highest number that is recorded; a runner that compares every number would run them again: the squashed folder has to be everywhere first.',
};

function toldOf(tidyings: readonly Tidying[]): RecordsToCorrect['told'] {
  const erased = tidyings.reduce((sum, one) => sum + one.erased.length, 0);
  const written = tidyings.filter(({ hash }) => hash === 'of-the-original').length;
  return {
    writes: written === 0 ? undefined : `the hash of ${quantity(written, 'record')}`,
    loses: erased === 0 ? undefined : quantity(erased, 'record'),
  };
}

function whatOf({ baseline, hash, erased }: Tidying, { bookkeeping: { table } }: Records): string {
  const gone =
    erased.length === 0
      ? undefined
      : `Removes ${quantity(erased.length, 'record')} from ${table}, of migrations that ${baseline.tag} stands for`;
  const stays = 'gives that record the hash of the file as it is now';
  return `${gone === undefined ? `Keeps the record of ${baseline.tag} in ${table}` : gone}${hash === 'stays' ? '' : gone === undefined ? ` and ${stays}` : `, keeps its own and ${stays}`}; no migration is run.`;
}

function inTheMiddle(
  { baseline, missing }: Extract<Tidiness, { kind: 'in-the-middle' }>,
  environment: string,
): MigrateError {
  return new MigrateError(
    'refused',
    `${environment} is in the middle of what ${baseline.tag} stands for: ${missing} did not run there. Nothing was changed.`,
    { next: `migrate-tui deploy ${environment} brings it to ${baseline.tag} from the archive.` },
  );
}

/** Where some were recorded and others not, the records are all that tells of it. */
async function refuseGaps(
  { baseline, erased }: Tidying,
  { bookkeeping, entries }: Records,
  environment: string,
): Promise<void> {
  if (erased.length === 0 || !baseline.squashed) return;
  const originals = await baseline.squashed.originals();
  const { items } = lineUp({ migrations: originals, bookkeeping, entries });
  const missing = items.filter((item) => 'migration' in item && !('entry' in item)).map(tagOf);
  if (missing.length === 0) return;
  throw new MigrateError(
    'refused',
    `${environment} has no record of ${some(missing)}, although ${missing.length === 1 ? 'it is' : 'they are'} part of ${baseline.tag} and others of it are recorded: whether ${missing.length === 1 ? 'it' : 'they'} ran is not known. Nothing was changed.`,
    {
      next: `migrate-tui drift ${environment} says what is missing in the schema. With migrate-tui squash --undo the originals can be run or recorded one by one.`,
    },
  );
}
