import { writeFile } from 'node:fs/promises';
import { MigrateError } from '../lib/errors.ts';

/**
 * Writes a file where the person asked for it; one that is there already is replaced.
 *
 * @param what begins a sentence: `The plan`
 */
export async function writeAsked(what: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new MigrateError(
      'usage',
      `${what} cannot be written to ${file}: ${error instanceof Error ? error.message : String(error)}`,
      { next: 'Name a file in a folder that exists and can be written.', cause: error },
    );
  }
}
