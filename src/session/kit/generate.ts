import { portablePath } from '../../lib/portable-path.ts';
import { MigrateError } from '../../lib/errors.ts';
import { kitProblem } from '../../operations/kit-problem.ts';
import { refuseName } from './refuse-name.ts';
import { folderFiles, lacksSnapshots, written } from './folder-files.ts';
import { kitFailure } from '../../runs/kit/failure.ts';
import { kitNeededFor } from './kit-of.ts';
import { oneDatabase } from './one-database.ts';
import type { Workspace } from '../workspace.ts';

export interface WantedGeneration {
  readonly database: string | undefined;
  /** How the file is called; drizzle-kit invents a name without one. */
  readonly name: string | undefined;
  /** Whether somebody can answer what drizzle-kit asks about renames. */
  readonly terminal: 'ours' | 'none';
  readonly signal: AbortSignal | undefined;
}

/** What the files prove: drizzle-kit's own exit status does not. */
export interface Generation {
  readonly database: string;
  /** `drizzle-kit 0.31.11` */
  readonly tool: string;
  /** Relative to the project; none: the schema is what the migrations make. */
  readonly written: readonly { readonly file: string; readonly how: 'made' | 'changed' }[];
  readonly sql: readonly string[];
  /** How many SQL files were there without a snapshot, so that drizzle-kit wrote the whole schema once more. */
  readonly notKnown: number;
}

/**
 * Has the project's own drizzle-kit write the migration that its schema needs.
 *
 * @throws MigrateError `config` with file and line for schema code that cannot be loaded, `refused` for a question
 *   that nobody can answer
 */
export async function generate(
  workspace: Workspace,
  { database: wanted, name, terminal, signal }: WantedGeneration,
): Promise<Generation> {
  if (name !== undefined) refuseName(name);
  const { root } = workspace.project;
  const database = oneDatabase(workspace, wanted);
  const kit = await kitNeededFor(workspace, database, { signal });
  const before = await folderFiles(database.directory);
  const command = ['generate', ...(name === undefined ? [] : ['--name', name])];
  const first = await kit.run({ command, access: 'write', signal });
  const asked = kitProblem(first.text).kind === 'asks' && terminal === 'ours';
  const said = asked ? await kit.run({ command, terminal: 'ours', access: 'write', signal }) : first;
  const files = written(before, await folderFiles(database.directory)).map(({ file, how }) => ({
    file: portablePath(root, file),
    how,
  }));
  const sql = files
    .filter(({ file, how }) => how === 'made' && file.endsWith('.sql'))
    .map(({ file }) => file);
  const nothing = sql.length === 0 && /no schema changes/i.test(said.text);
  if (sql.length === 0 && asked) throw notAnswered(files.map(({ file }) => file));
  if (sql.length === 0 && !nothing) throw kitFailure('generate', said, { root });
  return {
    database: database.name,
    tool: `drizzle-kit ${kit.tool.version}`,
    written: nothing ? [] : files,
    sql,
    notKnown: lacksSnapshots(before) ? [...before.keys()].filter((file) => file.endsWith('.sql')).length : 0,
  };
}

/** It was ended at its question, which comes before it writes. */
function notAnswered(files: readonly string[]): MigrateError {
  const what = files.length === 0 ? 'No file was written' : `It wrote ${files.join(', ')} and no migration`;
  return new MigrateError('refused', `drizzle-kit was not told what was renamed. ${what}.`, {
    next: 'migrate-tui generate asks again.',
  });
}
