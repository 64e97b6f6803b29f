import type { LintFinding } from '../../operations/reports.ts';
import { portablePath } from '../../lib/portable-path.ts';
import { refusedStatement } from '../../rules/file-rules.ts';
import { conflictFinding, conflictsOf } from '../files/journal-findings.ts';
import type { Around, FileFindings, LintedFolder } from './folder.ts';
import { takenByRollbacks } from './rollback-files.ts';
import { triedOut } from './tried-out.ts';

/** What is found without a rule for a statement: by trying the files out, and in the journal beside them. */
export async function fileFindings(linted: LintedFolder, around: Around): Promise<FileFindings> {
  const tried =
    linted.database.dialect === 'postgres' ? parsed(linted, around) : await triedOut(linted, around);
  const findings = [
    ...(await contradictions(linted, around)),
    ...tried.findings,
    ...takenByRollbacks(linted, around),
  ];
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
      file: portablePath(root, conflict.file),
    }));
}

/** Each file by itself, as the parser of PostgreSQL reads it; a server would be needed to run them. */
function parsed({ database, folder }: LintedFolder, { wanted, root }: Around): FileFindings {
  const findings = folder.migrations
    .filter(({ tag }) => wanted(tag))
    .flatMap(({ tag, file, rollback }) => [file, rollback?.file ?? ''].map((one) => ({ tag, file: one })))
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
          file: portablePath(root, file),
        },
      ];
    });
  return { findings, notes: [] };
}
