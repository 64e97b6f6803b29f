import type { Change } from '../../operations/change.ts';
import { operationOf } from '../../operations/change.ts';
import type { HookFinder, PlanInput } from '../../operations/plan/plan.ts';
import type { Plan } from '../../operations/plan/step.ts';
import { plannedSteps } from '../../operations/plan/planned-steps.ts';
import { quantity } from '../../lib/numbers.ts';
import type { RunContext } from '../../runs/context.ts';
import { rehearsalOf } from '../../runs/rehearsal-of.ts';
import { wouldBeThrownAway } from '../prepare/durability.ts';
import type { Prepared } from '../prepare/prepare.ts';
import type { ReviewedWay } from '../review.ts';
import type { StartOptions } from '../types.ts';
import type { Workspace } from '../workspace.ts';
import { placesAfterDeploy, placesSaid } from './place.ts';

/** What every change stands on while it is carried out. */
export interface Ground {
  readonly workspace: Workspace;
  readonly prepared: readonly Prepared[];
  readonly context: RunContext;
  readonly options: StartOptions;
  readonly hooks: HookFinder;
  /** The way out that is carried out instead of what is pending. */
  readonly way?: ReviewedWay;
  /** What was found before a way out was taken: afterwards nothing in the target shows it. */
  readonly found?: readonly string[];
}

/** How a change ended well, in one sentence. */
export interface Carried {
  readonly message: string;
  /** How to go on, with the command. */
  readonly next?: string;
}

/** Databases with something to do; the others are only shown. */
export function activeOf({ prepared }: Ground): readonly Prepared[] {
  return prepared.filter(({ selected }) => selected.length > 0);
}

/** What the planners need to know of a database. */
export function inputOf({ run, selected }: Prepared): PlanInput {
  return {
    database: run.database.name,
    selected,
    migrations: run.migrations,
    bookkeeping: run.bookkeeping,
    entries: run.entries,
    leaves: run.leaves,
  };
}

/** The same for a rehearsal, which is another one where a target is elsewhere. */
export function rehearsalInputs(active: readonly Prepared[], { context }: Ground) {
  return active.map((one) => ({
    ...inputOf(one),
    rehearsal: rehearsalOf(context.environment, one.run.target.address),
  }));
}

/** The run's first event, with every step to come, and what a person should know beforehand. */
export function announce(
  { context, prepared, workspace, found = [] }: Ground,
  change: Change,
  active: readonly Prepared[],
  plans: readonly Plan[],
): void {
  const { environment, events, who } = context;
  events.emit({
    kind: 'started',
    operation: operationOf(change),
    environment: environment.name,
    protected: environment.protected,
    databases: active.map(({ run }) => run.database.name),
    ...(change.kind === 'recover' && { choice: change.option }),
    steps: plans.flatMap(plannedSteps),
    by: who.by,
    host: who.host,
    version: who.version,
    git: who.git,
  });
  for (const message of found) events.emit({ kind: 'notice', level: 'info', message });
  const passing = active.length === 0 ? undefined : wouldBeThrownAway(workspace, environment);
  for (const message of [
    ...prepared.flatMap(({ warnings }) => warnings),
    ...(passing === undefined ? [] : [passing]),
  ]) {
    events.emit({ kind: 'notice', level: 'warning', message });
  }
}

/** Where an earlier run rehearsed it, that run's backup is the one that leads back from this one, too. */
export function standOnBackup({ context: { progress } }: Ground, active: readonly Prepared[]): void {
  progress.backup ??= active.flatMap(({ run }) => run.backup?.id ?? [])[0];
}

/** A deploy without anything to do is done, and says why. */
export function nothingToDo({ context, prepared }: Ground): Carried {
  const waiting = prepared.flatMap((one) => one.waiting);
  const [first] = waiting;
  const name = context.environment.name;
  if (first)
    return {
      message: `Nothing to deploy to ${name} now: ${quantity(waiting.length, 'migration')} ${waiting.length === 1 ? 'waits' : 'wait'}. ${first.tag}: ${first.why}.`,
    };
  return { message: `Nothing to deploy: ${name} is ${placesSaid(placesAfterDeploy(prepared))}.` };
}
