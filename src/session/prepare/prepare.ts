import type { Engine } from '../../engines/engine.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { Selection } from '../../operations/change.ts';
import type { Finding } from '../../operations/reports.ts';
import { neverRuns, whyPassedBy } from '../../operations/history/passed-by.ts';
import { tablesWorkedOn } from '../../operations/evidence/row-changes.ts';
import { tagOf } from '../../operations/history/history.ts';
import { selectIn } from '../../operations/history/selection-in.ts';
import type { Selected } from '../../operations/history/selection.ts';
import type { Environment } from '../../project/project.ts';
import type { RuleEngine } from '../../rules/rule.ts';
import { runRules, type RulesInput } from '../../rules/run-rules.ts';
import { readForeignKeys } from '../../schema/foreign-keys.ts';
import { readSchema } from '../../schema/read.ts';
import { referringTo } from '../../schema/referring.ts';
import type { ForeignKey, Schema } from '../../schema/schema.ts';
import type { RunDatabase } from '../../runs/context.ts';
import { estimatedRows } from '../../runs/measure/estimated-rows.ts';
import { countRows } from '../../runs/measure/measure.ts';
import type { Snapshot } from '../../runs/snapshot.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { refuseContradiction } from '../unfinished/contradiction.ts';
import { missingFolder } from '../target/missing-folder.ts';
import { skipsOf, waitingFor } from './promotion.ts';
import { lockIn, readTarget, type ReadTarget } from './read-target.ts';
import { refuseHalf } from './refuse-half.ts';
import { severitiesOf } from '../rule-grounds.ts';
import type { Workspace } from '../workspace.ts';

/** One database of a change, opened, read and with its pending migrations chosen. */
export interface Prepared {
  readonly run: RunDatabase;
  readonly selected: readonly Migration[];
  readonly waiting: readonly { readonly tag: string; readonly why: string }[];
  readonly findings: readonly Finding[];
  /** Of the target as it is now. */
  readonly foreignKeys: readonly ForeignKey[];
  readonly schema: Schema;
  /**
   * Of the tables that a dropped one may take rows from; empty where enforcement can be switched off. On PostgreSQL
   * about how many, of every table that the migrations name.
   */
  readonly rows: ReadonlyMap<string, number>;
  readonly warnings: readonly string[];
  /** `left`: a run that was cut off still stands in the lock's row. */
  readonly lock: 'free' | 'left';
}

export interface PrepareOptions {
  readonly selection: Selection;
  readonly signal: AbortSignal;
  /** A question opens the targets read-only. */
  readonly purpose: 'question' | 'change';
}

/**
 * Opens and reads every database of an environment; what it opened is disposed by the run.
 *
 * @throws MigrateError `refused`, `locked`, `not-found`… before anything was changed
 */
export async function prepare(
  workspace: Workspace,
  environment: Environment,
  { selection, signal, purpose }: PrepareOptions,
): Promise<readonly Prepared[]> {
  const read: ReadTarget[] = [];
  try {
    for (const target of workspace.targetsOf(environment, selection.databases)) {
      const one = await readTarget(workspace, environment, target, {
        signal,
        purpose,
        whenLocked: purpose === 'change' ? 'refuse' : 'go-on',
      });
      read.push(one);
      refuseContradiction(one.snapshot, environment.name);
      refuseHalf(one.snapshot, environment.name);
    }
    const choices = selectIn(
      read.map(({ run, snapshot }) => ({ database: run.database.name, history: snapshot.history })),
      { ...selection, environment: environment.name },
    );
    const prepared: Prepared[] = [];
    for (const one of read) {
      const choice = choices.find(({ database }) => database === one.run.database.name);
      if (choice) prepared.push(await choose(workspace, environment, one, { choice, selection }));
    }
    return prepared;
  } catch (error) {
    await dispose(read);
    throw error;
  }
}

/** Closes what was opened for a change that does not come about. */
export async function dispose(prepared: readonly { readonly run: RunDatabase }[]): Promise<void> {
  for (const { run } of prepared) await run.engine?.[Symbol.asyncDispose]();
}

async function choose(
  workspace: Workspace,
  environment: Environment,
  { run, snapshot, notices }: ReadTarget,
  { choice, selection }: { readonly choice: Selected; readonly selection: Selection },
): Promise<Prepared> {
  if (choice.refusal) throw choice.refusal;
  const held = await waitingFor(workspace, environment, run.database, run.migrations);
  const { selected, waiting } = withoutHeld(choice, held);
  const chosen = { ...run, selected };
  const ground = await readGround(chosen);
  return {
    run: chosen,
    selected,
    waiting,
    ...ground,
    lock: lockIn(snapshot),
    findings: findingsOf(workspace, chosen, ground, { policy: environment.policy }),
    warnings: [
      ...notices,
      ...[
        ...missingFolder(run.target, workspace.project.root),
        ...warningsOf(snapshot, selection),
        ...(await skipsOf(workspace, environment, run.database, selected)),
      ].map((warning) => (environment.targets.length > 1 ? `${run.database.name}: ${warning}` : warning)),
    ],
  };
}

/** What the promotion order holds back; order holds: what comes after one that waits, waits too. */
function withoutHeld(
  { selected, waiting }: Selected,
  held: ReadonlyMap<string, string>,
): Pick<Selected, 'selected' | 'waiting'> {
  const firstHeld = selected.findIndex(({ tag }) => held.has(tag));
  if (firstHeld === -1) return { selected, waiting };
  const back = selected
    .slice(firstHeld)
    .map(({ tag }) => ({ tag, why: held.get(tag) ?? 'an earlier one waits' }));
  return { selected: selected.slice(0, firstHeld), waiting: [...back, ...waiting] };
}

/** What a target is like before anything runs. */
export type TargetGround = Pick<Prepared, 'foreignKeys' | 'schema' | 'rows'>;

/** The target's schema and foreign keys before anything runs; a database that does not exist has none. */
export async function readGround(run: RunDatabase): Promise<TargetGround> {
  const { engine, database } = run;
  if (!engine) return { foreignKeys: [], schema: { objects: [] }, rows: new Map() };
  const [foreignKeys, schema] = await Promise.all([
    readForeignKeys(engine.query),
    readSchema(engine.query, { bookkeeping: [database.table] }),
  ]);
  return {
    foreignKeys,
    schema,
    rows: await rowsInDanger(engine, run.selected, foreignKeys),
  };
}

/**
 * With enforcement always on, a dropped table takes the rows that refer to it along: how many those are is counted,
 * and of no other table, because a server may bill every row that is looked at.
 */
async function rowsInDanger(
  { query, foreignKeys: enforcement }: Engine,
  selected: readonly Migration[],
  foreignKeys: readonly ForeignKey[],
): Promise<ReadonlyMap<string, number>> {
  if (enforcement === 'switchable') return new Map();
  // Asked of the catalogue, so that it costs nothing: the rules say less about small tables.
  if (query.dialect === 'postgres')
    return estimatedRows(query, [...tablesWorkedOn(selected.flatMap(({ statements }) => statements))]);
  const reached = droppedNames(selected).flatMap((table) => referringTo(table, foreignKeys));
  const children = [...new Set(reached.map(({ table }) => table))];
  if (children.length === 0) return new Map();
  const counted = await countRows(query, { tables: children });
  return new Map(counted.map(({ table, rows }) => [table, rows]));
}

/** Under the names that the target has now: one that is renamed on the way may be dropped under its new name. */
function droppedNames(selected: readonly Migration[]): readonly string[] {
  const kinds = selected.flatMap(({ statements }) => statements.flatMap(({ sql }) => partsOf(classify(sql))));
  if (!kinds.some(({ kind }) => kind === 'drop-table')) return [];
  return kinds.flatMap((statement) =>
    statement.kind === 'drop-table' ||
    (statement.kind === 'alter-table' && statement.action.kind === 'rename-table')
      ? [statement.table]
      : [],
  );
}

/** What the rules find in the chosen migrations of a target. */
export function findingsOf(
  { project }: Workspace,
  { selected, database, target }: RunDatabase,
  ground: TargetGround,
  judged: Pick<RulesInput, 'policy' | 'goes'> = {},
): readonly Finding[] {
  return runRules({
    ...judged,
    severities: severitiesOf(project),
    database: database.name,
    migrations: selected,
    ...ground,
    engine: ruleEngineOf(target.address),
    environment: target.environment,
  });
}

/** What cannot be reached is judged as the file that it may become. */
export function ruleEngineOf({ kind }: RunDatabase['target']['address']): RuleEngine {
  return kind === 'unavailable' ? 'libsql-file' : kind;
}

function warningsOf({ history }: Snapshot, { order }: Selection): readonly string[] {
  const tags = (kind: 'skipped' | 'changed' | 'orphan' | 'unrecorded') =>
    history.items.flatMap((item) => (item.kind === kind ? [tagOf(item)] : []));
  const skipped = order === 'in-order' ? tags('skipped') : [];
  return [
    ...skipped.map(
      (tag) =>
        `${tag} ${neverRuns(history.kind)} (${whyPassedBy(history.kind, 'its')}); --out-of-order runs it.`,
    ),
    ...tags('changed').map((tag) => `${tag} was edited after it was applied here; the edit is not run.`),
    ...tags('orphan').map((tag) => `The record ${tag} has no file.`),
    ...tags('unrecorded').map(
      (tag) =>
        `The schema is as if ${tag} had run, but there is no record; running it again is likely to fail.`,
    ),
  ];
}
