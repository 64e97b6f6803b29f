import { quantity } from '../../lib/numbers.ts';
import { readDatabases } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/** Writes the files of an encrypted backup in the clear. */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const [environment, backup, folder] = [given.required(0), given.required(1), given.required(2)];
  const databases = readDatabases(given);
  const { files } = await inSession(
    invocation,
    (session, signal) => session.decryptBackup({ environment, backup, folder, databases, signal }),
    'end-work',
  );
  const message = `${quantity(files.length, 'file')} of ${backup} in the clear now. Remove what is not needed any more: it holds rows.`;
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([shown(message), ...files.map((path) => `  written  ${shown(path)}`)]);
  return 0;
};
