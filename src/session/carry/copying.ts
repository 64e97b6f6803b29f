import { MigrateError } from '../../lib/errors.ts';
import { copiedRows } from '../prepare/copied-rows.ts';
import type { Prepared } from '../prepare/prepare.ts';
import type { Ground } from './ground.ts';

/**
 * Before rows of a protected environment come to this machine for the first time: asks whoever can be asked,
 * and says it where nobody can.
 *
 * @throws MigrateError `not-confirmed` when the answer is no; nothing was copied or changed
 */
export async function agreeToCopy(ground: Ground, active: readonly Prepared[]): Promise<void> {
  const { context, workspace, options } = ground;
  const rows = await copiedRows(workspace, context.environment, active);
  if (!rows?.first) return;
  switch (await options.agreeToCopy?.(rows)) {
    case 'agreed':
      return;
    case 'declined':
      throw new MigrateError(
        'not-confirmed',
        `The rows of ${context.environment.name} were not copied to this machine, so nothing is rehearsed. Nothing was changed.`,
        {
          next: `Run it where they may be, or say rehearse: 'structure' for ${context.environment.name} in the config: that copies none.`,
        },
      );
    default:
      context.events.emit({ kind: 'notice', level: 'info', message: rows.says });
  }
}
