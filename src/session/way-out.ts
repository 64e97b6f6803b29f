import { MigrateError, type ErrorCode } from '../lib/errors.ts';
import type { Prepared } from './prepare.ts';
import { rewritingOf } from './rewriting.ts';

/**
 * A refusal or failure because a dropped table reaches into the rows of others names the command that writes the
 * migration so that it does not, where there is a way to write it; any other error stays as it is.
 */
export async function withWayOut(
  error: unknown,
  prepared: readonly Prepared[],
  environment: string,
): Promise<unknown> {
  if (!(error instanceof MigrateError) || !ofRows.has(error.code)) return error;
  const commands: string[] = [];
  for (const one of prepared) {
    for (const tag of await rewritable(one, error)) {
      const database = prepared.length > 1 ? ` --database ${one.run.database.name}` : '';
      commands.push(`migrate-tui migration ${tag} --keep-children ${environment}${database}`);
    }
  }
  if (commands.length === 0) return error;
  const { code, message, next, cause } = error;
  const way = `${commands.join(' and ')} ${commands.length === 1 ? 'prints it' : 'print them'} with the rows of other tables copied aside and put back; with --write in the file's place. ${next ?? ''}`;
  return Object.assign(new MigrateError(code, message, { next: way.trim(), cause }), hashOf(error));
}

const ofRows: ReadonlySet<ErrorCode> = new Set(['rows-lost', 'rehearsal-failed', 'statement-failed']);

const ofReferences: ReadonlySet<string> = new Set(['rebuild-cascades', 'rebuild-of-referenced-table']);

/** Tags of those that were found to reach into other tables, and can be written in another way. */
async function rewritable(
  { findings, selected, schema, run }: Prepared,
  { code, message }: MigrateError,
): Promise<readonly string[]> {
  const found = new Set(findings.flatMap(({ rule, tag }) => (ofReferences.has(rule) ? [tag] : [])));
  const tags: string[] = [];
  for (const [at, migration] of selected.entries()) {
    // A loss is told by its tables; what fails names the migration in which it failed.
    const isMeant = code === 'rows-lost' || message.includes(migration.tag);
    if (!isMeant || !found.has(migration.tag)) continue;
    const before = selected.slice(0, at);
    const { kind } = await rewritingOf({ migration, before, schema, table: run.database.table });
    if (kind === 'rewritten') tags.push(migration.tag);
  }
  return tags;
}

/** What a refusal for want of consent carries along. */
function hashOf(error: Error): { readonly hash?: unknown } {
  return 'hash' in error ? { hash: error.hash } : {};
}
