import { MigrateError } from '../../lib/errors.ts';
import { readDatabase } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** Adds a migration to the folder, empty or with the statements of a file, or a file that lies there to the journal. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const [name] = given.positionals;
  const from = given.value('from');
  if (name === undefined && from === undefined) {
    throw new MigrateError('usage', 'A new migration needs a name, or a file that is to be registered.', {
      next: 'Write migrate-tui new NAME, or migrate-tui new --from FILE.',
    });
  }
  const made = await inSession(invocation, (session) =>
    session.makeMigration({ database: readDatabase(given), name, from }),
  );
  const where =
    from === undefined ? `its statements go into ${made.file}` : `its statements are in ${made.file}`;
  const message = `${made.tag} is in the folder of ${made.database}; ${where}.`;
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([shown(message), ...made.written.map((path) => `  written  ${shown(path)}`)]);
  return 0;
};
