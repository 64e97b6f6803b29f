import { readDatabase } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** Takes the newest migration out of its folder, where no environment has run it. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const tag = given.required(0);
  const consent = given.has('yes') ? 'given' : 'not-given';
  const dropped = await inSession(
    invocation,
    (session) => session.dropMigration({ database: readDatabase(given), tag, consent }),
    'end-work',
  );
  const message = `${dropped.tag} is not in the folder of ${dropped.database} any more. The folder of before is kept in ${dropped.kept}.`;
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([shown(message), ...dropped.files.map((path) => `  removed  ${shown(path)}`)]);
  return 0;
};
