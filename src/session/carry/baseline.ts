import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Change } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import { findMigration } from '../../operations/history/find-migration.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Acceptance } from '../../operations/consent/account.ts';
import {
  fitOf,
  lostRecords,
  type FolderFit,
  type FolderReplay,
} from '../../operations/history/folder-fit.ts';
import type { History } from '../../operations/history/history.ts';
import { recordAsApplied } from '../../operations/history/mark.ts';
import { replayFolder } from '../../runs/replay/folder-replay.ts';
import { readSchema } from '../../schema/read.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { differencesText, leftOpen } from './baseline-places.ts';
import { correctRecords, onlyDatabase, recordsOf } from './correct-records.ts';
import type { Carried, Ground } from './ground.ts';

type BaselineChange = Extract<Change, { kind: 'baseline' }>;

/**
 * A database that came to be without records gets those of the migrations up to a tag: its schema must be what these
 * make. Without a tag the place that fits is named, and nothing is written.
 */
export async function baseline(change: BaselineChange, ground: Ground): Promise<Carried> {
  const { environment: name, at } = change;
  const prepared = onlyDatabase(ground, change);
  const { records, history } = await recordsOf(prepared);
  refuseOtherHistory(history, name);
  const { migrations } = prepared.run;
  const replayed = await replayOf(prepared, ground);
  const fit = fitOf(replayed);
  const proposed = at === undefined ? onlyFit(fit, migrations) : undefined;
  if (at === undefined && !proposed) throw await leftOpen(change, ground, { prepared, replayed });
  const last = proposed ?? findMigration(migrations, at ?? '');
  const until = migrations.indexOf(last) + 1;
  const missing = unrecorded(history, migrations.slice(0, until));
  if (missing.length === 0)
    return { message: `Nothing to do: ${name} has the records up to ${last.tag} already.` };
  await correctRecords(ground, proposed ? unagreed(change) : change, prepared, {
    because: proposed ? [`${name} is exactly what the migrations up to ${last.tag} make.`] : [],
    what: `Records ${quantity(missing.length, 'migration')} up to ${last.tag} in ${records.bookkeeping.table} as applied; none of their statements is run.`,
    told: { writes: quantity(missing.length, 'record'), loses: undefined },
    statements: recordAsApplied(missing, records, Date.now()),
    words: changeWords({ ...change, at: last.tag }),
    accept: fit.fits.includes(until)
      ? []
      : [acceptedDifferences(name, last.tag, differencesText(replayed, until))],
  });
  return {
    message: `${name} is at ${last.tag}: ${quantity(missing.length, 'record')} written, nothing run.`,
  };
}

/** A place that nobody named is only proposed, whatever the flags. */
function unagreed(change: BaselineChange): BaselineChange {
  return { ...change, consent: { ...change.consent, yes: 'not-given' } };
}

/** The one place whose schema the target's is. */
function onlyFit({ fits }: FolderFit, migrations: readonly Migration[]): Migration | undefined {
  const [point, ...others] = fits;
  return point === undefined || others.length > 0 ? undefined : migrations[point - 1];
}

function unrecorded({ items }: History, migrations: readonly Migration[]): readonly Migration[] {
  const recorded = new Set(
    items.flatMap((item) => (item.kind === 'applied' || item.kind === 'changed' ? [item.migration] : [])),
  );
  return migrations.filter((migration) => !recorded.has(migration));
}

function acceptedDifferences(environment: string, tag: string, found: string): Acceptance {
  return {
    flag: '--accept',
    value: `schema-differs:${tag}`,
    says: `${environment} is not what the migrations up to ${tag} make: ${found}.`,
    reason: 'needed',
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
