import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { GroundedFinding, RuleGround } from '../../operations/lint.ts';
import type { LintFinding } from '../../operations/reports.ts';
import { refusedStatement } from '../../rules/file-rules.ts';
import { isD1 } from '../../rules/rule.ts';
import type { Severities } from '../../rules/run-rules.ts';
import { firstRefusal, type RefusedStatement } from '../../runs/first-refusal.ts';
import { syntaxErrors } from '../../runs/syntax-errors.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { statementPlaces } from '../../sql/statement-places.ts';
import { conflictFinding, conflictsOf } from '../journal-findings.ts';
import type { LintedFolder } from './folder.ts';

export interface FileFindings {
  readonly findings: readonly LintFinding[];
  /** Whole sentences. */
  readonly notes: readonly string[];
}

interface Around {
  /** What the rules said of the statements. */
  readonly byRules: readonly GroundedFinding[];
  readonly grounds: readonly RuleGround[];
  readonly severities: Severities;
  readonly wanted: (tag: string) => boolean;
  /** The project's folder. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/** What is found without a rule for a statement: by trying the files out, and in the journal beside them. */
export async function fileFindings(linted: LintedFolder, around: Around): Promise<FileFindings> {
  const tried =
    linted.database.dialect === 'postgres' ? parsed(linted, around) : await triedOut(linted, around);
  const findings = [...(await contradictions(linted, around)), ...tried.findings];
  return { findings: findings.flatMap((finding) => graded(finding, around)), notes: tried.notes };
}

function graded(finding: LintFinding, { severities }: Around): readonly LintFinding[] {
  const set = severities.get(finding.rule);
  if (set === 'off') return [];
  return [set === undefined ? finding : { ...finding, severity: set }];
}

async function contradictions(
  { database }: LintedFolder,
  { wanted, root }: Around,
): Promise<readonly LintFinding[]> {
  const conflicts = await conflictsOf(database);
  return conflicts
    .filter(({ tag, earlier }) => wanted(tag) || wanted(earlier))
    .map((conflict) => ({
      rule: conflict.kind,
      severity: 'error',
      database: database.name,
      tag: conflict.tag,
      statement: 0,
      line: conflict.line,
      message: conflictFinding(conflict, root).message,
      fix: conflictFinding(conflict, root).next,
      file: shownFile(conflict.file, root),
    }));
}

/** Each file by itself, as the parser of PostgreSQL reads it; a server would be needed to run them. */
function parsed({ database, folder }: LintedFolder, { wanted, root }: Around): FileFindings {
  const findings = folder.migrations
    .filter(({ tag }) => wanted(tag))
    .flatMap(({ tag, file }): readonly LintFinding[] => {
      const syntax = folder.notes.find((note) => note.file === file && note.syntax)?.syntax;
      if (syntax === undefined) return [];
      return [
        {
          rule: refusedStatement.id,
          severity: 'error',
          database: database.name,
          tag,
          statement: 0,
          line: syntax.line,
          message: `PostgreSQL does not take this: ${syntax.says}.`,
          fix: refusedStatement.fix,
          file: shownFile(file, root),
        },
      ];
    });
  return { findings, notes: [] };
}

/** Read by SQLite's parser, and run one after the other in an empty database, up to the first that is refused. */
async function triedOut({ database, folder }: LintedFolder, around: Around): Promise<FileFindings> {
  const { wanted, signal } = around;
  const chosen = folder.migrations.filter(({ tag }) => wanted(tag));
  const misspelt = await syntaxErrors(chosen, signal);
  const last = folder.migrations.findLastIndex(({ tag }) => wanted(tag));
  const history = await runAll(folder.migrations.slice(0, last + 1), around);
  const refused = [...misspelt, ...history.refused.filter((one) => !misspelt.some(isAt(one)))];
  return {
    findings: refused.flatMap((one) => {
      const finding = wanted(one.tag) ? findingOf(one, { database, folder }, around) : undefined;
      return finding ? [finding] : [];
    }),
    notes: history.notes,
  };
}

interface HistoryRun {
  readonly refused: readonly RefusedStatement[];
  readonly notes: readonly string[];
}

async function runAll(migrations: readonly Migration[], { grounds, signal }: Around): Promise<HistoryRun> {
  if (isTooMuch(migrations)) {
    const note = `The ${count(migrations.length)} files change tables too often to be run one after the other here: each was only read.`;
    return { refused: [], notes: [note] };
  }
  const like = grounds.every(({ engine }) => isD1(engine)) ? 'd1-local' : 'libsql-memory';
  const refusal = await firstRefusal(migrations, { like, signal });
  if (refusal === undefined) return { refused: [], notes: [] };
  const { tag, statement, why } = refusal;
  const isLast = migrations.at(-1)?.tag === tag;
  const note = `${tag} does not run on an empty database (statement ${statement}: ${why}), so ${isLast ? 'it was' : 'it and the files after it were'} only read.`;
  return { refused: [refusal], notes: [note] };
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
    file: shownFile(migration.file, root),
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

function shownFile(file: string, root: string): string {
  return relative(root, file).split(sep).join('/');
}
