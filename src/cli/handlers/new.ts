import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Session } from '../../session.ts';
import type { MadeRollback } from '../../session/files/make-rollback.ts';
import type { Given } from '../arguments.ts';
import { readDatabase } from '../consent.ts';
import type { Handler } from '../invocation.ts';
import { shown } from '../output/output.ts';
import { toolRun } from '../tool-run.ts';
import { inSession } from './question.ts';

/**
 * Adds a migration to the folder, empty or with the statements of a file, or a file that lies there to the journal; or
 * the rollback file of one.
 */
export const handle: Handler = async (invocation) => {
  const { given, output } = invocation;
  const begun = performance.now();
  const wanted = wantedOf(given);
  const { message, written } = await inSession(invocation, (session) => make(session, wanted));
  toolRun(output)({ kind: 'done', exitCode: 0, message, applied: [], took: performance.now() - begun });
  output.answer([shown(message), ...written.map((path) => `  written  ${shown(path)}`)]);
  return 0;
};

type Wanted = { readonly database: string | undefined } & (
  | {
      readonly kind: 'migration';
      readonly name: string | undefined;
      readonly from: string | undefined;
      readonly rollback: 'with' | 'without';
    }
  | { readonly kind: 'rollback'; readonly tag: string }
);

function wantedOf(given: Given): Wanted {
  const [name] = given.positionals;
  const [from, tag] = [given.value('from'), given.value('rollback-of')];
  const database = readDatabase(given);
  if (tag !== undefined) {
    if (name === undefined && from === undefined && !given.has('rollback'))
      return { kind: 'rollback', database, tag };
    throw new MigrateError('usage', '--rollback-of is about a migration that is there already.', {
      next: 'Leave the rest away, or write migrate-tui new NAME --rollback for a new one.',
    });
  }
  if (name === undefined && from === undefined) {
    throw new MigrateError('usage', 'A new migration needs a name, or a file that is to be registered.', {
      next: 'Write migrate-tui new NAME, migrate-tui new --from FILE, or migrate-tui new --rollback-of TAG.',
    });
  }
  return { kind: 'migration', database, name, from, rollback: given.has('rollback') ? 'with' : 'without' };
}

interface Made {
  readonly message: string;
  readonly written: readonly string[];
}

async function make(session: Session, wanted: Wanted): Promise<Made> {
  const { database } = wanted;
  if (wanted.kind === 'rollback') {
    const back = await session.makeRollback({ database, tag: wanted.tag });
    return { message: sayRollback(back), written: [back.file] };
  }
  const { name, from, rollback } = wanted;
  const made = await session.makeMigration({ database, name, from });
  const where =
    from === undefined ? `its statements go into ${made.file}` : `its statements are in ${made.file}`;
  const message = `${made.tag} is in the folder of ${made.database}; ${where}.`;
  if (rollback === 'without') return { message, written: made.written };
  const back = await session.makeRollback({ database: made.database, tag: made.tag });
  return { message: `${message} ${sayRollback(back)}`, written: [...made.written, back.file] };
}

function sayRollback({ tag, file, drafted, open }: MadeRollback): string {
  const left = `${quantity(open.length, 'statement')} of it ${open.length === 1 ? 'is' : 'are'} left open there`;
  if (drafted === 0)
    return `What takes ${tag} back goes into ${file}${open.length === 0 ? '' : `: ${left}`}.`;
  return `${file} takes ${tag} back with ${quantity(drafted, 'statement')}${open.length === 0 ? '' : `; ${left}`}.`;
}
