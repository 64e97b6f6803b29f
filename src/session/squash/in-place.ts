import { MigrateError } from '../../lib/errors.ts';
import { codeOf } from '../../lib/error-code.ts';
import { whyNot } from '../../migrations/listing.ts';
import { finishCutOff } from '../../migrations/squash-files.ts';

/**
 * Writes what takes the place of a migration folder. Where the disk refuses, the folder is what it was, or what it was
 * to be, as after a kill.
 *
 * @throws MigrateError `storage`
 */
export async function inPlace(directory: string, writing: () => Promise<void>): Promise<void> {
  try {
    await writing();
  } catch (cause) {
    if (codeOf(cause) === undefined || cause instanceof MigrateError) throw cause;
    finishCutOff(directory);
    throw new MigrateError(
      'storage',
      `The migration folder ${directory} cannot be replaced: ${whyNot(cause)}.`,
      {
        next: 'It needs the right to replace the folder and what is beside it in its place. Once that is put right, run it again: nothing is there by half.',
        cause,
      },
    );
  }
}
