import { readFileSync } from 'node:fs';
import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { LintFinding } from '../../operations/reports.ts';
import { refusedStatement } from '../../rules/file-rules.ts';
import { isD1 } from '../../rules/rule.ts';
import { firstRefusal, type RefusedStatement } from '../../runs/replay/first-refusal.ts';
import { syntaxErrors } from '../../runs/replay/syntax-errors.ts';
import { portablePath } from '../../lib/portable-path.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { statementPlaces } from '../../sql/statement-places.ts';
import type { Around, FileFindings, LintedFolder } from './folder.ts';
import { rollbacksTriedOut } from './rollback-files.ts';

/** Read by SQLite's parser, and run one after the other in an empty database, up to the first that is refused. */
export async function triedOut(linted: LintedFolder, around: Around): Promise<FileFindings> {
  const { wanted, signal } = around;
  const { migrations } = linted.folder;
  const like = likeOf(around);
  const misspelt = await syntaxErrors(
    migrations.filter(({ tag }) => wanted(tag)),
    signal,
  );
  const toRun = migrations.slice(0, migrations.findLastIndex(({ tag }) => wanted(tag)) + 1);
  const isRun = !isTooMuch(toRun);
  const refusal = isRun ? await firstRefusal(toRun, { like, signal }) : undefined;
  const refused = refusal && !misspelt.some(isAt(refusal)) ? [...misspelt, refusal] : misspelt;
  const findings = refused.flatMap((one) => {
    const finding = wanted(one.tag) ? findingOf(one, linted, around) : undefined;
    return finding ? [finding] : [];
  });
  if (!isRun) return { findings, notes: [tooMuch(toRun.length)] };
  const ofRollbacks = await rollbacksTriedOut(linted, { ...around, like });
  const isSaid = refusal?.tag === toRun.at(-1)?.tag && findings.some(({ tag }) => tag === refusal?.tag);
  return {
    findings: [...findings, ...ofRollbacks],
    notes: refusal && !isSaid ? [stoppedAt(refusal, toRun)] : [],
  };
}

/** What a project with D1 alone runs under D1's own rules is not held against libSQL's. */
function likeOf({ grounds }: Around): 'd1-local' | 'libsql-memory' {
  return grounds.every(({ engine }) => isD1(engine)) ? 'd1-local' : 'libsql-memory';
}

function tooMuch(files: number): string {
  return `The ${count(files)} files change tables too often to be run one after the other here: each was only read.`;
}

function stoppedAt({ tag, statement, why }: RefusedStatement, run: readonly Migration[]): string {
  const unseen = run.at(-1)?.tag === tag ? 'it was' : 'it and the files after it were';
  return `${tag} does not run on an empty database (statement ${statement}: ${why}), so ${unseen} only read.`;
}

/**
 * SQLite reads its whole schema anew after each ALTER TABLE: thousands of them on thousands of tables take minutes. Told
 * by the texts, so that it is the same on every machine.
 */
function isTooMuch(migrations: readonly Migration[]): boolean {
  let [objects, work] = [0, 0];
  for (const { statements } of migrations) {
    for (const { sql } of statements) {
      const { kind } = classify(sql);
      if (kind === 'create-table' || kind === 'create-index') objects += 1;
      if (kind === 'alter-table' || kind === 'combined') work += objects;
    }
  }
  return work > mostWork;
}

/** Objects read anew: about a second. */
const mostWork = 200_000;

function isAt(one: RefusedStatement) {
  return (other: RefusedStatement) => other.tag === one.tag && other.statement === one.statement;
}

/** Undefined where rows would decide, or a rule has said it better. */
function findingOf(
  { tag, statement, why, dependsOn }: RefusedStatement,
  { database, folder }: LintedFolder,
  { byRules, root }: Around,
): LintFinding | undefined {
  const index = folder.migrations.findIndex((one) => one.tag === tag);
  const [migration, before] = [folder.migrations[index], folder.migrations.slice(0, index + 1)];
  if (migration === undefined || dependsOn === 'rows' || statement === 0) return undefined;
  if (
    byRules.some(
      ({ finding: one }) => one.tag === tag && one.statement === statement && one.severity === 'error',
    )
  )
    return undefined;
  const place = statementPlaces(readFileSync(migration.file, 'utf8'), migration.statements)[statement - 1];
  return {
    rule: refusedStatement.id,
    severity: mayBeElsewhere(why, before) ? 'warning' : 'error',
    database: database.name,
    tag,
    statement,
    line: migration.statements[statement - 1]?.line ?? 1,
    message: `SQLite refuses this: ${why}.`,
    fix: refusedStatement.fix,
    file: portablePath(root, migration.file),
    ...place,
  };
}

/** An application brings functions of its own, and what no file before it makes may be older than the folder. */
function mayBeElsewhere(why: string, before: readonly Migration[]): boolean {
  const [, what, name = ''] = /no such (function|module|table|view|index): (.+)/.exec(why) ?? [];
  if (what !== 'table') return what !== undefined;
  const table = foldName(name.replace(/^main\./, ''));
  return !before.some(({ statements }) =>
    statements.some(({ sql }) =>
      partsOf(classify(sql)).some((kind) => kind.kind === 'create-table' && foldName(kind.table) === table),
    ),
  );
}
