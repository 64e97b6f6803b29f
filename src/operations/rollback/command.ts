import type { Migration } from '../../migrations/migration.ts';
import { changeCommand } from '../change-command.ts';
import { nothingStays } from './place.ts';

export interface AppliedInRun {
  readonly environment: string;
  readonly databases: readonly string[] | undefined;
  /** What the run applied, in order. */
  readonly applied: readonly Pick<Migration, 'tag' | 'rollback'>[];
  /** Those that were applied before it, in the order of their files. */
  readonly before: readonly Pick<Migration, 'tag'>[];
  /** The folder. */
  readonly migrations: readonly Pick<Migration, 'tag'>[];
}

/**
 * The command that takes back what a run applied; undefined where one of them has no rollback file, or where it would
 * take others along.
 */
export function commandBack({
  environment,
  databases,
  applied,
  before,
  migrations,
}: AppliedInRun): string | undefined {
  const placeOf = ({ tag }: Pick<Migration, 'tag'>) => migrations.findIndex((one) => one.tag === tag);
  const first = Math.min(...applied.map(placeOf));
  const isPossible =
    applied.length > 0 &&
    applied.every(({ rollback }) => rollback !== undefined) &&
    before.every((one) => placeOf(one) < first);
  return isPossible
    ? changeCommand({
        kind: 'rollback',
        environment,
        databases,
        to: before.at(-1)?.tag ?? nothingStays,
      })
    : undefined;
}
