import { MigrateError } from '../lib/errors.ts';
import { stopped } from '../lib/sentences.ts';
import { unreachable } from '../lib/unreachable.ts';
import type { Statement } from '../sql/statement.ts';
import type { Engine } from './engine.ts';
import { settle } from './settle.ts';

/**
 * Insists that what was put back is there, where the answer that would have said so was lost.
 *
 * @param landed a query with a row only when all of it is there
 * @param whether what is asked, such as `the rows are back in staging`
 * @throws MigrateError `unreachable` where all of it was undone, `stopped-part-way` where nobody can say
 */
export async function insistLanded(
  engine: Engine,
  landed: Statement,
  { lost, whether }: { readonly lost: MigrateError; readonly whether: string },
): Promise<void> {
  const settled = await settle(engine, landed);
  switch (settled) {
    case 'committed':
      return;
    case 'undone':
      throw new MigrateError(
        'unreachable',
        `${stopped(lost.message)} Everything was undone; ${engine.location} is as before.`,
        { next: 'Run the same command again when the server is well.', cause: lost },
      );
    case 'open':
      throw new MigrateError(
        'stopped-part-way',
        `Whether ${whether} is not known yet; all of it is or nothing: ${lost.message}`,
        {
          next: 'Run the same command again when the server is well; migrate-tui status shows what is there.',
          cause: lost,
        },
      );
    default:
      unreachable(settled);
  }
}
