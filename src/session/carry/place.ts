import { lineUp } from '../../operations/history/history.ts';
import { appliedIn } from '../../operations/rollback/database.ts';
import type { Prepared } from '../prepare/prepare.ts';

/** The newest migration that a database has. */
export interface Place {
  readonly database: string;
  /** Undefined: it has none. */
  readonly at: string | undefined;
}

/** Once what was selected has run, which may not be what comes last: one that a newer had overtaken ran just now. */
export function placesAfterDeploy(prepared: readonly Prepared[]): readonly Place[] {
  return prepared.map(({ run, selected }) => {
    const has = new Set([...tagsApplied(run), ...selected.map(({ tag }) => tag)]);
    return { database: run.database.name, at: run.migrations.findLast(({ tag }) => has.has(tag))?.tag };
  });
}

/** Once what was selected is taken back. */
export function placesAfterRollback(prepared: readonly Prepared[]): readonly Place[] {
  return prepared.map(({ run, selected }) => {
    const gone = new Set(selected.map(({ tag }) => tag));
    return { database: run.database.name, at: tagsApplied(run).findLast((tag) => !gone.has(tag)) };
  });
}

/** `at 0012`; of databases that are at different ones each. */
export function placesSaid(places: readonly Place[]): string {
  const somewhere = places.filter(({ at }) => at !== undefined);
  const [first] = somewhere;
  if (first === undefined) return 'without migrations';
  if (somewhere.length === 1) return `at ${first.at}`;
  return `at ${somewhere.map(({ database, at }) => `${at} (${database})`).join(', ')}`;
}

function tagsApplied({ migrations, entries, bookkeeping }: Prepared['run']): readonly string[] {
  return appliedIn(lineUp({ migrations, entries, bookkeeping })).map(({ migration }) => migration.tag);
}
