import { mkdir, open, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { portablePath } from '../../lib/portable-path.ts';
import { rename, rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import { commandLine } from '../../lib/command-line.ts';
import { sha256 } from '../../lib/hash.ts';
import { whereItRan, whyNotInPlace } from '../../operations/squash/in-place.ts';
import type { MigrationReport } from '../../operations/reports.ts';
import type { Environment } from '../../project/project.ts';
import { whereApplied } from '../answers/migration.ts';
import { knowledgeAtHand } from '../knowledge.ts';
import { isHere } from '../target/is-here.ts';
import { statusOf } from '../status.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Puts a rewritten migration in the place of its file, whole or not at all. The text of before is kept first, with
 * git or without.
 *
 * @throws MigrateError `refused` where an environment has run the file as it is, or may have; `target-changed` where
 * the file is another one by now; `storage`
 */
export async function replaceFile(workspace: Workspace, report: MigrationReport): Promise<MigrationReport> {
  const { project, places } = workspace;
  const { tag, rewritten } = report;
  if (!rewritten) return report;
  const path = resolve(project.root, report.file);
  const databases = await databasesWith(workspace, path);
  refuseWhereRun(workspace, report, { databases, places: await placesIn(workspace, databases, tag) });
  const file = await realpath(path);
  const bytes = await readFile(file);
  if (sha256(bytes.toString('utf8')) !== report.hash) {
    throw new MigrateError('target-changed', `${report.file} was edited meanwhile. It was not written.`, {
      next: `Look at it again: migrate-tui migration ${tag}`,
    });
  }
  try {
    const before = await keep(join(places.home, 'replaced'), `${tag}-${report.hash.slice(0, 8)}.sql`, bytes);
    await swap(file, rewritten.text);
    return {
      ...report,
      rewritten: { ...rewritten, written: { before: portablePath(project.root, before) } },
    };
  } catch (cause) {
    throw new MigrateError(
      'storage',
      `${report.file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}. It is as before.`,
      {
        next: 'Free space or correct the permissions of its folder, then run the same command again.',
        cause,
      },
    );
  }
}

/** Every database that has the file: two may share a folder. */
async function databasesWith(workspace: Workspace, file: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const database of workspace.project.databases) {
    const { migrations } = await workspace.folderOf(database);
    if (migrations.some((migration) => migration.file === file)) names.push(database.name);
  }
  return names;
}

async function placesIn(
  workspace: Workspace,
  names: readonly string[],
  tag: string,
): Promise<MigrationReport['environments']> {
  const status = await statusOf(workspace, [], { databases: names });
  const knowledge = await knowledgeAtHand(workspace);
  return names.flatMap((name) => whereApplied(status, knowledge, name, tag));
}

interface Places {
  /** Those that have the file. */
  readonly databases: readonly string[];
  /** Their state in every environment. */
  readonly places: MigrationReport['environments'];
}

function refuseWhereRun(workspace: Workspace, report: MigrationReport, { databases, places }: Places): void {
  const { tag, rewritten } = report;
  const why = whyNotInPlace(tag, places);
  if (why === undefined) return;
  throw new MigrateError('refused', `${why} ${report.file} was not written.`, {
    next: `${throughReset(workspace, { databases, places })}Without --write the text is only printed; to be put there by hand all the same: migrate-tui migration ${tag} --keep-children ${rewritten?.environment} > rewritten.sql`,
  });
}

/**
 * Where nothing but databases of this machine that may be emptied has run it, they can be built anew from the rewritten
 * file: then file and records agree everywhere. Nothing where that is not so.
 */
function throughReset(workspace: Workspace, { databases, places }: Places): string {
  if (places.some(({ state }) => state === 'unreachable')) return '';
  const environments = whereItRan(places).map((name) => workspace.environment(name));
  const mayGo = (environment: Environment) =>
    !environment.protected &&
    !environment.readOnly &&
    workspace.targetsOf(environment, undefined).every(({ target }) => isHere(target.address));
  if (!environments.every(mayGo)) return '';
  const lines = (command: string, flags: readonly string[]) =>
    environments
      .map(({ name, targets }) => {
        const of = databases.filter((database) => targets.some((target) => target.database === database));
        const which = of.length < targets.length ? of.flatMap((database) => ['--database', database]) : [];
        return commandLine([command, name, ...which, ...flags]);
      })
      .join(' and ');
  const names = environments.map(({ name }) => name).join(' and ');
  return `Where the rows of ${names} may go: ${lines('reset', ['--empty', '--yes'])} takes a backup and empties it, this command then writes the file, and ${lines('deploy', ['--yes'])} builds it anew. `;
}

/** In the project's own folder, which brings its ignore file. @returns where */
async function keep(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '..', '.gitignore'), '*\n');
  const file = join(folder, name);
  await writeSynced(file, bytes, 0o666);
  return file;
}

/** Beside it under a name that no tool takes for a migration, then renamed over it. */
async function swap(file: string, text: string): Promise<void> {
  const made = `${file}.${process.pid}.new`;
  try {
    await writeSynced(made, text, (await stat(file)).mode);
    await rename(made, file);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}

async function writeSynced(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  await using handle = await open(file, 'w', mode);
  await handle.writeFile(content);
  await handle.sync();
}
