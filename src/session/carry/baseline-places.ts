import { commandLine } from '../../lib/command-line.ts';
import { MigrateError } from '../../lib/errors.ts';
import { count } from '../../lib/numbers.ts';
import type { Choice } from '../../operations/consent/account.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { differencesAt, fitOf, type FolderReplay } from '../../operations/history/folder-fit.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { boundAccount } from './bound-account.ts';
import type { Ground } from './ground.ts';
import { confirmFor } from './plain-consent.ts';

type BaselineChange = Extract<Change, { kind: 'baseline' }>;

interface Places {
  readonly prepared: Prepared;
  readonly replayed: FolderReplay;
}

/** Where no place or more than one fits, the places are told, and a person takes one. */
export async function leftOpen(
  change: BaselineChange,
  ground: Ground,
  places: Places,
): Promise<MigrateError> {
  const { prepared, replayed } = places;
  const { migrations } = prepared.run;
  const tags = fitOf(replayed).fits.flatMap((point) => migrations[point - 1]?.tag ?? []);
  const error = tags.length > 0 ? severalFit(change, tags) : noneFits(change, places);
  const { environment } = ground.context;
  const account = await boundAccount(ground, {
    operation: 'baseline',
    environment: environment.name,
    protected: environment.protected,
    says: [error.message],
    words: changeWords({ ...change, at: undefined }),
    databases: [{ database: prepared.run.database.name, writes: undefined, loses: undefined }],
    steps: [],
    destroys: false,
    consent: { confirm: confirmFor(environment), accept: [] },
    choices: choicesOf(change, places),
  });
  ground.context.events.emit({ kind: 'review', ...account });
  return error;
}

/** The first few differences between a place and the target, as a part of a sentence. */
export function differencesText(replayed: FolderReplay, until: number): string {
  return differencesOf(replayed, until).join('; ');
}

/** A schema does not tell whether rows were changed, and a migration that is recorded never runs again. */
function severalFit(change: BaselineChange, tags: readonly string[]): MigrateError {
  const run = (tag: string) => commandLine([...changeWords({ ...change, at: tag }), '--yes']);
  const [first = '', last = first] = [tags[0], tags.at(-1)];
  return new MigrateError(
    'not-confirmed',
    `${change.environment} is exactly what the migrations up to ${tags.join(' or ')} make. Nothing was changed.`,
    {
      next: `Look at the rows, which tell whether what comes after ${first} ran. If it did not: ${run(first)}. If it did: ${run(last)}`,
    },
  );
}

function noneFits(change: BaselineChange, { prepared, replayed }: Places): MigrateError {
  const { environment } = change;
  const { fits, nearest } = fitOf(replayed);
  const near = prepared.run.migrations[nearest.after - 1]?.tag;
  const { stopped } = replayed;
  const says = fits.includes(0)
    ? `${environment} is as before the first migration: there is nothing to record.`
    : `${environment} is what no place of the folder makes; nearest is ${near ?? 'an empty database'}: ${differencesText(replayed, nearest.after)}.`;
  const stop = stopped ? [`The folder cannot be replayed past ${stopped.tag}: ${stopped.why}.`] : [];
  return new MigrateError('refused', [says, ...stop, 'Nothing was changed.'].join(' '), {
    next:
      near === undefined
        ? `migrate-tui deploy ${environment} runs the migrations.`
        : `Take the differences away first, or answer for them: ${commandLine([...changeWords({ ...change, at: near }), '--yes', '--accept', `schema-differs:${near}`])} --reason '…'`,
  });
}

/** The places that fit, or else those that come nearest. */
function choicesOf(change: BaselineChange, { prepared, replayed }: Places): readonly Choice[] {
  const { fits, differing } = fitOf(replayed);
  const fitting = fits.filter((point) => point > 0);
  const points = fitting.length > 0 ? fitting : nearestOf(differing);
  return points.flatMap((point) => {
    const migration = prepared.run.migrations[point - 1];
    if (!migration) return [];
    return [
      {
        name: migration.tag,
        words: changeWords({ ...change, at: migration.tag }),
        fits: differing[point] === 0 ? 'yes' : 'no',
        says: differing[point] === 0 ? [] : differencesOf(replayed, point),
      },
    ];
  });
}

function nearestOf(differing: readonly number[]): readonly number[] {
  return [...differing.keys()]
    .filter((point) => point > 0)
    .toSorted((a, b) => (differing[a] ?? 0) - (differing[b] ?? 0) || b - a)
    .slice(0, mostPlaces);
}

const mostPlaces = 3;

function differencesOf(replayed: FolderReplay, until: number): readonly string[] {
  const found = differencesAt(replayed, until);
  const { stopped } = replayed;
  if (!found) return [`it cannot be replayed past ${stopped?.tag}: ${stopped?.why}`];
  const more = found.length - mostDifferences;
  return more > 0 ? [...found.slice(0, mostDifferences), `and ${count(more)} more`] : found;
}

const mostDifferences = 5;
