import { basename, relative } from 'node:path';
import { existsSync } from 'node:fs';
import { MigrateError } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Migration, MigrationFolder } from '../../migrations/migration.ts';
import { finishCutOff, writeSquash } from '../../migrations/squash-files.ts';
import { squashedFolder, type Squash } from '../../migrations/squashed.ts';
import { findMigration } from '../../operations/find-migration.ts';
import type { SquashEnvironment, SquashReport, SquashRequest } from '../../operations/squash-report.ts';
import { installationRefusals, refusalsOf, squashableTo } from '../../operations/squash-refusals.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import { askEnvironments, judgeForSquash, judgeForTidying, type Asked } from './ask-environments.ts';
import { branchRefusals } from './branches.ts';
import { databaseFlag } from './database-flag.ts';
import { gitProof } from './git-state.ts';
import { newestSquash } from './newest-squash.ts';
import { provenBaseline } from './proven-baseline.ts';
import { undo } from './undo.ts';

/**
 * Makes one file of a history, or of its beginning, and proves that it is the same; with consent, writes it. No target
 * is ever written: the file has the name and the time of the last that it stands for, so who ran that never runs it.
 *
 * @throws MigrateError `migrations` where the history gives no database; `usage`, `not-found`
 */
export async function squash(
  workspace: Workspace,
  request: SquashRequest,
  signal: AbortSignal,
): Promise<SquashReport> {
  const database = databaseOf(workspace, request.database);
  finishCutOff(database.directory);
  if (request.what === 'undo') return undo(workspace, database, request, signal);
  const folder = await workspace.folderOf(database);
  const range = rangeOf(folder.migrations, request.to);
  const before = await newestSquash(folder);
  const common = {
    ...commonOf(workspace, database, folder, range),
    ...(before && { undo: { tag: before.baseline.tag, migrations: before.made.migrations.length } }),
  };
  const last = range.at(-1);
  const ask = (judge: Asked['judge']) =>
    askEnvironments(workspace, { database, leaveOut: request.leaveOut, signal, judge });
  if (!last || range.length < 2) {
    const environments = before ? await ask(judgeForTidying(folder.migrations)) : [];
    return {
      ...common,
      environments,
      state: 'nothing',
      next: tidyNext(environments, databaseFlag(workspace, database)),
    };
  }
  const { baseline, text, proof, changing } = await provenBaseline(
    { workspace, database, folder, range, archive: common.archive, accepted: request.accepted },
    signal,
  );
  const git = await gitProof(folder.directory, signal);
  const environments = await ask(judgeForSquash(range, { database, folder: folder.migrations }));
  const proofs = [git, ...proof];
  const otherRefusals = [
    ...installationRefusals(workspace.project.installations, last.tag),
    ...(await branchRefusals(range, folder.migrations)),
  ];
  const refusals = refusalsOf({ proofs, environments, changing, other: otherRefusals });
  const report = { ...common, baseline, proof: proofs, environments, changing, refusals, otherRefusals };
  if (refusals.length > 0) {
    const tags = range.map(({ tag }) => tag);
    const to = squashableTo(tags, environments);
    const next =
      to === undefined
        ? 'Nothing was written. Once that is put right, run it again.'
        : `Nothing was written. Every environment that was asked ran all up to ${to}: ${commandOf({ ...request, to }, database, workspace)}`;
    return { ...report, state: 'refused', ...(to !== undefined && { possibleTo: to }), next };
  }
  if (request.consent === 'not-given') {
    return {
      ...report,
      state: 'possible',
      next: `Nothing was written. Add --yes to write it: ${commandOf(request, database, workspace)} --yes`,
    };
  }
  await refuseMoved(folder, range);
  const made = await squashMade(workspace, { database, range, last, text, request });
  await writeSquash({ folder, range, squash: made, text });
  const next =
    'Commit the folder and the archive together. migrate-tui squash --undo puts the originals back while no environment was made from the one file.';
  const undoes = { tag: last.tag, migrations: range.length };
  const untidy = environments.map((one) =>
    one.records !== undefined && one.records > 1 ? { ...one, tidy: one.records } : one,
  );
  return { ...report, environments: untidy, undo: undoes, state: 'written', next };
}

function tidyNext(environments: readonly SquashEnvironment[], database: readonly string[]): string {
  const untidy = environments.find(({ tidy }) => tidy !== undefined);
  return untidy
    ? `Records of what the one file stands for become one with: ${['migrate-tui squash --tidy', untidy.environment, ...database].join(' ')}`
    : 'There is nothing to do.';
}

function databaseOf({ project }: Workspace, wanted: string | undefined): Database {
  const names = project.databases.map(({ name }) => name);
  const [first, ...others] = project.databases;
  if (wanted === undefined && first && others.length === 0) return first;
  const found = project.databases.find(({ name }) => name === wanted);
  if (found) return found;
  if (wanted !== undefined) {
    throw new MigrateError('not-found', `The project has no database ${wanted}.`, {
      next: `It has ${names.join(', ')}.`,
    });
  }
  throw new MigrateError('usage', `The project has ${names.length} databases; a squash is of one.`, {
    next: `Add --database ${names.join(' or --database ')}.`,
  });
}

function rangeOf(migrations: readonly Migration[], to: string | undefined): readonly Migration[] {
  if (to === undefined) return migrations;
  return migrations.slice(0, migrations.indexOf(findMigration(migrations, to)) + 1);
}

function commonOf(
  { project: { root } }: Workspace,
  database: Database,
  folder: MigrationFolder,
  range: readonly Migration[],
) {
  return {
    schemaVersion: 1,
    kind: 'squash',
    database: database.name,
    folder: relative(root, folder.directory) || '.',
    archive: relative(root, squashedFolder(folder.directory)),
    migrations: range.map(({ tag, hash }) => ({ tag, hash })),
    proof: [],
    environments: [],
    changing: [],
    refusals: [],
    otherRefusals: [],
  } as const;
}

function commandOf(
  { to, leaveOut, accepted }: SquashRequest,
  { name }: Database,
  { project }: Workspace,
): string {
  return [
    'migrate-tui squash',
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...databaseFlag({ project }, { name }),
    ...leaveOut.map((environment) => `--leave-out ${environment}`),
    ...accepted.map(({ table }) => `--accept replay-differs:${table}`),
    ...(accepted.length > 0 ? ["--reason '…'"] : []),
  ].join(' ');
}

/** The proof took a while; what it proved must still be what is there. */
async function refuseMoved({ directory }: MigrationFolder, range: readonly Migration[]): Promise<void> {
  const { readSqlFile } = await import('../../migrations/sql-file.ts');
  for (const { tag, file, hash } of range) {
    if (existsSync(file) && (await readSqlFile(file)).hash === hash) continue;
    throw new MigrateError(
      'target-changed',
      `${tag} in ${directory} was edited meanwhile. Nothing was written.`,
      {
        next: 'Run it again.',
      },
    );
  }
}

interface ToMake {
  readonly database: Database;
  readonly range: readonly Migration[];
  readonly last: Migration;
  readonly text: string;
  readonly request: SquashRequest;
}

async function squashMade(
  workspace: Workspace,
  { database, range, last, text, request }: ToMake,
): Promise<Squash> {
  const { nameOf } = await workspace.bookkeepingOf(database);
  return {
    tag: last.tag,
    hash: sha256(text),
    hashWithOtherLineEnds: sha256(text.replaceAll('\n', '\r\n')),
    archive: basename(last.tag).replace(/[^\w.-]/g, '-'),
    squashedAt: new Date().toISOString(),
    accepted: request.accepted,
    migrations: range.map((migration) => {
      const name = nameOf(migration);
      const { tag, hash, hashWithOtherLineEnds = hash, when } = migration;
      return { tag, hash, hashWithOtherLineEnds, when, ...(name === undefined ? {} : { name }) };
    }),
  };
}
