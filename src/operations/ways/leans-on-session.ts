import { classify } from '../../sql/classify.ts';
import { foldName, isName } from '../../sql/cursor.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { meaningfulTokens, nameOf } from '../../sql/tokens.ts';
import type { HalfRun } from './half-run.ts';
import { statementNamed } from './words.ts';

/**
 * Why the statements after a point would not do on a fresh connection what they would have done on the one that was
 * cut: temporary tables, attached files, settings and counters of a connection end with it.
 */
export function leansOnSession({ migration }: HalfRun, from: number): string | undefined {
  const { statements } = migration;
  if (from === 0) return rollsBack(statements);
  const ran = statements.slice(0, from);
  const temporary = new Set(ran.flatMap(({ sql }) => temporaryIn(classify(sql))));
  for (const [at, { sql }] of ran.entries()) {
    const kind = classify(sql);
    if (kind.kind === 'attach')
      return `${statementNamed(at + 1, sql)} attached a file for its connection, which is gone`;
    if (kind.kind === 'pragma' && settings.has(kind.name)) {
      return `${statementNamed(at + 1, sql)} was set for its connection, which is gone`;
    }
  }
  for (const [at, { sql }] of statements.slice(from).entries()) {
    const why = leans(sql, temporary);
    if (why !== undefined) return `${statementNamed(from + at + 1, sql)} ${why}`;
  }
  return undefined;
}

/** From the beginning all of it is on one connection; only what it undoes of itself is not known. */
function rollsBack(statements: readonly { readonly sql: string }[]): string | undefined {
  const at = statements.findIndex(({ sql }) => {
    const kind = classify(sql);
    return kind.kind === 'transaction' && kind.verb === 'rollback';
  });
  return at === -1 ? undefined : `statement ${at + 1} is ROLLBACK, and what that undid is not known`;
}

/** `foreign_keys` and `defer_foreign_keys` are not among them: how these are kept is decided for every unit anew. */
const settings = new Set([
  'case_sensitive_like',
  'ignore_check_constraints',
  'legacy_alter_table',
  'recursive_triggers',
  'reverse_unordered_selects',
  'writable_schema',
]);

function temporaryIn(kind: StatementKind): readonly string[] {
  if (kind.kind === 'create-table') return kind.temporary ? [foldName(kind.table)] : [];
  if (kind.kind === 'create-view') return kind.temporary ? [foldName(kind.view)] : [];
  return kind.kind === 'create-trigger' && kind.temporary
    ? [foldName(kind.trigger), foldName(kind.table)]
    : [];
}

function leans(sql: string, temporary: ReadonlySet<string>): string | undefined {
  const kind = classify(sql);
  if (kind.kind === 'unknown' || kind.kind === 'attach' || kind.kind === 'detach')
    return 'is not known well enough to be run by itself';
  if (kind.kind === 'transaction' && kind.verb !== 'begin' && kind.verb !== 'commit')
    return 'belongs to a transaction that was begun before';
  const names = meaningfulTokens(sql)
    .filter(isName)
    .map((token) => foldName(nameOf(token)));
  if (names.some((name) => temporary.has(name)))
    return 'uses a temporary table, which went with its connection';
  return names.some((name) => counters.has(name))
    ? 'asks what the statement before it did on its connection, which is gone'
    : undefined;
}

const counters = new Set(['last_insert_rowid', 'changes', 'total_changes']);
