import { basename } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Companion, Migration } from '../../migrations/migration.ts';
import type { Finding, LintFinding } from '../../operations/reports.ts';
import { leftOver } from '../../operations/rollback/left-over.ts';
import { rowsOfBefore } from '../../operations/rollback/rows-of-before.ts';
import { asUndone } from '../../operations/rollback/undone.ts';
import { refusedStatement, rollbackDestroysRows } from '../../rules/file-rules.ts';
import { openReplayBase, type ReplayBase } from '../../runs/replay/replay-points.ts';
import { sketched, sketchOf } from '../../schema/sketch.ts';
import { statementPlaces } from '../../sql/statement-places.ts';
import type { Around, LintedFolder } from './folder.ts';
import { portablePath } from '../../lib/portable-path.ts';

type WithRollback = Migration & { readonly rollback: Companion };

/** What rollback files take that was there before their migrations, told from their texts. */
export function takenByRollbacks(
  { database, folder }: LintedFolder,
  { wanted, root }: Around,
): readonly LintFinding[] {
  const found: LintFinding[] = [];
  let before = sketchOf({ objects: [] }, []);
  for (const migration of folder.migrations) {
    if (hasRollback(migration) && wanted(migration.tag)) {
      const findings = rowsOfBefore(migration, before).map(({ statement, isMeant, message }): Finding => ({
        rule: rollbackDestroysRows.id,
        severity: isMeant === 'maybe' ? 'warning' : 'error',
        database: database.name,
        tag: migration.tag,
        statement,
        line: 1,
        message: `${basename(migration.rollback.file)}: ${message}`,
        fix: rollbackDestroysRows.fix,
      }));
      found.push(...placed(findings, migration, root));
    }
    before = migration.statements.reduce((so, { sql }) => sketched(so, sql, 'before'), before);
  }
  return found;
}

/**
 * Whether each rollback file leads back to the schema before its migration: it is run behind it in an empty database,
 * which is then as before it again. Ends at the first migration that does not run there.
 */
export async function rollbacksTriedOut(
  { database, folder }: LintedFolder,
  around: Around & { readonly like: 'd1-local' | 'libsql-memory' },
): Promise<readonly LintFinding[]> {
  const { wanted, signal, like, root } = around;
  const isTried = (migration: Migration): migration is WithRollback =>
    hasRollback(migration) && wanted(migration.tag);
  const last = folder.migrations.findLastIndex(isTried);
  if (last === -1) return [];
  await using base = await openReplayBase({ like, bookkeeping: database.table, signal });
  const found: LintFinding[] = [];
  for (const [index, migration] of folder.migrations.slice(0, last + 1).entries()) {
    signal.throwIfAborted();
    const before = isTried(migration) ? await base.schema() : undefined;
    if (await base.keep(migration.statements)) return found;
    if (!before || !isTried(migration)) continue;
    const input = { database: database.name, stays: folder.migrations[index - 1]?.tag, before };
    found.push(...placed(await tried(base, migration, input), migration, root));
  }
  return found;
}

async function tried(
  base: ReplayBase,
  migration: WithRollback,
  {
    database,
    stays,
    before,
  }: {
    readonly database: string;
    readonly stays: string | undefined;
    readonly before: Awaited<ReturnType<ReplayBase['schema']>>;
  },
): Promise<readonly Finding[]> {
  const now = await base.schema();
  const { points, failure } = await base.points([], migration.rollback.statements);
  if (failure) {
    // Of a statement that rows decide nothing is known here.
    if (failure.dependsOn === 'rows' || failure.statement === 0) return [];
    return [
      {
        rule: refusedStatement.id,
        severity: 'error',
        database,
        tag: migration.tag,
        statement: failure.statement,
        line: 1,
        message: `${basename(migration.rollback.file)}: SQLite refuses this: ${failure.why}.`,
        fix: 'Correct the statement: a rollback would stop here, in its dry-run.',
      },
    ];
  }
  return leftOver({
    database,
    stays,
    undone: [asUndone(migration)],
    points: { schemas: [before, now] },
    before: now,
    after: points.at(-1) ?? now,
  });
}

function hasRollback(migration: Migration): migration is WithRollback {
  return migration.rollback !== undefined;
}

/** In the rollback file. */
function placed(
  findings: readonly Finding[],
  { rollback: { file, statements } }: WithRollback,
  root: string,
): readonly LintFinding[] {
  if (findings.length === 0) return [];
  const places = statementPlaces(readFileSync(file, 'utf8'), statements);
  return findings.map((finding) => ({
    ...finding,
    line: statements[finding.statement - 1]?.line ?? finding.line,
    file: portablePath(root, file),
    ...places[finding.statement - 1],
  }));
}
