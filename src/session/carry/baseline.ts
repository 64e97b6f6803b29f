import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Change } from '../../operations/change.ts';
import { findMigration } from '../../operations/find-migration.ts';
import {
  differencesAt,
  fitOf,
  lostRecords,
  type FolderFit,
  type FolderReplay,
} from '../../operations/folder-fit.ts';
import type { History } from '../../operations/history.ts';
import { recordAsApplied } from '../../operations/mark.ts';
import { replayFolder } from '../../runs/folder-replay.ts';
import { readSchema } from '../../schema/read.ts';
import type { Prepared } from '../prepare.ts';
import { correctRecords, onlyDatabase, recordsOf } from './correct-records.ts';
import type { Carried, Ground } from './ground.ts';
import { refuseUnaccepted } from './plain-consent.ts';

type BaselineChange = Extract<Change, { kind: 'baseline' }>;

/**
 * A database that came to be without records gets those of the migrations up to a tag: its schema must be what these
 * make. Without a tag the place that fits is named, and nothing is written.
 */
export async function baseline(change: BaselineChange, ground: Ground): Promise<Carried> {
  const { environment: name, at } = change;
  const prepared = onlyDatabase(ground, `baseline ${name}${at === undefined ? '' : ` --at ${at}`}`);
  const { records, history } = await recordsOf(prepared);
  refuseOtherHistory(history, name);
  const { migrations } = prepared.run;
  const replayed = await replayOf(prepared, ground);
  const fit = fitOf(replayed);
  if (at === undefined) throw proposal(change, { fit, migrations, replayed });
  const last = findMigration(migrations, at);
  const until = migrations.indexOf(last) + 1;
  const recorded = new Set(
    history.items.flatMap((item) =>
      item.kind === 'applied' || item.kind === 'changed' ? [item.migration] : [],
    ),
  );
  const missing = migrations.slice(0, until).filter((migration) => !recorded.has(migration));
  if (missing.length === 0)
    return { message: `Nothing to do: ${name} has the records up to ${last.tag} already.` };
  const command = commandOf(change, last.tag);
  const what = `Records ${quantity(missing.length, 'migration')} up to ${last.tag} in ${records.bookkeeping.table} as applied; none of their statements is run.`;
  if (!fit.fits.includes(until)) {
    refuseUnaccepted({
      consent: change.consent,
      rule: 'schema-differs',
      tags: [last.tag],
      says: `${name} is not what the migrations up to ${last.tag} make: ${differences(replayed, until)}.`,
      command,
    });
  }
  await correctRecords(ground, change, prepared, {
    what,
    statements: recordAsApplied(missing, records, Date.now()),
    command,
  });
  return {
    message: `${name} is at ${last.tag}: ${quantity(missing.length, 'record')} written, nothing run.`,
  };
}

async function replayOf({ run }: Prepared, { context }: Ground): Promise<FolderReplay> {
  if (!run.engine) throw new Error('A database that is not there was refused before.');
  return replayFolder({
    migrations: run.migrations,
    target: await readSchema(run.engine.query, { bookkeeping: [run.database.table] }),
    like: run.target.address.kind,
    bookkeeping: run.database.table,
    signal: context.signal,
  });
}

/** Records of another history say that something did run here; which, has to be settled first. */
function refuseOtherHistory(history: History, environment: string): void {
  const lost = lostRecords(history);
  if (lost.length === 0) return;
  throw new MigrateError(
    'refused',
    `${environment} has ${quantity(lost.length, 'record')} without a file, so it is not without a history. Nothing was changed.`,
    { next: `migrate-tui recover ${environment} says what they are and what leads out.` },
  );
}

interface Replayed {
  readonly fit: FolderFit;
  readonly migrations: Prepared['run']['migrations'];
  readonly replayed: FolderReplay;
}

function proposal(change: BaselineChange, { fit, migrations, replayed }: Replayed): MigrateError {
  const { environment } = change;
  const tags = fit.fits.flatMap((point) => migrations[point - 1]?.tag ?? []);
  const [first] = tags;
  const last = tags.at(-1);
  if (first !== undefined && last !== undefined) {
    const run = (tag: string) => `${commandOf(change, tag)} --yes`;
    return new MigrateError(
      'not-confirmed',
      `${environment} is exactly what the migrations up to ${tags.join(' or ')} make. Nothing was changed.`,
      {
        // A schema does not tell whether rows were changed, and a migration that is recorded never runs again.
        next:
          first === last
            ? `Run: ${run(first)}`
            : `Look at the rows, which tell whether what comes after ${first} ran. If it did not: ${run(first)}. If it did: ${run(last)}`,
      },
    );
  }
  const { after } = fit.nearest;
  const near = migrations[after - 1]?.tag;
  return new MigrateError(
    'refused',
    [
      `${environment} is what no place of the folder makes; nearest is ${near ?? 'an empty database'}: ${differences(replayed, after)}.`,
      ...(replayed.stopped
        ? [`The folder cannot be replayed past ${replayed.stopped.tag}: ${replayed.stopped.why}.`]
        : []),
      'Nothing was changed.',
    ].join(' '),
    {
      next:
        near === undefined
          ? `migrate-tui deploy ${environment} runs the migrations.`
          : `Take the differences away first, or answer for them: ${commandOf(change, near)} --yes --accept schema-differs:${near} --reason '…'`,
    },
  );
}

function differences(replayed: FolderReplay, until: number): string {
  const found = differencesAt(replayed, until);
  const { stopped } = replayed;
  if (!found) return `it cannot be replayed past ${stopped?.tag}: ${stopped?.why}`;
  const shown = found.slice(0, most).join('; ');
  return found.length > most ? `${shown}; and ${found.length - most} more` : shown;
}

const most = 5;

function commandOf({ environment, database }: BaselineChange, tag: string): string {
  return [
    `migrate-tui baseline ${environment} --at ${tag}`,
    ...(database === undefined ? [] : [`--database ${database}`]),
  ].join(' ');
}
