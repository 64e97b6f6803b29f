import { rebuildsIn, type Rebuild } from '../../sql/rebuilds.ts';
import { earliest, latest, type HalfRun } from './half-run.ts';

/** A rebuild in the middle of which a migration stopped. */
export interface OpenRebuild extends Rebuild {
  /** `copying`: the old table is there. `renaming`: it is gone, and its rows are in the table with the other name. */
  readonly phase: 'copying' | 'renaming';
}

/** The rebuilds that are begun and not ended at the points at which it may stand. */
export function openRebuilds(half: Pick<HalfRun, 'migration' | 'reached'>): readonly OpenRebuild[] {
  return rebuildsIn(half.migration.statements).flatMap((rebuild) => {
    if (rebuild.how !== 'create-copy-drop-rename') return [];
    if (rebuild.create > latest(half) || rebuild.end <= earliest(half)) return [];
    return [{ ...rebuild, phase: rebuild.drop > earliest(half) ? 'copying' : 'renaming' }];
  });
}
