import { count } from '../../lib/numbers.ts';
import type { PlannedStep, RunEvent, StepName } from '../../operations/events.ts';
import { foldMigration, plannedMigration } from './run-migration.ts';
import { foldTables } from './run-tables.ts';
import {
  unheard,
  type NoticeView,
  type Outcome,
  type Progress,
  type Rehearsed,
  type RunView,
  type StepView,
  type WayBack,
} from './run-view.ts';

/** What a list of events says, from the first to the last one known; a dry-run's may stand before its deploy's. */
export function foldRun(events: readonly RunEvent[]): RunView {
  return events.reduce(withEvent, unheard);
}

/** One more event. Kinds that are not known change nothing but when the run was last heard. */
export function withEvent(view: RunView, event: RunEvent): RunView {
  // What is refused before it begins is no run: its number leads nowhere.
  const run = event.kind === 'started' || view.startedAt !== undefined ? event.run : view.run;
  const heard = { ...view, run, lastHeard: event.at };
  switch (event.kind) {
    case 'started':
      return started(heard, event);
    case 'step-started':
      return stepStarted(heard, event);
    case 'statement':
      return event.step === 'migrate'
        ? { ...heard, migrations: foldMigration(heard.migrations, event) }
        : inStep(heard, event, { progress: statementProgress(event) });
    case 'progress':
      return {
        ...inStep(heard, event, { progress: progressOf(event) }),
        tables: foldTables(heard.tables, event),
      };
    case 'step-finished':
      return stepFinished(heard, event);
    case 'step-failed':
      return stepFailed(heard, event);
    case 'confirmed':
      return confirmed(heard, event);
    case 'backup-renewed':
      return { ...heard, wayBack: renewed(event) };
    case 'notice':
      return { ...heard, notices: [...heard.notices, noticed(heard, event)] };
    case 'rehearsed':
      return { ...heard, rehearsed: rehearsed(event) };
    case 'done':
      return ended(heard, doneBy(event));
    case 'failed':
      return ended(heard, { ...event, undone: event.undone ?? [], hash: event.hash });
    default:
      // A newer version may send more kinds: consumers ignore what they do not know.
      return heard;
  }
}

function noticed({ confirmed: agreed }: RunView, { level, message }: EventOf<'notice'>): NoticeView {
  return { level, message, heard: agreed ? 'after-consent' : 'before-consent' };
}

type EventOf<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

type Planned = Pick<EventOf<'started'>, 'operation' | 'environment' | 'protected' | 'databases' | 'steps'>;

/** A run that has not begun: what is known of it is its plan. */
export function plannedView(planned: Planned): RunView {
  return withPlan(unheard, planned);
}

function started(view: RunView, event: EventOf<'started'>): RunView {
  return {
    ...withPlan(view, event),
    // A deploy that follows its dry-run is one way to the person: what the dry-run did stays on the page.
    outcome: { kind: 'running' },
    by: event.by,
    host: event.host,
    version: event.version,
    git: event.git,
    startedAt: event.at,
    stopping: undefined,
  };
}

function withPlan(
  view: RunView,
  { operation, environment, protected: isProtected, databases, steps }: Planned,
): RunView {
  return {
    ...view,
    operation,
    environment,
    protected: isProtected,
    databases,
    // What an earlier run did stays; what it announced and left to this one is announced anew.
    steps: [...view.steps.filter((step) => !isAhead(step)), ...steps.reduce(withPlanned, [])],
    migrations: steps.filter(({ step }) => step === 'migrate').map(plannedMigration),
  };
}

function isAhead({ state }: StepView): boolean {
  return state === 'to-come' || state === 'not-started';
}

function withPlanned(steps: readonly StepView[], planned: PlannedStep): readonly StepView[] {
  const { step, database, label } = planned;
  if (step === 'migrate' && steps.some((other) => sameStep(other, planned))) return steps;
  return [...steps, { step, database, label: step === 'migrate' ? '' : label, state: 'to-come' }];
}

function rehearsed({ plan, hash, losses, findings = [], at }: EventOf<'rehearsed'>): Rehearsed {
  return { plan, hash, losses, findings, at };
}

function stepStarted(view: RunView, event: EventOf<'step-started'>): RunView {
  const known = view.steps.some((step) => sameStep(step, event) && isOpen(step));
  const { step, database, at } = event;
  const steps: readonly StepView[] = known
    ? view.steps
    : [...view.steps, { step, database, label: '', state: 'to-come' }];
  const next = {
    ...view,
    steps,
    stopping: event.stopping,
    migrations: foldMigration(view.migrations, event),
  };
  const running = steps.find((other) => sameStep(other, event) && isOpen(other));
  return inStep(next, event, { state: 'running', startedAt: running?.startedAt ?? at });
}

function stepFinished(view: RunView, event: EventOf<'step-finished'>): RunView {
  const migrations = foldMigration(view.migrations, event);
  const before = view.steps.find((step) => sameStep(step, event) && isOpen(step));
  const wholeStep =
    event.step !== 'migrate' ||
    !migrations.some(({ database, state }) => database === event.database && state === 'to-come');
  const next = inStep({ ...view, migrations }, event, {
    ...(wholeStep ? { state: 'done' as const } : {}),
    took: (event.step === 'migrate' ? (before?.took ?? 0) : 0) + event.took,
    says: event.says,
  });
  return {
    ...next,
    wayBack: wayBackAfter(next, event),
    evidence: event.evidence ? [...next.evidence, event.evidence] : next.evidence,
    checks: [...next.checks, ...(event.checks ?? [])],
    rows: [...next.rows, ...(event.rows ?? [])],
    tables: foldTables(next.tables, event),
  };
}

function wayBackAfter({ wayBack }: RunView, event: EventOf<'step-finished'>): WayBack | undefined {
  if (event.step === 'backup' && event.backup !== undefined) {
    return {
      backup: event.backup,
      databases: event.database.split(', '),
      at: event.at,
      proof: proofOf(event),
      because: undefined,
    };
  }
  return event.step === 'dry-run' && wayBack && event.evidence?.rows === 'backup'
    ? { ...wayBack, proof: 'proven' }
    : wayBack;
}

function renewed(event: EventOf<'backup-renewed'>): WayBack {
  const { backup, database, at, because } = event;
  return { backup, databases: [database], at, proof: proofOf(event), because };
}

function proofOf({ keptBy }: { readonly keptBy?: 'server' }): WayBack['proof'] {
  return keptBy === 'server' ? 'kept-by-server' : 'read-back';
}

function stepFailed(view: RunView, event: EventOf<'step-failed'>): RunView {
  const next = inStep(view, event, { state: 'failed', took: event.took, says: sayStop(event) });
  return { ...next, migrations: foldMigration(view.migrations, event) };
}

/** A row is narrow: which migration it was is said before the sentence about it. */
function sayStop({ step, tag, statement, message }: EventOf<'step-failed'>): string {
  if (step === 'migrate' || tag === undefined) return message;
  return `${tag}${statement === undefined ? '' : `, statement ${count(statement)}`}: ${message}`;
}

function confirmed(view: RunView, { by, how, hash, at }: EventOf<'confirmed'>): RunView {
  const steps = view.steps.map((step) =>
    step.step === 'confirm' ? { ...step, state: 'done' as const } : step,
  );
  return { ...view, steps, confirmed: { by, how, hash, at } };
}

function doneBy({ kind, at, message, next, applied, took }: EventOf<'done'>): Outcome {
  return { kind, at, message, ...(next === undefined ? {} : { next }), applied, took };
}

function ended(view: RunView, outcome: Outcome): RunView {
  const open = view.steps.map((step): StepView => (isOpen(step) ? { ...step, state: 'not-started' } : step));
  const steps = outcome.kind === 'done' ? view.steps.filter((step) => step.state !== 'to-come') : open;
  return { ...view, steps, stopping: undefined, outcome };
}

function statementProgress(event: EventOf<'statement'>): Progress {
  return { done: event.number, total: event.of, unit: 'statements', what: event.tag };
}

function progressOf({ done, total, unit, what, left }: EventOf<'progress'>): Progress {
  return { done, total, unit, what, ...(left !== undefined && { left }) };
}

/** Changes the step that the event belongs to: the first of that kind and database which is not over. */
function inStep(
  view: RunView,
  event: { readonly step: StepName; readonly database: string },
  change: Partial<StepView>,
): RunView {
  const at = view.steps.findIndex((step) => sameStep(step, event) && isOpen(step));
  if (at < 0) return view;
  return { ...view, steps: view.steps.map((step, index) => (index === at ? { ...step, ...change } : step)) };
}

function isOpen({ state }: StepView): boolean {
  return state === 'to-come' || state === 'running';
}

function sameStep(a: Pick<StepView, 'step' | 'database'>, b: Pick<StepView, 'step' | 'database'>): boolean {
  return a.step === b.step && a.database === b.database;
}
