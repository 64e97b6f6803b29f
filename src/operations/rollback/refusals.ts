import { basename, dirname } from 'node:path';
import { MigrateError } from '../../lib/errors.ts';
import { count } from '../../lib/numbers.ts';
import { tagOf, type HistoryItem } from '../history/history.ts';
import { pairUp } from '../history/pair-up.ts';
import { appliedIn, type RollbackDatabase } from './database.ts';

/** A database with the items of its history that would go. */
export interface RollbackRange extends RollbackDatabase {
  readonly range: readonly HistoryItem[];
}

/** Everything that stands in the way, over all databases at once; undefined: nothing does. */
export function refusalOf(ranges: readonly RollbackRange[], environment: string): MigrateError | undefined {
  const all = ranges.flatMap((range) =>
    reasonsIn(range, environment).map((reason) => ({
      ...reason,
      says: ranges.length > 1 ? `${range.database}: ${reason.says}` : reason.says,
    })),
  );
  if (all.length === 0) return undefined;
  return new MigrateError(
    'refused',
    `${environment} cannot go back: ${all.map(({ says }) => says).join('; ')}. Nothing was changed.`,
    { next: [...new Set(all.map(({ next }) => next))].join(' ') },
  );
}

interface Reason {
  /** Part of a sentence. */
  readonly says: string;
  readonly next: string;
}

function reasonsIn(range: RollbackRange, environment: string): readonly Reason[] {
  return [
    ...range.range.flatMap((item) => reasonOf(item, environment) ?? []),
    ...withoutFile(range, environment),
    ...recordedTwice(range, environment),
  ];
}

/** All of them in one sentence: they are written one after the other. */
function withoutFile({ range }: RollbackRange, environment: string): readonly Reason[] {
  const missing = range.flatMap((item) =>
    item.kind === 'applied' && !item.migration.squashed && !item.migration.rollback ? [item.migration] : [],
  );
  const [first] = missing;
  if (!first) return [];
  const extra = `${basename(dirname(first.file))}.extra/`;
  return [
    {
      says: `${missing.map(({ tag }) => tag).join(', ')} ${missing.length === 1 ? 'has' : 'have'} no rollback file`,
      next: `Write what takes it back into ${first.tag}.rollback.sql${missing.length === 1 ? '' : ', and so on,'} beside it (in ${extra} where wrangler reads the folder), or restore a backup: migrate-tui backups ${environment}`,
    },
  ];
}

function reasonOf(item: HistoryItem, environment: string): Reason | undefined {
  const tag = tagOf(item);
  switch (item.kind) {
    case 'pending':
    case 'skipped':
      return undefined;
    case 'applied':
      return ofApplied(item, environment);
    case 'changed':
      return {
        says: `${tag} was edited after it was applied, and its rollback file may be another one's`,
        next: `migrate-tui recover ${environment} shows what was edited: put the file back as it ran, or accept it as it is now.`,
      };
    case 'orphan':
      return {
        says: `the record ${tag} has no file here, nor a rollback file`,
        next: `Bring its file back (another branch, a stash); migrate-tui recover ${environment} says more.`,
      };
    case 'squashed':
      return {
        says: `${tag} became part of a squashed migration, which is taken back as a whole or not at all`,
        next: `A backup goes back further: migrate-tui backups ${environment}`,
      };
    case 'half':
    case 'unrecorded':
      return {
        says:
          item.kind === 'half'
            ? `${tag} is half-finished`
            : `${tag} has no record, but the schema is as if it had run`,
        next: `migrate-tui recover ${environment} says what is there and offers the ways out.`,
      };
  }
}

function ofApplied(
  { migration }: Extract<HistoryItem, { kind: 'applied' }>,
  environment: string,
): Reason | undefined {
  const { tag, rollback, squashed } = migration;
  if (squashed && !rollback) {
    return {
      says: `${tag} stands for ${count(squashed.migrations.length)} migrations that were squashed, and has no rollback file`,
      next: `A backup goes back further: migrate-tui backups ${environment}`,
    };
  }
  if (!rollback) return undefined;
  if (rollback.statements.length === 0) {
    return {
      says: `${basename(rollback.file)} holds no statement`,
      next: `Write what takes ${tag} back into it; SELECT 1; where nothing has to be.`,
    };
  }
  return undefined;
}

/** Two migrators at the same moment: with one of the records gone it would still count as applied. */
function recordedTwice(
  { range, migrations, entries, bookkeeping }: RollbackRange,
  environment: string,
): readonly Reason[] {
  const gone = new Set(appliedIn({ items: range }).map(({ migration }) => migration.tag));
  const { duplicates } = pairUp(migrations, entries, bookkeeping);
  return [...new Set(duplicates.map(({ migration }) => migration.tag))]
    .filter((tag) => gone.has(tag))
    .map((tag) => ({
      says: `${tag} has several records`,
      next: `migrate-tui recover ${environment} --choose remove-duplicates keeps one of each.`,
    }));
}
