import { count, quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { some } from '../../migrations/some.ts';
import { eraseRecords, sameRecords, type Correction } from '../history/correction.ts';
import { fitOf, lostRecords, type FolderFit } from '../history/folder-fit.ts';
import { tagOf } from '../history/history.ts';
import { movedRecords } from '../history/moved-records.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { RecoveryOption } from '../reports.ts';
import { rowChangesIn } from '../evidence/row-changes.ts';

/** The folder was deleted and generated anew while the target kept its history: no record has a file, no file a record. */
export function regeneratedFolder(input: RecoveryInput): readonly RecoverableCase[] {
  if (!isRegenerated(input)) return [];
  const { database, bookkeeping } = input;
  const files = filesOf(input);
  const lost = lostRecords(input.history);
  const fit = input.folder && fitOf(input.folder);
  const ran = fit && runFiles(input, fit, files);
  const option = ran ? offered(input, ran, files.length) : refused(input, fit);
  return [
    {
      shown: {
        situation: 'regenerated-folder',
        database,
        tag: files[0]?.tag ?? '',
        verdict: 'the folder is another one than this database was migrated with',
        evidence: [
          `None of the ${quantity(lost.length, 'record')} in ${bookkeeping.table} has a file (${some(lost.map(tagOf))}), and none of the ${quantity(files.length, 'file')} has a record.`,
          ...seen(input, fit, files),
        ],
        meaning: [
          'The folder was deleted and generated anew, or it belongs to another database.',
          'Every file counts as not run, so that a deploy would make tables that are there already.',
        ],
        options: [option],
      },
      ways: ran
        ? new Map([[option.id, { kind: 'correct', statements: (now) => rebuilt(input, ran, now) }]])
        : new Map(),
    },
  ];
}

export function isRegenerated({ history, beside }: Pick<RecoveryInput, 'history' | 'beside'>): boolean {
  const { items, renames } = history;
  if (renames || beside?.onlyOther.length || movedRecords(history).length > 0) return false;
  const kinds = new Set(items.map(({ kind }) => kind));
  const isKnown = kinds.has('applied') || kinds.has('changed') || kinds.has('squashed');
  return !isKnown && kinds.has('orphan') && items.some((item) => 'migration' in item);
}

/** Tags of files that the schema shows to have run under other names: no more need be said of each. */
export function explainedByReplay(input: RecoveryInput): ReadonlySet<string> {
  const ran = isRegenerated(input) && input.folder && runFiles(input, fitOf(input.folder), filesOf(input));
  return new Set(ran ? ran.map(({ tag }) => tag) : []);
}

function filesOf({ history }: RecoveryInput): readonly Migration[] {
  return history.items.flatMap((item) => ('migration' in item ? [item.migration] : []));
}

/** The files whose schema this is, when it is that of one point alone. */
function runFiles(
  { folder }: RecoveryInput,
  { fits }: FolderFit,
  files: readonly Migration[],
): readonly Migration[] | undefined {
  const [point] = fits;
  return folder?.stopped || point === undefined || fits.length > 1 ? undefined : files.slice(0, point);
}

function offered(
  { history, bookkeeping }: RecoveryInput,
  ran: readonly Migration[],
  all: number,
): RecoveryOption {
  const left = all - ran.length;
  const records = `the ${quantity(lostRecords(history).length, 'record')} of ${bookkeeping.table}`;
  const data = ran.flatMap(({ tag, statements }) => (rowChangesIn(statements).length > 0 ? [tag] : []));
  return {
    id: 'rebuild-records',
    recommended: data.length === 0,
    allowed: true,
    why: [
      ran.length === 0
        ? `Removes ${records}, as nothing of the folder is here.`
        : `Replaces ${records} by ${ran.length === 1 ? 'that' : 'those'} of ${some(ran.map(({ tag }) => tag))}, ${ran.length === 1 ? 'which makes' : 'which make'} exactly this schema.`,
      left === 0
        ? 'No migration is run.'
        : `No migration is run; ${quantity(left, 'file')} ${left === 1 ? 'stays' : 'stay'} pending.`,
      ...(data.length === 0
        ? []
        : [
            `Look at the rows first: ${some(data)} also ${data.length === 1 ? 'changes' : 'change'} rows, and a schema cannot show whether they are here.`,
          ]),
    ].join(' '),
  };
}

function refused({ folder, diagnosed }: RecoveryInput, fit: FolderFit | undefined): RecoveryOption {
  return {
    id: 'rebuild-records',
    recommended: false,
    allowed: false,
    why: [
      `Records can be made for files only when the schema is exactly what the first of them make, ${whyNot(folder, fit)}.`,
      ...(diagnosed.size > 0 ? ['What can be told of each file follows.'] : []),
    ].join(' '),
  };
}

function whyNot(folder: RecoveryInput['folder'], fit: FolderFit | undefined): string {
  if (folder?.stopped) return `and not all of them can be run in a scratch database`;
  return fit && fit.fits.length > 1 ? 'and here it is that of several places' : 'and here it is not';
}

function seen(
  { folder }: RecoveryInput,
  fit: FolderFit | undefined,
  files: readonly Migration[],
): readonly string[] {
  if (!fit) return [];
  const stopped = folder?.stopped
    ? [`The folder cannot be replayed past ${folder.stopped.tag}: ${folder.stopped.why}.`]
    : [];
  const { fits, nearest } = fit;
  if (fits.length > 0) {
    return [
      `The schema here is exactly what ${fits.map((after) => placeOf(after, files)).join(', or ')} makes.`,
      ...stopped,
    ];
  }
  return [
    `The schema here is what no place of the folder makes; nearest is ${placeOf(nearest.after, files)}.`,
    ...nearest.differences.slice(0, most).map((difference) => `Then ${difference}.`),
    ...(nearest.differences.length > most
      ? [`And ${count(nearest.differences.length - most)} more differences.`]
      : []),
    ...stopped,
  ];
}

const most = 6;

function placeOf(after: number, files: readonly Migration[]): string {
  const tag = files[after - 1]?.tag;
  if (tag === undefined) return 'an empty database';
  return after === 1 ? tag : `the folder up to ${tag}`;
}

/** In the words of the tool that goes on from them: a table of the 0.x shape gets that of 1.0 where the folder is of 1.0. */
function rebuilt(
  { history, bookkeeping, entries }: RecoveryInput,
  ran: readonly Migration[],
  now: number,
): Correction {
  const lost = lostRecords(history).map(({ entry }) => entry);
  return [
    ...sameRecords(bookkeeping, entries),
    ...eraseRecords(lost, bookkeeping),
    ...[...bookkeeping.upgrade([], ran), ...ran.map((migration) => bookkeeping.record(migration, now))].map(
      (statement) => ({ ...statement, role: 'record' as const }),
    ),
  ];
}
