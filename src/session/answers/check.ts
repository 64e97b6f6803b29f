import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { portablePath } from '../../lib/portable-path.ts';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { FolderNote } from '../../migrations/migration.ts';
import { kitProblem } from '../../operations/kit-problem.ts';
import type { Question } from '../../operations/questions.ts';
import type { CheckedDatabase, CheckFinding, CheckReport } from '../../operations/reports.ts';
import type { Database } from '../../project/project.ts';
import { chosenDatabases } from '../prepare/chosen-databases.ts';
import { conflictFinding, conflictsOf } from '../files/journal-findings.ts';
import { folderFiles, lacksSnapshots, written } from '../kit/folder-files.ts';
import { kitOf, type Kit } from '../kit/kit-of.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Whether the folders agree with themselves and with the schema code. drizzle-kit works on copies: what it writes while it
 * looks is in none of the project's folders. No target is asked.
 */
export async function answerCheck(
  workspace: Workspace,
  { databases: wanted }: Extract<Question, { kind: 'check' }>,
  signal: AbortSignal | undefined,
): Promise<CheckReport> {
  const databases = chosenDatabases(workspace, wanted);
  const checked: CheckedDatabase[] = [];
  for (const database of databases) checked.push(await check(workspace, database, signal));
  return { schemaVersion: 1, kind: 'check', databases: checked };
}

async function check(
  workspace: Workspace,
  database: Database,
  signal: AbortSignal | undefined,
): Promise<CheckedDatabase> {
  const { root } = workspace.project;
  const own = await ownFindings(workspace, database);
  const kit = await kitOf(workspace, database, { signal });
  if (kit === undefined) {
    const folder = portablePath(root, database.directory);
    const says = `no Drizzle configuration writes into ${folder}`;
    return { database: database.name, schema: { state: 'not-known', says }, findings: own };
  }
  const { schema, findings } = await askKit(workspace, database, { kit, own, signal });
  return { database: database.name, tool: `drizzle-kit ${kit.tool.version}`, schema, findings };
}

/** What can be told from the files alone. */
async function ownFindings(workspace: Workspace, database: Database): Promise<readonly CheckFinding[]> {
  const { root } = workspace.project;
  try {
    const { notes } = existsSync(database.directory) ? await workspace.folderOf(database) : { notes: [] };
    const relevant = await conflictsOf(database);
    return [
      ...relevant.map((conflict) => conflictFinding(conflict, root)),
      ...notes
        .filter(({ file }) => relevant.every((conflict) => conflict.file !== file))
        .map((note) => noteFinding(note, root)),
    ];
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== 'migrations') throw error;
    const next = error.next === undefined ? {} : { next: error.next };
    return [{ kind: 'folder', severity: 'error', message: error.message, ...next }];
  }
}

function noteFinding({ file, message }: FolderNote, root: string): CheckFinding {
  const shown = portablePath(root, file);
  // What wrangler runs all the same needs no journal.
  const next = message.startsWith('is not in meta/_journal.json, so')
    ? { next: `Register it: migrate-tui new --from ${shown}` }
    : {};
  return { kind: 'folder', severity: 'warning', file: shown, message: `${shown} ${message}.`, ...next };
}

interface Asked {
  readonly kit: Kit;
  readonly own: readonly CheckFinding[];
  readonly signal: AbortSignal | undefined;
}

async function askKit(
  { places, project: { root } }: Workspace,
  database: Database,
  { kit, own, signal }: Asked,
): Promise<Pick<CheckedDatabase, 'schema' | 'findings'>> {
  await mkdir(places.scratch, { recursive: true, mode: 0o700 });
  const copy = await mkdtemp(join(places.scratch, 'check-'));
  try {
    if (existsSync(database.directory)) await cp(database.directory, copy, { recursive: true });
    const out = relative(kit.config.folder, copy);
    const findings = [...own];
    if (!own.some(({ severity }) => severity === 'error')) {
      const said = await kit.run({ command: ['check'], out, access: 'read', signal });
      if (!/everything's fine/i.test(said.text))
        findings.push(kitFinding(said.text.replaceAll(out, portablePath(root, database.directory))));
    }
    const known = await hasSnapshots(database.directory);
    return {
      schema: known ? await schemaState(copy, { kit, out, root, signal }) : withoutSnapshots,
      findings,
    };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** drizzle-kit 1.0 finds branches that do not go together by itself; 0.x finds less than we do. */
function kitFinding(text: string): CheckFinding {
  const next = /conflicting migrations/i.test(text)
    ? { next: 'Where no environment has run one of the two branches: migrate-tui check --repair' }
    : {};
  return { kind: 'drizzle-kit', severity: 'error', message: text, ...next };
}

const withoutSnapshots = {
  state: 'not-known',
  says: 'the folder has SQL files and no snapshots of Drizzle',
} as const;

/** A folder with nothing in it is compared, too: then the schema is ahead by all that it has. */
async function hasSnapshots(directory: string): Promise<boolean> {
  return !lacksSnapshots(await folderFiles(directory));
}

async function schemaState(
  copy: string,
  {
    kit,
    out,
    root,
    signal,
  }: {
    readonly kit: Kit;
    readonly out: string;
    readonly root: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<CheckedDatabase['schema']> {
  const before = await folderFiles(copy);
  const { text } = await kit.run({ command: ['generate', '--name', 'next'], out, access: 'read', signal });
  const made = written(before, await folderFiles(copy)).find(({ file }) => file.endsWith('.sql'));
  if (made) {
    const sql = await readFile(made.file, 'utf8');
    return { state: 'ahead', says: 'drizzle-kit would write a migration', sql };
  }
  if (/no schema changes/i.test(text))
    return { state: 'current', says: 'drizzle-kit finds nothing to write' };
  const problem = kitProblem(text);
  switch (problem.kind) {
    case 'asks':
      return { state: 'ahead', says: 'drizzle-kit asks whether something was renamed' };
    case 'code': {
      const place = {
        file: portablePath(root, problem.file),
        ...(problem.line === undefined ? {} : { line: problem.line }),
      };
      return { state: 'broken', says: problem.message, ...place };
    }
    case 'other':
      return { state: 'not-known', says: problem.message };
  }
}
