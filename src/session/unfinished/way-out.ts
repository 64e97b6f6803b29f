import { MigrateError, type ErrorCode } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { isD1 } from '../../rules/rule.ts';
import { ruleEngineOf, type Prepared } from '../prepare/prepare.ts';
import { rewritingOf } from '../files/rewriting.ts';

/**
 * A refusal or failure on D1, where a dropped table reaches into the rows of others, names the command that writes
 * the migration so that it does not, where there is a way to write it; any other error stays as it is.
 */
export async function withWayOut(
  error: unknown,
  prepared: readonly Prepared[],
  environment: string,
): Promise<unknown> {
  if (!(error instanceof MigrateError) || !ofRows.has(error.code)) return error;
  const commands: string[] = [];
  for (const one of prepared.filter(({ run }) => isD1(ruleEngineOf(run.target.address)))) {
    for (const { tag } of await rewritable(one, error)) {
      const database = prepared.length > 1 ? ` --database ${one.run.database.name}` : '';
      commands.push(`migrate-tui migration ${tag} --keep-children ${environment}${database} --write`);
    }
  }
  if (commands.length === 0) return error;
  const { code, message, next, cause } = error;
  const way = `So that other tables keep their rows: ${commands.join(' and ')} (without --write the file is only printed). ${next ?? ''}`;
  return Object.assign(new MigrateError(code, message, { next: way.trim(), cause }), hashOf(error));
}

const ofRows: ReadonlySet<ErrorCode> = new Set(['rows-lost', 'rehearsal-failed', 'statement-failed']);

/** What fails names the migration in which it failed; a loss that the evidence shows may be of any of them. */
async function rewritable(
  { selected, schema, run }: Prepared,
  { code, message }: MigrateError,
): Promise<readonly Migration[]> {
  const named = selected.filter(({ tag }) => message.includes(tag));
  const meant = named.length === 0 && code === 'rows-lost' ? selected : named;
  const found: Migration[] = [];
  for (const migration of meant) {
    const before = selected.slice(0, selected.indexOf(migration));
    const { kind } = await rewritingOf({ migration, before, schema, table: run.database.table });
    if (kind === 'rewritten') found.push(migration);
  }
  return found;
}

/** What a refusal for want of consent carries along. */
function hashOf(error: Error): { readonly hash?: unknown } {
  return 'hash' in error ? { hash: error.hash } : {};
}
