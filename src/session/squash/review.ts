import type { Migration, MigrationFolder } from '../../migrations/migration.ts';
import { findMigration } from '../../operations/history/find-migration.ts';
import { installationRefusals, refusalsOf, squashableTo } from '../../operations/squash/refusals.ts';
import type {
  SquashEnvironment,
  SquashProof,
  SquashReport,
  SquashRequest,
} from '../../operations/squash/report.ts';
import type { Database } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import { askEnvironments, judgeForSquash, judgeForTidying, type Asked } from './ask-environments.ts';
import { branchRefusals } from './branches.ts';
import { databaseFlag } from './database-flag.ts';
import { gitProof } from './git-state.ts';
import { newestSquash } from './newest-squash.ts';
import { provenBaseline } from './proven-baseline.ts';
import { reportHead } from './report-head.ts';
import type { WholeSnapshot } from './whole-snapshot.ts';

/** What a squash would write, once everything was proven and asked; nothing is written. */
export interface Reviewed {
  readonly report: SquashReport;
  readonly folder: MigrationFolder;
  /** There where it can be written. */
  readonly possible?: {
    readonly range: readonly Migration[];
    readonly last: Migration;
    readonly text: string;
    readonly snapshot: WholeSnapshot;
  };
}

export interface Proving {
  readonly signal: AbortSignal;
  /** Called with each proof as soon as it is known, in the order of the report. */
  readonly onProof: (proof: SquashProof) => void;
}

/** Puts the one file together, proves it and asks the environments about it; writes nothing. */
export async function review(
  workspace: Workspace,
  database: Database,
  request: SquashRequest,
  { signal, onProof }: Proving,
): Promise<Reviewed> {
  const folder = await workspace.folderOf(database);
  const range = rangeOf(folder.migrations, request.to);
  const newest = await newestSquash(folder);
  const head = reportHead(workspace, { database, folder, migrations: range, newest });
  const ask = (judge: Asked['judge']) =>
    askEnvironments(workspace, { database, leaveOut: request.leaveOut, signal, judge });
  const last = range.at(-1);
  if (!last || range.length < 2) {
    const environments = newest ? await ask(judgeForTidying(folder.migrations)) : [];
    const next = tidyNext(environments, databaseFlag(workspace, database));
    return { folder, report: { ...head, environments, state: 'nothing', next } };
  }
  const git = await gitProof(folder.directory, signal);
  onProof(git);
  const { baseline, text, snapshot, proof, changing } = await provenBaseline(
    { workspace, database, folder, range, archive: head.archive, accepted: request.accepted },
    { signal, onProof },
  );
  const proofs = [git, ...proof];
  const environments = await ask(judgeForSquash(range, { database, folder: folder.migrations }));
  const otherRefusals = [
    ...installationRefusals(workspace.project.installations, last.tag),
    ...(await branchRefusals(range, folder.migrations)),
  ];
  const refusals = refusalsOf({ proofs, environments, changing, other: otherRefusals });
  const report = { ...head, baseline, proof: proofs, environments, changing, refusals, otherRefusals };
  const command = (to: string | undefined) =>
    commandOf({ ...request, to }, databaseFlag(workspace, database));
  return refusals.length > 0
    ? { folder, report: refused(report, command) }
    : { folder, report: possible(report, command(request.to)), possible: { range, last, text, snapshot } };
}

function rangeOf(migrations: readonly Migration[], to: string | undefined): readonly Migration[] {
  if (to === undefined) return migrations;
  return migrations.slice(0, migrations.indexOf(findMigration(migrations, to)) + 1);
}

function tidyNext(environments: readonly SquashEnvironment[], database: readonly string[]): string {
  const untidy = environments.find(({ tidy }) => tidy !== undefined);
  return untidy
    ? `Records of what the one file stands for become one with: ${['migrate-tui squash --tidy', untidy.environment, ...database].join(' ')}`
    : 'There is nothing to do.';
}

type Found = Omit<SquashReport, 'state' | 'next'>;

function refused(report: Found, command: (to: string) => string): SquashReport {
  const tags = report.migrations.map(({ tag }) => tag);
  const possibleTo = squashableTo(tags, report.environments);
  if (possibleTo === undefined) {
    const next = 'Nothing was written. Once that is put right, run it again.';
    return { ...report, state: 'refused', next };
  }
  const next = `Nothing was written. Every environment that was asked ran all up to ${possibleTo}: ${command(possibleTo)}`;
  return { ...report, state: 'refused', possibleTo, next };
}

function possible(report: Found, command: string): SquashReport {
  const next = `Nothing was written. Add --yes to write it: ${command} --yes`;
  return { ...report, state: 'possible', next };
}

function commandOf({ to, leaveOut, accepted }: SquashRequest, database: readonly string[]): string {
  return [
    'migrate-tui squash',
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...database,
    ...leaveOut.map((environment) => `--leave-out ${environment}`),
    ...accepted.map(({ table }) => `--accept replay-differs:${table}`),
    ...(accepted.length > 0 ? ["--reason '…'"] : []),
  ].join(' ');
}
