import { readFileSync } from 'node:fs';
import type { Migration } from '../../migrations/migration.ts';
import { lintFindings, type GroundedFinding } from '../../operations/lint.ts';
import type { LintScope, Question } from '../../operations/questions.ts';
import type { LintFinding, LintReport } from '../../operations/reports.ts';
import { allRules } from '../../rules/all-rules.ts';
import { fileRules } from '../../rules/file-rules.ts';
import { statementPlaces } from '../../sql/statement-places.ts';
import { chosenDatabases } from '../prepare/chosen-databases.ts';
import { repositoryRoot } from '../files/git.ts';
import { changedFiles } from '../lint/changed-files.ts';
import { fileFindings } from '../lint/file-findings.ts';
import type { Chosen, LintedFolder } from '../lint/folder.ts';
import { chosenAmong, chosenByFiles } from '../lint/named-files.ts';
import { portablePath } from '../../lib/portable-path.ts';
import { groundsOf, severitiesOf } from '../rule-grounds.ts';
import type { Workspace } from '../workspace.ts';

/**
 * What the rules find in the files of migrations: each against the schema that its predecessors leave, with tables that
 * may hold rows. No database is asked, and no variable needs to be set.
 */
export async function answerLint(
  workspace: Workspace,
  { databases, of }: Extract<Question, { kind: 'lint' }>,
  signal: AbortSignal = new AbortController().signal,
): Promise<LintReport> {
  const { root } = workspace.project;
  const folders = await readFolders(workspace, databases);
  const chosen = await choose(folders, { of, cwd: workspace.options.cwd, signal });
  const linted: Linted[] = [];
  for (const folder of folders) linted.push(await lint(workspace, folder, { chosen, signal }));
  const findings = linted.flatMap((one) => one.findings);
  const repository = repositoryRoot(root);
  const within = repository === undefined ? '' : portablePath(repository, root);
  return {
    schemaVersion: 1,
    kind: 'lint',
    findings,
    rules: rulesOf(findings),
    databases: linted.map(({ counted }) => counted),
    ...(within === '' ? {} : { within }),
  };
}

async function readFolders(
  workspace: Workspace,
  wanted: readonly string[] | undefined,
): Promise<readonly LintedFolder[]> {
  const read: LintedFolder[] = [];
  for (const database of chosenDatabases(workspace, wanted))
    read.push({ database, folder: await workspace.folderOf(database) });
  return read;
}

/** Undefined: every file. */
async function choose(
  folders: readonly LintedFolder[],
  { of, cwd, signal }: { readonly of: LintScope; readonly cwd: string; readonly signal: AbortSignal },
): Promise<Chosen | undefined> {
  switch (of.kind) {
    case 'all':
      return undefined;
    case 'files':
      return chosenByFiles(folders, { files: of.files, cwd });
    case 'since': {
      const directories = new Set(
        folders.flatMap(({ database: { directory } }) => [directory, `${directory}.extra`]),
      );
      const changed: string[] = [];
      for (const directory of directories)
        changed.push(...(await changedFiles(directory, { revision: of.revision, signal })));
      return chosenAmong(folders, changed);
    }
  }
}

interface Linted {
  readonly counted: LintReport['databases'][number];
  readonly findings: readonly LintFinding[];
}

async function lint(
  { project }: Workspace,
  linted: LintedFolder,
  { chosen, signal }: { readonly chosen: Chosen | undefined; readonly signal: AbortSignal },
): Promise<Linted> {
  const { database, folder } = linted;
  const tags = chosen && (chosen.get(database.name) ?? new Set());
  const wanted = (tag: string) => tags === undefined || tags.has(tag);
  const looked = folder.migrations.filter(({ tag }) => wanted(tag)).length;
  const counted = { database: database.name, looked, of: folder.migrations.length };
  if (looked === 0) return { counted: { ...counted, notes: [] }, findings: [] };
  const [grounds, severities] = [groundsOf(project, database), severitiesOf(project)];
  const byRules = lintFindings({
    database: database.name,
    migrations: folder.migrations,
    schema: { objects: [] },
    foreignKeys: [],
    madeBefore: 'long-ago',
    wanted,
    severities,
    grounds,
  });
  const { findings: ofFiles, notes } = await fileFindings(linted, {
    byRules,
    grounds,
    severities,
    wanted,
    root: project.root,
    signal,
  });
  return {
    counted: { ...counted, notes },
    findings: inOrder(folder.migrations, project.root, [
      ...placed(byRules, folder.migrations, project.root),
      ...ofFiles,
    ]),
  };
}

/** Each with its file, and where in it. */
function placed(
  findings: readonly GroundedFinding[],
  migrations: readonly Migration[],
  root: string,
): readonly LintFinding[] {
  const byTag = Map.groupBy(findings, ({ finding }) => finding.tag);
  return migrations.flatMap(({ tag, file, statements }) => {
    const own = byTag.get(tag) ?? [];
    if (own.length === 0) return [];
    const places = statementPlaces(readFileSync(file, 'utf8'), statements);
    return own.map(({ finding, ...about }) => ({
      ...finding,
      ...about,
      file: portablePath(root, file),
      ...places[finding.statement - 1],
    }));
  });
}

/** Of each migration what is in its rollback file comes after the rest. */
function inOrder(
  migrations: readonly Migration[],
  root: string,
  found: readonly LintFinding[],
): readonly LintFinding[] {
  const order = new Map(migrations.map(({ tag }, index) => [tag, index]));
  const back = new Set(
    migrations.flatMap(({ rollback }) => (rollback ? [portablePath(root, rollback.file)] : [])),
  );
  const place = ({ tag, file, statement }: LintFinding) =>
    [order.get(tag) ?? 0, back.has(file) ? 1 : 0, statement] as const;
  return found.toSorted((a, b) => {
    const [one, other] = [place(a), place(b)];
    return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
  });
}

function rulesOf(findings: readonly LintFinding[]): LintReport['rules'] {
  const found = new Set(findings.map(({ rule }) => rule));
  return [...allRules, ...fileRules]
    .filter(({ id }) => found.has(id))
    .map(({ id, title, why, fix }) => ({ id, title, why, fix }));
}
