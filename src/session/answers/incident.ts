import { version } from '../../lib/version.ts';
import { incidentMarkdown } from '../../operations/incident/incident-report.ts';
import type { DatabaseNow, IncidentDatabase, IncidentUnit } from '../../operations/incident/incident.ts';
import type { Question } from '../../operations/questions.ts';
import type { BackupSummary, IncidentReport, RunReport } from '../../operations/reports.ts';
import type { Environment } from '../../project/project.ts';
import { summaryOf } from '../../runs/backups/summary.ts';
import { listBackups } from '../../runs/backups/backups.ts';
import { foundNow } from '../unfinished/found-now.ts';
import { incidentRun, runsAfter } from '../unfinished/incident-runs.ts';
import { knowledgeAtHand, readKnowledge, type Knowledge } from '../knowledge.ts';
import type { Workspace } from '../workspace.ts';
import { answerRun } from './runs.ts';

type IncidentQuestion = Extract<Question, { kind: 'incident' }>;

/** The incident report of a run, or of what is unfinished in an environment. Only reads, and needs no ledger. */
export async function answerIncident(
  workspace: Workspace,
  { about }: IncidentQuestion,
  signal: AbortSignal = new AbortController().signal,
): Promise<IncidentReport> {
  const knowledge = about.kind === 'run' ? await readKnowledge(workspace) : await knowledgeAtHand(workspace);
  const place = await placeOf(workspace, about);
  const now = await nowOf(workspace, place, signal);
  const run = about.kind === 'run' ? about.run : incidentRun(knowledge, place, [...now.values()]);
  const later = run === undefined ? [] : runsAfter(knowledge, place, run);
  const reports = await reportsOf(workspace, [
    ...(run === undefined ? [] : [run]),
    ...later.slice(0, mostLater),
  ]);
  const at = new Date().toISOString();
  const ids = reports.map(({ summary }) => summary.run);
  const markdown = incidentMarkdown({
    environment: place.environment,
    at,
    version: version(),
    root: workspace.project.root,
    run: run === undefined ? undefined : reports[0],
    later: run === undefined ? [] : reports.slice(1),
    laterStill: Math.max(0, later.length - mostLater),
    databases: await databasesOf(workspace, now, { knowledge, runs: ids }),
    backups: await backupsOf(workspace, place.environment),
  });
  return {
    schemaVersion: 1,
    kind: 'incident-report',
    environment: place.environment,
    ...(run === undefined ? {} : { run }),
    at,
    cases: [...now.values()].flatMap((one) => (one.kind === 'read' ? one.cases : [])).length,
    notRead: [...now].flatMap(([name, { kind }]) => (kind === 'not-read' ? [name] : [])),
    markdown,
  };
}

/** An incident with more runs after it is long over. */
const mostLater = 10;

interface Place {
  readonly environment: string;
  readonly databases: readonly string[];
}

/** A run may be of an environment, or of databases, that the project no longer has. */
async function placeOf(workspace: Workspace, about: IncidentQuestion['about']): Promise<Place> {
  if (about.kind === 'run') {
    const { summary } = await answerRun(workspace, about.run);
    return { environment: summary.environment, databases: summary.databases };
  }
  const environment = workspace.environment(about.environment);
  const targets = workspace.targetsOf(environment, about.databases);
  return { environment: environment.name, databases: targets.map(({ database }) => database.name) };
}

async function nowOf(
  workspace: Workspace,
  { environment: name, databases }: Place,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DatabaseNow>> {
  const environment = workspace.project.environments.find((one) => one.name === name);
  const found = new Map<string, DatabaseNow>();
  for (const database of databases) {
    found.set(database, await oneNow(workspace, environment, { name, database }, signal));
  }
  return found;
}

async function oneNow(
  workspace: Workspace,
  environment: Environment | undefined,
  { name, database }: { readonly name: string; readonly database: string },
  signal: AbortSignal,
): Promise<DatabaseNow> {
  const isThere = environment?.targets.some((target) => target.database === database) === true;
  if (!environment || !isThere) {
    return {
      kind: 'not-read',
      why: `The project no longer has ${environment ? `${database} in ` : ''}${name}.`,
    };
  }
  const [target] = workspace.targetsOf(environment, [database]);
  if (!target) throw new Error(`${database} is in ${name} and is not found there.`);
  return foundNow(workspace, environment, target, signal);
}

async function reportsOf(workspace: Workspace, runs: readonly number[]): Promise<readonly RunReport[]> {
  const reports: RunReport[] = [];
  for (const run of runs) reports.push(await answerRun(workspace, run));
  return reports;
}

async function databasesOf(
  workspace: Workspace,
  now: ReadonlyMap<string, DatabaseNow>,
  { knowledge, runs }: { readonly knowledge: Knowledge; readonly runs: readonly number[] },
): Promise<readonly IncidentDatabase[]> {
  return Promise.all(
    [...now].map(async ([name, found]) => {
      const database = workspace.project.databases.find((one) => one.name === name);
      return {
        name,
        migrations: database ? (await workspace.folderOf(database)).migrations : [],
        units: knowledge.units
          .filter((unit) => unit.database === name && runs.includes(unit.run))
          .map(unitOf),
        now: found,
      };
    }),
  );
}

function unitOf(unit: Knowledge['units'][number]): IncidentUnit {
  return {
    run: unit.run,
    tag: unit.tag,
    hash: unit.hash,
    ...(unit.statementHashes && { statementHashes: unit.statementHashes }),
    outcome: outcomeOf(unit.outcome),
    took: unit.took ?? undefined,
  };
}

function outcomeOf(outcome: string | null): IncidentUnit['outcome'] {
  if (outcome === null) return 'none-recorded';
  return outcome === 'committed' || outcome === 'undone' || outcome === 'half' ? outcome : 'unknown';
}

async function backupsOf(
  { places, project }: Workspace,
  environment: string,
): Promise<readonly BackupSummary[]> {
  const all = await listBackups(places.backups);
  return all
    .filter((manifest) => manifest.environment === environment)
    .map((manifest) => summaryOf(places.backups, manifest, project.backups));
}
