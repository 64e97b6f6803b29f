import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { halfIn } from '../../operations/diagnosis/half-without-file.ts';
import { tagOf, type HistoryItem } from '../../operations/history/history.ts';
import { dependsOn } from '../../operations/squash/squashed-records.ts';
import { withRefusal } from '../../operations/squash/refusals.ts';
import type { SquashEnvironment } from '../../operations/squash/report.ts';
import { tidinessOf } from '../../operations/squash/tidy.ts';
import type { Database, Environment } from '../../project/project.ts';
import { readSnapshot, type Snapshot } from '../../runs/snapshot.ts';
import { readSchema } from '../../schema/read.ts';
import type { Engine } from '../../engines/engine.ts';
import { asKnown } from '../refusal.ts';
import { shownAddress } from '../target/shown-address.ts';
import type { Workspace } from '../workspace.ts';

export interface Asked {
  readonly database: Database;
  readonly leaveOut: readonly string[];
  readonly signal: AbortSignal;
  /** What each environment is judged by once it was read; `engine` is there when the database is. */
  readonly judge: (read: ReadEnvironment) => Promise<Judged>;
}

export interface ReadEnvironment {
  readonly environment: Environment;
  readonly snapshot: Snapshot;
  readonly engine: Engine | undefined;
}

export type Judged = Pick<SquashEnvironment, 'state' | 'at' | 'missing' | 'records' | 'tidy' | 'says'>;

/** Every environment that has the database, in the order of the config; each is only read. */
export async function askEnvironments(
  workspace: Workspace,
  asked: Asked,
): Promise<readonly SquashEnvironment[]> {
  for (const name of asked.leaveOut) workspace.environment(name);
  const answers = workspace.project.environments.map((environment) => askOne(workspace, environment, asked));
  return (await Promise.all(answers)).flat().map(withRefusal);
}

async function askOne(
  workspace: Workspace,
  environment: Environment,
  { database, leaveOut, signal, judge }: Asked,
): Promise<readonly SquashEnvironment[]> {
  const found = workspace
    .targetsOf(environment, undefined)
    .find((one) => one.database.name === database.name);
  if (!found) return [];
  const common = { environment: environment.name, protected: environment.protected };
  if (leaveOut.includes(environment.name)) {
    return [{ ...common, state: 'left-out', says: 'it was not asked, as it was left out by name' }];
  }
  const { migrations } = await workspace.folderOf(database);
  try {
    await using engine = await workspace.open(found.target, environment, {
      purpose: 'question',
      ifMissing: 'refuse',
      reach: 'with-first-answer',
      signal,
    });
    const bookkeeping = await workspace.bookkeepingOf(database);
    const snapshot = await readSnapshot(engine, { migrations, bookkeeping });
    return [{ ...common, ...(await judge({ environment, snapshot, engine })) }];
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asKnown(thrown, shownAddress(found.target.address, workspace.project.root));
    if (!(error instanceof MigrateError)) throw error;
    return [{ ...common, state: 'unreachable', says: error.message.replace(/\.$/, '') }];
  }
}

/** Whether an environment never runs what is to become one file, or all of it. */
export function judgeForSquash(
  range: readonly Migration[],
  { database, folder }: { readonly database: Database; readonly folder: readonly Migration[] },
): Asked['judge'] {
  const tags = new Set(range.map(({ tag }) => tag));
  return async ({ environment: { name }, snapshot, engine }) => {
    const { history, entries } = snapshot;
    if (!engine) return { state: 'empty', says: 'it does not exist yet; its first deploy runs the one file' };
    if (entries.length === 0) return withoutRecords(engine, database, name);
    const applied = history.items.filter(({ kind }) => kind === 'applied' || kind === 'changed');
    const newest = applied.at(-1);
    const at = {
      ...(newest && { at: tagOf(newest) }),
      ...tidyOf(untidyRecords(folder, snapshot)),
    };
    const open = history.items.filter(
      (item) => 'migration' in item && !('entry' in item) && tags.has(item.migration.tag),
    );
    const [first] = open;
    if (first)
      return { state: 'behind', ...at, missing: tagOf(first), says: saysOpen(first, open.length, name) };
    const half = halfIn(history);
    const records =
      applied.filter((item) => tags.has(tagOf(item))).length +
      history.items.filter(({ kind }) => kind === 'squashed').length;
    const edited = applied.filter((item) => item.kind === 'changed' && tags.has(item.migration.tag)).length;
    const notes = [
      ...(half ? [`half-finished at ${half}, which this does not touch`] : []),
      ...(edited > 0
        ? [`${quantity(edited, 'file')} edited since ${edited === 1 ? 'it was' : 'they were'} applied there`]
        : []),
    ];
    const says = ['nothing to write', ...notes, ...(records > 1 ? [tidying(records)] : [])].join('; ');
    return { state: 'ready', ...at, records, says };
  };
}

const tidying = (records: number) => `tidying ${quantity(records, 'record')} into 1 has its own review`;

function saysOpen(first: HistoryItem, count: number, name: string): string {
  const others = count === 1 ? '' : ` and ${quantity(count - 1, 'more', 'more')} of these`;
  switch (first.kind) {
    case 'half':
      return `${tagOf(first)} is half-finished there: migrate-tui recover ${name}`;
    case 'unrecorded':
      return `${tagOf(first)} is in the schema without a record: migrate-tui recover ${name}`;
    case 'skipped':
      return `${tagOf(first)} never ran there: migrate-tui deploy ${name} --out-of-order`;
    default:
      return `${tagOf(first)}${others} did not run there: migrate-tui deploy ${name}`;
  }
}

async function withoutRecords(engine: Engine, database: Database, name: string): Promise<Judged> {
  const { objects } = await readSchema(engine.query, { bookkeeping: [database.table] });
  return objects.length === 0
    ? { state: 'empty', says: 'nothing is in it; its first deploy runs the one file' }
    : {
        state: 'made-otherwise',
        says: `it has ${quantity(objects.length, 'object')} and no record, so the one file would fail there as the first does now: migrate-tui baseline ${name} finds its place`,
      };
}

/** What is left to be done with the records of an environment, once the files are squashed. */
export function judgeForTidying(folder: readonly Migration[]): Asked['judge'] {
  return ({ environment: { name }, snapshot }) => {
    const { history, entries, bookkeeping } = snapshot;
    if (entries.length === 0) return Promise.resolve({ state: 'empty', says: 'nothing was recorded there' });
    const newest = history.items.findLast(({ kind }) => kind === 'applied' || kind === 'changed');
    const at = newest ? { at: tagOf(newest) } : {};
    const found = tidinessOf(folder, history, bookkeeping);
    if (found.kind === 'in-the-middle') {
      const says = `${found.missing} did not run there: migrate-tui deploy ${name}`;
      return Promise.resolve({ state: 'behind', ...at, missing: found.missing, says });
    }
    const records = untidyRecords(folder, snapshot);
    const says = records > 1 ? tidying(records) : 'nothing to do';
    return Promise.resolve({ state: 'ready', ...at, ...tidyOf(records), says });
  };
}

function untidyRecords(folder: readonly Migration[], { history, bookkeeping }: Snapshot): number {
  const found = tidinessOf(folder, history, bookkeeping);
  const tidyings = found.kind === 'untidy' ? found.tidyings : [];
  return tidyings.reduce((sum, { erased }) => sum + erased.length + 1, 0);
}

const tidyOf = (records: number) => (records > 1 ? { tidy: records } : {});

/** Whether an environment was made from a squashed file, so that the originals would be new to it. */
export function judgeForUndo(baseline: Migration): Asked['judge'] {
  return ({ snapshot: { entries, bookkeeping } }) =>
    Promise.resolve(
      dependsOn(baseline, entries, bookkeeping)
        ? {
            state: 'depends',
            says: `it has the record of ${baseline.tag} alone, not those of the originals, so they would be new to it`,
          }
        : { state: entries.length === 0 ? 'empty' : 'ready', says: 'nothing in it depends on the one file' },
    );
}
