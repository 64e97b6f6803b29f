import type { IgnoreRule } from '../../operations/drift/drift.ts';
import { fits } from '../../migrations/glob.ts';
import type { Project } from '../../project/project.ts';
import { foldName } from '../../sql/cursor.ts';

/** The configured differences that are meant to be there. */
export function ignoreRules({ ignoreDrift }: Pick<Project, 'ignoreDrift'>): readonly IgnoreRule[] {
  return ignoreDrift.map(({ type, name, reason }) => ({
    reason,
    fits: (difference) =>
      (type === undefined || type === difference.type) && fits(foldName(difference.name), foldName(name)),
  }));
}
